/** The library on a whole server: every database of it, its roles, and a database of it that is damaged. */

import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openHoldfast, type GivenOptions, type HoldfastEvent } from '../../src/index.ts';
import { damageBlocks } from '../harness/damaged-files.ts';
import { failureOf } from '../harness/library-failure.ts';
import { startPostgres, type TestServer } from '../harness/postgres-server.ts';
import { makeTestDirectory, type TestDirectory } from '../harness/temporary.ts';

let server: TestServer;
let directory: TestDirectory;
let given: GivenOptions;

beforeAll(async () => {
  server = await startPostgres();
  directory = await makeTestDirectory('library-server');
  await server.psql('CREATE ROLE app LOGIN; CREATE ROLE app_staging; CREATE ROLE keeper LOGIN');
  await server.psql('GRANT pg_read_all_data, pg_read_all_settings TO keeper');
  for (const name of ['shop', 'crm', 'old_one']) {
    await server.createDatabase(name);
    await server.psql(
      `CREATE TABLE orders (id int PRIMARY KEY, note text);
       INSERT INTO orders SELECT i, repeat(md5(i::text), 10) FROM generate_series(1, 500) AS i;
       ALTER TABLE orders OWNER TO app;`,
      name,
    );
  }
  const env = { ...process.env, ...server.toolEnvironment, HOLDFAST_STATE_DIR: join(directory.path, 'state') };
  given = { cwd: directory.path, env, repository: 'backups', databases: entriesOf(server.url('postgres')) };
});

afterAll(async () => {
  await server[Symbol.asyncDispose]();
  await directory[Symbol.asyncDispose]();
});

function entriesOf(url: string): NonNullable<GivenOptions['databases']> {
  return { main: { url, all: true, excludeDatabases: ['old_*', 'postgres'] } };
}

describe('an entry that is a whole server', () => {
  test('is refused by what is about one database', async () => {
    await using holdfast = await openHoldfast(given);
    expect(holdfast.databases).toEqual(['main']);
    const refusal = { code: 'usage', exit: 2, message: 'main is a whole server, not one database' };
    const failure = await failureOf(holdfast.backup());
    expect(failure).toMatchObject(refusal);
    expect(failure.hint).toMatch(/backupServer/);
    expect(await failureOf(holdfast.salvage())).toMatchObject(refusal);
    expect(await failureOf(holdfast.assessDamage({ database: 'main' }))).toMatchObject(refusal);
  });

  test('is backed up database by database, and every other call knows them by their names', async () => {
    await using holdfast = await openHoldfast(given);
    const plan = await holdfast.planBackupServer({ excludeDatabases: ['cr*'] });
    expect(plan.databases).toEqual([{ name: 'shop', database: 'shop' }]);
    expect(plan.leftOut).toContainEqual({ name: 'old_one', why: 'excluded' });
    expect(await failureOf(holdfast.list())).toMatchObject({ code: 'no-repository' });

    const events: HoldfastEvent[] = [];
    const made = await holdfast.backupServer({ label: 'nightly', onEvent: (event) => events.push(event) });
    expect(made).toMatchObject({
      all: true,
      databases: [
        { name: 'crm', database: 'crm', outcome: 'backed-up', label: 'nightly', error: null },
        { name: 'shop', database: 'shop', outcome: 'backed-up', label: 'nightly', error: null },
      ],
    });
    expect(made.findings.map(({ code }) => code)).toContain('database-excluded');
    const texts = events.flatMap((event) => (event.kind === 'step' ? [event.text] : []));
    expect(texts).toEqual(expect.arrayContaining(['backing up crm', 'backing up shop']));

    const { databases } = await holdfast.status();
    expect(databases.map(({ database, health }) => [database, health !== null])).toEqual([
      ['crm', true],
      ['shop', true],
    ]);
    const health = await holdfast.health();
    expect(health.databases.map(({ database }) => database)).toEqual(['crm', 'shop']);
    expect(health.others).toEqual([]);
    const pruned = await holdfast.prune({ dryRun: true });
    expect(pruned.databases.map(({ database }) => database)).toEqual(['crm', 'shop']);
    expect(await holdfast.drill({ database: 'crm' })).toMatchObject({ outcome: 'proven', database: 'crm' });
    expect(await holdfast.backup({ database: 'shop' })).toMatchObject({ database: 'shop', scope: { kind: 'whole' } });
  });

  test('fails as a whole when one database fails; what was made is in the answer and stays', async () => {
    await server.psql('REVOKE CONNECT ON DATABASE crm FROM PUBLIC');
    const url = server.url('postgres').replace('//postgres@', '//keeper@');
    await using holdfast = await openHoldfast({ ...given, databases: entriesOf(url), repository: 'partly' });
    const failure = await failureOf(holdfast.backupServer());
    await server.psql('GRANT CONNECT ON DATABASE crm TO PUBLIC');
    expect(failure).toMatchObject({ code: 'databases-failed', exit: 1 });
    expect(failure.answer).toMatchObject({
      databases: [
        { name: 'crm', outcome: 'failed', id: null, error: { code: 'access-refused' } },
        { name: 'shop', outcome: 'backed-up' },
      ],
    });
    expect((await holdfast.list()).backups.map(({ database }) => database)).toEqual(['shop']);
    const { recentFailures } = await holdfast.status();
    expect(recentFailures[0]).toMatchObject({ verb: 'backup', database: 'main', error: { code: 'databases-failed' } });
  });

  test('any address will do; a file is no server, and tables are of one database', async () => {
    using notes = new DatabaseSync(join(directory.path, 'notes.db'));
    notes.exec('CREATE TABLE notes (id INTEGER PRIMARY KEY)');
    const { databases: _, ...place } = given;
    await using one = await openHoldfast({ ...place, url: server.url('shop') });
    const planned = await one.planBackupServer();
    expect(planned.databases.map(({ name }) => name)).toEqual(['crm', 'old_one', 'postgres', 'shop']);
    const wishes: object = { tables: ['orders'] };
    expect(await failureOf(one.backupServer(wishes))).toMatchObject({ code: 'usage' });
    await using file = await openHoldfast({ ...place, url: 'file:notes.db' });
    expect(await failureOf(file.backupServer())).toMatchObject({ code: 'not-a-server', exit: 2 });
  });
});

