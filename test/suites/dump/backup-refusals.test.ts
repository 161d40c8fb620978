import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startPostgres, type TestServer } from '../../harness/postgres-server.ts';
import { part, takeBackup } from './take-backup.ts';

const password = '@:/?#%\'" $';
let server: TestServer;

beforeAll(async () => {
  server = await startPostgres({ password });
  await server.createDatabase('app');
  await server.psql(
    `CREATE ROLE clerk LOGIN PASSWORD 'clerk'; CREATE ROLE tenant LOGIN PASSWORD 'tenant'; CREATE ROLE keeper LOGIN BYPASSRLS PASSWORD 'keeper';
     CREATE SCHEMA hidden;
     CREATE TABLE open (id serial PRIMARY KEY); CREATE TABLE "clo sed" (id int); CREATE TABLE hidden.inside (id int);
     CREATE TABLE tenants (id int, owner text); ALTER TABLE tenants ENABLE ROW LEVEL SECURITY;
     CREATE POLICY own ON tenants USING (owner = current_user);
     GRANT SELECT ON open, open_id_seq, tenants TO clerk, tenant, keeper;
     GRANT SELECT ON ALL TABLES IN SCHEMA public TO tenant, keeper; GRANT SELECT ON ALL SEQUENCES IN SCHEMA public TO tenant, keeper;
     GRANT USAGE ON SCHEMA hidden TO tenant, keeper; GRANT SELECT ON hidden.inside TO tenant, keeper;`,
    'app',
  );
});
afterAll(async () => {
  await server[Symbol.asyncDispose]();
});

function urlOf(user: string, database = 'app', secret = user): string {
  return `postgres://${user}:${secret}@127.0.0.1:${String(server.port)}/${database}`;
}

describe('a backup that cannot be whole does not start', () => {
  it('when a table may not be read, naming it and the grant that helps', async () => {
    await expect(takeBackup(server, 'app', { url: urlOf('clerk') })).rejects.toMatchObject({
      code: 'not-ready-for-backup',
      message: expect.stringMatching(/schema "hidden".*more/) as unknown,
      hint: expect.stringContaining('GRANT USAGE ON SCHEMA "hidden" TO "clerk"') as unknown,
    });
    await expect(
      takeBackup(server, 'app', { url: urlOf('clerk'), scope: part({ tables: ['open', '"clo sed"'] }) }),
    ).rejects.toMatchObject({ message: expect.stringContaining('"public"."clo sed"') as unknown });
  });

  it('but does for the part of it that may be read', async () => {
    const taken = await takeBackup(server, 'app', { url: urlOf('clerk'), scope: part({ tables: ['open'] }) });
    expect(taken.outcome.findings.map((finding) => finding.code)).toEqual(['globals-without-passwords']);
    expect(taken.artifacts.get('globals')?.toString()).toContain('CREATE ROLE clerk');
    expect(taken.artifacts.get('globals')?.toString()).not.toContain('SCRAM');
  });

  it('when row-level security would hide rows', async () => {
    await expect(takeBackup(server, 'app', { url: urlOf('tenant') })).rejects.toMatchObject({
      code: 'not-ready-for-backup',
      message: expect.stringMatching(/row-level security would hide rows of table "public"."tenants"/) as unknown,
      hint: expect.stringContaining('BYPASSRLS') as unknown,
    });
    await expect(takeBackup(server, 'app', { url: urlOf('keeper') })).resolves.toBeDefined();
  });

  it('when large objects may not be read', async () => {
    const id = await server.psql("SELECT lo_from_bytea(0, '\\x00')", 'app');
    await expect(takeBackup(server, 'app', { url: urlOf('keeper') })).rejects.toMatchObject({
      message: expect.stringContaining('1 large objects') as unknown,
    });
    await server.psql(`GRANT SELECT ON LARGE OBJECT ${id} TO PUBLIC`, 'app');
    await expect(takeBackup(server, 'app', { url: urlOf('keeper') })).resolves.toBeDefined();
    await server.psql(`SELECT lo_unlink(${id})`, 'app');
  });
});

describe('a server that does not let us in is told apart', () => {
  it.each([
    ['password-refused', () => urlOf('postgres', 'app', 'wrong')],
    ['password-refused', () => `postgres://postgres@127.0.0.1:${String(server.port)}/app`],
    ['password-refused', () => urlOf('nobody')],
    ['database-missing', () => urlOf('postgres', 'nope', encodeURIComponent(password))],
    ['role-missing', () => server.socketUrl('app').replace('postgres@', 'nobody@')],
    ['server-unreachable', () => 'postgres://u:topsecret@127.0.0.1:1/app'],
    ['tls-failed', () => `${urlOf('postgres', 'app', encodeURIComponent(password))}?sslmode=require`],
  ])('as %s', async (code, url) => {
    const failure = takeBackup(server, 'app', { url: url(), environment: { PGPASSFILE: '/nonexistent' } });
    await expect(failure).rejects.toMatchObject({ code, exit: 16 });
    await expect(failure).rejects.not.toThrow(/topsecret|wrong/);
  });

  it('and a password of odd characters arrives, in the URL or beside it', async () => {
    const asIs = `postgres://postgres:${password}@127.0.0.1:${String(server.port)}/app`;
    await expect(takeBackup(server, 'app', { url: asIs })).resolves.toBeDefined();
    const bare = `postgres://postgres@127.0.0.1:${String(server.port)}/app`;
    await expect(
      takeBackup(server, 'app', { url: bare, environment: { PGPASSWORD: password } }),
    ).resolves.toBeDefined();
  });
});
