import { existsSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import type { TargetSpec } from '../../engine.ts';
import {
  describeAddress,
  describePlace,
  isSocketDirectory,
  libpqEnvironment,
  parsePgUrl,
  readAddress,
  withDatabase,
} from './address.ts';

function target(url: string, environment: Record<string, string> = {}): TargetSpec {
  return { url, origin: 'test', baseDir: '/', environment };
}

describe('an address', () => {
  it('takes from the environment what the URL leaves open', () => {
    const environment = { PGPASSWORD: '@:/?#%\'" $', PGPORT: '6000', PGUSER: 'other', PGSSLMODE: 'require' };
    expect(parsePgUrl(target('postgres://app@db/main', environment))).toEqual({
      host: 'db',
      port: 6000,
      user: 'app',
      password: '@:/?#%\'" $',
      database: 'main',
      sslmode: 'require',
      options: {},
    });
  });

  it('leaves out parameters that libpq does not know', () => {
    const address = parsePgUrl(
      target('postgres://u@h/db?schema=public&pgbouncer=true&connection_limit=1&pool_timeout=0&application_name=x'),
    );
    expect(address.options).toEqual({ PGAPPNAME: 'x' });
  });

  it('uses the first of several hosts and knows the others', () => {
    const read = readAddress(target('postgres://u@a:5433,b:5434/db'));
    expect([read.address.host, read.address.port, read.furtherHosts]).toEqual(['a', 5433, ['b']]);
  });

  it('hands everything to tools by environment', () => {
    const address = parsePgUrl(
      target('postgres://u:p%3D@h:5433/a%20b?sslmode=verify-ca&sslrootcert=/ca.pem&connect_timeout=3'),
    );
    expect(libpqEnvironment(withDatabase(address, 'c=d'))).toMatchObject({
      PGHOST: 'h',
      PGPORT: '5433',
      PGUSER: 'u',
      PGPASSWORD: 'p=',
      PGDATABASE: 'c=d',
      PGSSLMODE: 'verify-ca',
      PGSSLROOTCERT: '/ca.pem',
      PGCONNECT_TIMEOUT: '3',
    });
  });

  it('is described without its password', () => {
    expect(describeAddress(parsePgUrl(target('postgres://u:secret@[::1]:5433/a%20b')))).toBe(
      'postgres://u@[::1]:5433/a%20b',
    );
    expect(describeAddress(parsePgUrl(target('postgres://u:secret@/db?host=/tmp/x&port=5499')))).toBe(
      'postgres://u@:5499/db (socket /tmp/x)',
    );
  });

  it('refuses a port or an sslmode that does not exist', () => {
    expect(() => parsePgUrl(target('postgres://h:0/db'))).toThrow(/port "0"/);
    expect(() => parsePgUrl(target('postgres://h/db?sslmode=maybe'))).toThrow(/sslmode "maybe" is unknown/);
  });
});

describe('an address as seen from somewhere else', () => {
  const via = ['docker', 'exec', '-i', 'chain-postgres'];
  const there = (url: string, environment: Record<string, string> = {}): TargetSpec => ({
    ...target(url, environment),
    via,
  });

  it('leads nowhere before there is a way, whatever listens on this machine', () => {
    const { host } = parsePgUrl(there('postgres://app@localhost:6000/app'));
    expect(isSocketDirectory(host)).toBe(true);
    expect(existsSync(host)).toBe(false);
  });

  it('says where the server is, and what leads there', () => {
    const named = parsePgUrl(there('postgres://u:secret@localhost:6000/a%20b'));
    expect(named.via).toEqual({ prefix: via, host: 'localhost', port: 6000 });
    expect(describeAddress(named)).toBe('docker exec chain-postgres: postgres://u@localhost:6000/a%20b');
    expect(describePlace(named)).toBe('docker exec chain-postgres: localhost:6000');
    const open = parsePgUrl(there('postgres://u@/db'));
    expect(open.via).toEqual({ prefix: via, host: null, port: 5432 });
    expect(describeAddress(open)).toBe('docker exec chain-postgres: postgres://u@/db');
    expect(describePlace(open)).toBe('docker exec chain-postgres: localhost:5432');
  });

  it('takes from this machine’s variables who logs in, and not where', () => {
    const variables = {
      PGHOST: 'prod',
      PGPORT: '6000',
      PGSSLMODE: 'verify-full',
      PGSSLROOTCERT: '/ca.pem',
      PGPASSWORD: 'p',
      PGUSER: 'u',
      PGOPTIONS: '-c work_mem=1MB',
    };
    expect(parsePgUrl(there('postgres:///db', variables))).toMatchObject({
      user: 'u',
      password: 'p',
      sslmode: null,
      options: { PGOPTIONS: '-c work_mem=1MB' },
      via: { host: null, port: 5432 },
    });
  });

  it('refuses an encryption that a Unix socket cannot give', () => {
    expect(() => parsePgUrl(there('postgres://h/db?sslmode=verify-full'))).toThrow(
      /sslmode verify-full cannot be kept through docker exec chain-postgres/,
    );
    expect(parsePgUrl(there('postgres://h/db?sslmode=prefer')).sslmode).toBeNull();
  });
});
