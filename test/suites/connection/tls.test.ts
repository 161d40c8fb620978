import { execFile } from 'node:child_process';
import { chown, chmod } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openSession } from '../../../src/engine/postgres/connection/session.ts';
import { unprivilegedUser } from '../../../src/system/unprivileged-user.ts';
import { startPostgres, type TestServer } from '../../harness/postgres-server.ts';
import { makeSharedDirectory, type TestDirectory } from '../../harness/temporary.ts';
import { addressOf, takeBackup } from '../dump/take-backup.ts';

let server: TestServer;
let directory: TestDirectory;
let certificate: string;

beforeAll(async () => {
  directory = await makeSharedDirectory('tls');
  certificate = join(directory.path, 'server.crt');
  const key = join(directory.path, 'server.key');
  await promisify(execFile)('openssl', [
    ...['req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-days', '2', '-subj', '/CN=localhost'],
    ...['-addext', 'subjectAltName=DNS:localhost', '-keyout', key, '-out', certificate],
  ]);
  const user = await unprivilegedUser();
  if (user !== null) await chown(key, user.uid, user.gid);
  await chmod(key, 0o600);
  server = await startPostgres({ settings: { ssl: 'on', ssl_cert_file: certificate, ssl_key_file: key } });
});
afterAll(async () => {
  await server[Symbol.asyncDispose]();
  await directory[Symbol.asyncDispose]();
});

async function isEncrypted(host: string, parameters: string): Promise<boolean | undefined> {
  const { address } = addressOf(`postgres://postgres@${host}:${String(server.port)}/postgres?${parameters}`);
  await using session = await openSession(address, { purpose: 'test', signal: new AbortController().signal });
  const [row] = await session.query<{ ssl: boolean }>('select ssl from pg_stat_ssl where pid = pg_backend_pid()');
  return row?.ssl;
}

describe('sslmode', () => {
  it.each([
    ['127.0.0.1', 'sslmode=disable', false],
    ['127.0.0.1', 'sslmode=allow', false],
    ['127.0.0.1', '', true],
    ['127.0.0.1', 'sslmode=prefer', true],
    ['127.0.0.1', 'sslmode=require', true],
    ['127.0.0.1', 'sslmode=verify-ca&sslrootcert=CRT', true],
    ['localhost', 'sslmode=verify-full&sslrootcert=CRT', true],
  ])('%s with %s is encrypted: %s', async (host, parameters, expected) => {
    expect(await isEncrypted(host, parameters.replace('CRT', certificate))).toBe(expected);
  });

  it.each([
    ['127.0.0.1', 'sslmode=verify-full&sslrootcert=CRT'],
    ['localhost', 'sslmode=verify-full&sslrootcert=system'],
    ['localhost', 'sslmode=verify-ca&sslrootcert=/nonexistent'],
  ])('%s with %s is refused', async (host, parameters) => {
    await expect(isEncrypted(host, parameters.replace('CRT', certificate))).rejects.toMatchObject({
      code: 'tls-failed',
    });
  });

  it('reaches pg_dump too', async () => {
    const url = `postgres://postgres@localhost:${String(server.port)}/postgres?sslmode=verify-full&sslrootcert=${certificate}`;
    await server.psql('CREATE TABLE t AS SELECT generate_series(1, 100000) AS id');
    const seen: string[] = [];
    await takeBackup(server, 'postgres', {
      url,
      onChunk: async (spec) => {
        if (spec.role !== 'archive' || seen.length > 0) return;
        seen.push(
          await server.psql(
            "SELECT bool_and(ssl) FROM pg_stat_ssl JOIN pg_stat_activity USING (pid) WHERE application_name LIKE 'holdfast%'",
          ),
        );
      },
    });
    expect(seen).toEqual(['t']);
  });
});
