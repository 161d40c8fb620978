/**
 * libpq's `sslmode` for Node's TLS (PostgreSQL documentation, libpq, 34.19): in which order to try with and without
 * encryption, and what to check of the certificate.
 */

import { existsSync } from 'node:fs';
import { homedir } from 'node:os';
import type { SecureVersion } from 'node:tls';
import type { ConnectionOptions } from 'node:tls';
import { readSmallFile } from '../../../system/small-file.ts';
import { postgresErrors } from '../errors.ts';
import { isSocketDirectory, type PgAddress } from './address.ts';

/** `false`: without encryption. Attempts are made in order until one is not refused for its encryption. */
export type TlsAttempt = ConnectionOptions | false;

export async function tlsAttempts(address: PgAddress): Promise<readonly TlsAttempt[]> {
  const mode = address.sslmode ?? (address.options['PGSSLROOTCERT'] === 'system' ? 'verify-full' : 'prefer');
  if (mode === 'disable' || isSocketDirectory(address.host)) return [false];
  const options = await tlsOptions(address, mode);
  if (mode === 'prefer') return [options, false];
  if (mode === 'allow') return [false, options];
  return [options];
}

async function tlsOptions(address: PgAddress, mode: string): Promise<ConnectionOptions> {
  const home = `${homedir()}/.postgresql`;
  const given = address.options;
  const [ca, cert, key, crl] = await Promise.all([
    readRootCertificate(given['PGSSLROOTCERT'], `${home}/root.crt`, mode),
    readIfThere(given['PGSSLCERT'], `${home}/postgresql.crt`),
    readIfThere(given['PGSSLKEY'], `${home}/postgresql.key`),
    readIfThere(given['PGSSLCRL'], `${home}/root.crl`),
  ]);
  // With a root certificate at hand `require` checks against it, as libpq does for the sake of old installations.
  const verifies = mode.startsWith('verify-') || (mode === 'require' && ca !== null);
  return {
    rejectUnauthorized: verifies,
    ...(mode === 'verify-full' ? {} : { checkServerIdentity: () => undefined }),
    ...(ca === null ? {} : { ca }),
    ...(cert === null || key === null ? {} : { cert, key }),
    ...(crl === null ? {} : { crl }),
    ...versionOption('minVersion', given['PGSSLMINPROTOCOLVERSION']),
    ...versionOption('maxVersion', given['PGSSLMAXPROTOCOLVERSION']),
  };
}

async function readRootCertificate(given: string | undefined, usual: string, mode: string): Promise<string | null> {
  if (given === 'system') return null;
  const text = await readIfThere(given, usual);
  if (text === null && mode.startsWith('verify-')) {
    throw postgresErrors.make('tls-failed', `sslmode ${mode} needs a root certificate, and ${usual} does not exist`, {
      hint: 'Name the file in sslrootcert, or use sslrootcert=system for the certificates this machine trusts.',
    });
  }
  return text;
}

/** A file that was named must be readable; the usual one may be missing. */
async function readIfThere(given: string | undefined, usual: string): Promise<string | null> {
  if (given === undefined && !existsSync(usual)) return null;
  try {
    return await readSmallFile(given ?? usual);
  } catch (cause) {
    throw postgresErrors.make('tls-failed', `cannot read ${given ?? usual}`, { cause });
  }
}

function versionOption(name: 'minVersion' | 'maxVersion', text: string | undefined): ConnectionOptions {
  const versions: readonly SecureVersion[] = ['TLSv1', 'TLSv1.1', 'TLSv1.2', 'TLSv1.3'];
  const version = versions.find((known) => known === text);
  return version === undefined ? {} : { [name]: version };
}
