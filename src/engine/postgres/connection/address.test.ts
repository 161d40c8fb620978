import { describe, expect, it } from 'vitest';
import type { TargetSpec } from '../../engine.ts';
import { describeAddress, libpqEnvironment, parsePgUrl, readAddress, withDatabase } from './address.ts';

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