describe('roles', () => {
  test('come back to another server; one that differs is changed only with the right word', async () => {
    await using target = await startPostgres();
    await target.psql('CREATE ROLE app NOLOGIN');
    await using holdfast = await openHoldfast(given);
    const wanted = { database: 'shop', backup: 'latest', to: target.url() };
    const plan = await holdfast.planRestoreGlobals(wanted);
    expect(plan).toMatchObject({ confirm: null, roles: {} });
    expect(plan.globals).toContainEqual(expect.objectContaining({ name: 'keeper', state: 'missing', deed: 'create' }));
    expect(plan.globals).toContainEqual(expect.objectContaining({ name: 'app', state: 'different', deed: 'left' }));

    const replacing = { ...wanted, replace: true };
    expect(await holdfast.planRestoreGlobals(replacing)).toMatchObject({ confirm: 'postgres' });
    expect(await failureOf(holdfast.restoreGlobals(replacing))).toMatchObject({ code: 'declined' });
    const roles = "SELECT string_agg(rolname, ',' ORDER BY rolname) FROM pg_roles WHERE oid >= 16384 AND rolcanlogin";
    expect(await target.psql(roles)).toBe('');
    const done = await holdfast.restoreGlobals({ ...replacing, confirm: 'postgres' });
    expect(done).toMatchObject({ database: 'shop', durationMs: expect.any(Number) as unknown });
    expect(await target.psql(roles)).toBe('app,keeper');
  });

  test('are mapped on request', async () => {
    await using holdfast = await openHoldfast(given);
    const wanted = { database: 'shop', backup: 'latest', into: 'shop_staging', roles: { app: 'app_staging' } };
    expect(await holdfast.planRestore(wanted)).toMatchObject({ roles: { app: 'app_staging' }, confirm: null });
    expect(await holdfast.restore(wanted)).toMatchObject({ name: 'shop_staging', comparison: { differences: [] } });
    const owner = "SELECT relowner::regrole FROM pg_class WHERE oid = 'orders'::regclass";
    expect(await server.psql(owner, 'shop_staging')).toBe('app_staging');
    await server.psql('DROP DATABASE shop_staging');
  });

  test.each([
    [{ app: '' }, /lacks the name of a role/],
    [{ app: 'pg_monitor' }, /PostgreSQL's own/],
  ])('%j is refused', async (roles, says) => {
    await using holdfast = await openHoldfast(given);
    const failure = await failureOf(holdfast.planRestore({ database: 'shop', backup: 'latest', into: 'x', roles }));
    expect(failure).toMatchObject({ code: 'usage', exit: 2 });
    expect(failure.message).toMatch(says);
  });

  test('are refused where there are none', async () => {
    const { databases: _, ...place } = given;
    await using holdfast = await openHoldfast({ ...place, url: 'file:notes.db', repository: 'notes' });
    await holdfast.backup();
    const wanted = { backup: 'latest', into: join(directory.path, 'copy.db') };
    const none = { code: 'no-globals', exit: 2 };
    expect(await failureOf(holdfast.planRestore({ ...wanted, roles: { app: 'other' } }))).toMatchObject(none);
    expect(await failureOf(holdfast.planRestoreGlobals({ backup: 'latest' }))).toMatchObject(none);
    expect(await holdfast.planRestore({ ...wanted, roles: {} })).toMatchObject({ roles: {} });
  });
});

describe('damage', () => {
  test('is told, saved around, and recorded as no success', async () => {
    const { databases: _, ...place } = given;
    await using holdfast = await openHoldfast({ ...place, url: server.url('shop') });
    expect(await holdfast.assessDamage()).toMatchObject({ database: 'shop', damaged: false, ways: [] });
    const sound = await holdfast.salvage({ label: 'sound' });
    expect(sound).toMatchObject({ database: 'shop', label: 'sound', lost: false, salvage: { rows: 500 } });

    await damageBlocks(server, 'shop', [{ relation: 'orders', block: 2, how: 'garbage' }]);
    const assessed = await holdfast.assessDamage({ database: 'shop' });
    expect(assessed).toMatchObject({
      damaged: true,
      newestBackup: { rows: 500 },
      tables: [{ table: 'orders', backupRows: 500, lost: [{ unit: 'block', first: '2', last: '2' }] }],
    });
    expect(assessed.ways.map(({ way }) => way)).toEqual(expect.arrayContaining(['salvage', 'restore']));

    const saved = await holdfast.salvage();
    const rows = assessed.tables[0]?.rows;
    expect(saved).toMatchObject({ lost: true, scope: { kind: 'tables', salvaged: true }, salvage: { rows } });
    expect(saved.findings).toContainEqual(expect.objectContaining({ code: 'rows-lost' }));
    expect(await holdfast.show({ database: 'shop' })).not.toMatchObject({ id: saved.id });
    const { recentFailures } = await holdfast.status();
    expect(recentFailures[0]).toMatchObject({ verb: 'backup', database: 'shop', exit: 15, backup: saved.id });
  });
});
