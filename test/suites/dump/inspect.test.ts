import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Inspection } from '../../../src/engine/engine.ts';
import { inspectSource, type InspectPurpose } from '../../../src/engine/postgres/preflight/inspect.ts';
import { startPostgres, type TestServer } from '../../harness/postgres-server.ts';
import { addressOf } from './take-backup.ts';

let server: TestServer;

beforeAll(async () => {
  server = await startPostgres();
  await server.createDatabase('app');
  await server.psql(
    'CREATE ROLE clerk LOGIN; CREATE TABLE a (); CREATE TABLE b (); CREATE TABLE c (); CREATE TABLE d ()',
    'app',
  );
});
afterAll(async () => {
  await server[Symbol.asyncDispose]();
});

function inspect(url: string, purpose: InspectPurpose, env = server.toolEnvironment): Promise<Inspection> {
  const work = { signal: new AbortController().signal, report: () => undefined };
  return inspectSource(addressOf(url), purpose, env, work);
}

describe('an inspection', () => {
  it('of a sound database finds nothing and says what it is', async () => {
    const found = await inspect(server.socketUrl('app'), 'doctor');
    expect(found.findings).toEqual([]);
    expect(found.sizeBytes).toBeGreaterThan(1_000_000);
    expect(Object.fromEntries(found.facts)).toMatchObject({
      server: `PostgreSQL ${found.version}`,
      encoding: 'UTF8',
      user: 'postgres (superuser)',
      'client tools': expect.stringMatching(new RegExp(`^pg_dump ${String(server.major)}\\.\\d+ in /`)) as unknown,
    });
  });

  it('gathers what an ordinary user lacks', async () => {
    const found = await inspect(server.socketUrl('app').replace('postgres@', 'clerk@'), 'backup');
    expect(found.findings).toEqual([
      {
        severity: 'blocking',
        code: 'table-unreadable',
        message: 'user clerk may not read 4 tables ("public"."a", "public"."b", "public"."c", …)',
        hint: expect.stringContaining('GRANT SELECT ON "public"."a" TO "clerk"') as unknown,
      },
    ]);
  });

  it('before a restore asks for other things, and does not need the database', async () => {
    const url = server.socketUrl('not there yet');
    const found = await inspect(url.replace('postgres@', 'clerk@'), 'restore');
    expect(found.findings.map((finding) => finding.code)).toEqual(['database-absent', 'cannot-create-database']);
    expect(found.sizeBytes).toBeNull();
    await expect(inspect(url, 'backup')).rejects.toMatchObject({ code: 'database-missing' });
  });

  it('says which of several hosts it used', async () => {
    const found = await inspect(`postgres://postgres@127.0.0.1:${String(server.port)},other:5432/app`, 'backup');
    expect(found.findings).toMatchObject([{ severity: 'note', code: 'first-host-only' }]);
  });
});
