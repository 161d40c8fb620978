/** The library as a program uses it, in this very process: what it does, and what it leaves alone. */

import { readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openHoldfast, type GivenOptions, type HoldfastError, type HoldfastEvent } from '../../src/index.ts';
import { failureOf } from '../harness/library-failure.ts';
import { startPostgres, type TestServer } from '../harness/postgres-server.ts';
import { makeTestDirectory, type TestDirectory } from '../harness/temporary.ts';

let server: TestServer;
let directory: TestDirectory;
let given: GivenOptions;

beforeAll(async () => {
  server = await startPostgres();
  directory = await makeTestDirectory('library');
  await server.createDatabase('shop');
  await server.psql(
    `CREATE TABLE orders (id int PRIMARY KEY, note text);
     INSERT INTO orders SELECT i, repeat(md5(i::text), 40) FROM generate_series(1, 20000) AS i;`,
    'shop',
  );
  const env = { ...process.env, ...server.toolEnvironment, HOLDFAST_STATE_DIR: join(directory.path, 'state') };
  given = { cwd: directory.path, env, url: server.url('shop'), repository: 'backups' };
});

afterAll(async () => {
  await server[Symbol.asyncDispose]();
  await directory[Symbol.asyncDispose]();
});

/** What there is below the folders of databases. */
async function filesOfBackups(repository: string): Promise<readonly string[]> {
  const all = await readdir(join(directory.path, repository), { recursive: true });
  return all.filter((path) => path.includes('/'));
}

/** What a program may never notice of a library: handlers, variables, folder. */
function surroundings(): unknown {
  return {
    listeners: ['SIGINT', 'SIGTERM', 'SIGHUP', 'exit', 'uncaughtException', 'unhandledRejection'].map((name) =>
      process.listenerCount(name),
    ),
    environment: { ...process.env },
    cwd: process.cwd(),
    exitCode: process.exitCode,
  };
}

describe('a round', () => {
  test('backs up, proves, shows, restores, and leaves the process as it was', async () => {
    const before = surroundings();
    const events: HoldfastEvent[] = [];
    await using holdfast = await openHoldfast(given);
    expect(holdfast.databases).toEqual(['shop']);
    const made = await holdfast.backup({ label: 'first', onEvent: (event) => events.push(event) });
    expect(made).toMatchObject({ database: 'shop', label: 'first', scope: { kind: 'whole' }, repositoryCreated: true });
    expect(events.some(({ kind }) => kind === 'step')).toBe(true);
    expect(made.findings).toContainEqual(expect.objectContaining({ code: 'nothing-expires' }));
    expect(await holdfast.verify()).toMatchObject({ backups: [{ id: made.id, outcome: 'verified' }], file: null });
    expect(await holdfast.drill({ backup: made.id.slice(0, 16) })).toMatchObject({ outcome: 'proven', id: made.id });
    expect(await holdfast.show()).toMatchObject({
      id: made.id,
      state: 'proven',
      extractFormats: ['dump', 'sql', 'sql.gz'],
    });
    expect(await holdfast.list({ limit: 1 })).toMatchObject({ total: 1, backups: [{ id: made.id }] });
    expect(await holdfast.health()).toMatchObject({ healthy: true, databases: [{ database: 'shop' }] });
    expect(await holdfast.doctor()).toMatchObject({ ready: true });
    expect(surroundings()).toEqual(before);
  });

  test('a restore needs the name of what it replaces, and can be undone', async () => {
    await using holdfast = await openHoldfast(given);
    const plan = await holdfast.planRestore({ backup: 'latest' });
    expect(plan).toMatchObject({ confirm: 'shop', destination: 'replace' });
    expect(await failureOf(holdfast.restore({ backup: 'latest' }))).toMatchObject({ code: 'declined', exit: 1 });
    expect(await failureOf(holdfast.restore({ backup: 'latest', confirm: 'shopp' }))).toMatchObject({
      code: 'declined',
    });
    const restored = await holdfast.restore({ backup: 'latest', confirm: 'shop' });
    expect(restored).toMatchObject({ outcome: 'restored', name: 'shop', comparison: { differences: [] } });
    expect((await holdfast.listReplaced()).kept).toMatchObject([{ name: restored.keptAs }]);
    expect(await holdfast.undoRestore({ confirm: 'shop' })).toMatchObject({ undone: true, name: 'shop' });
    expect(await failureOf(holdfast.dropReplaced({}))).toMatchObject({ code: 'declined' });
    expect((await holdfast.dropReplaced({ confirm: 'shop' })).dropped).toHaveLength(1);
    const beside = await holdfast.restore({ backup: 'latest', into: 'shop_then' });
    expect(beside).toMatchObject({ name: 'shop_then', keptAs: null });
    expect(await server.psql('SELECT count(*) FROM orders', 'shop_then')).toBe('20000');
  });

  test('tables, a plain file, a stream of another program', async () => {
    await using holdfast = await openHoldfast(given);
    expect(await holdfast.restoreTables({ backup: 'latest', tables: ['orders'] })).toMatchObject({
      tables: [{ table: expect.stringContaining('orders') as unknown, rows: 20_000 }],
    });
    const { path } = await holdfast.extract({ backup: 'latest', to: 'shop.sql' });
    expect(path).toBe(join(directory.path, 'shop.sql'));
    expect(await failureOf(holdfast.extract({ backup: 'latest', to: 'shop.sql' }))).toMatchObject({
      code: 'file-exists',
    });
    expect(await holdfast.verify({ file: 'shop.sql' })).toMatchObject({ backups: [], file: { form: 'sql' } });
    expect(await holdfast.drill({ file: 'shop.sql' })).toMatchObject({ outcome: 'restored' });
  });

  test('its runs are in the journal, as those of the command line', async () => {
    await using holdfast = await openHoldfast({ ...given, url: server.url('nowhere') });
    expect(await failureOf(holdfast.backup())).toMatchObject({ code: 'database-missing' });
    const { recentFailures } = await holdfast.status();
    expect(recentFailures[0]).toMatchObject({ verb: 'backup', database: 'nowhere', outcome: 'failed' });
  });
});

describe('stopping', () => {
  test('an abort leaves nothing behind, and says so only then', async () => {
    await using holdfast = await openHoldfast({ ...given, repository: 'aborted' });
    const controller = new AbortController();
    const seen: string[] = [];
    const failure = await failureOf(
      holdfast.backup({
        signal: controller.signal,
        onEvent: (event) => {
          seen.push(event.kind);
          if (event.kind === 'progress') controller.abort(new Error('enough'));
        },
      }),
    );
    expect(seen).toContain('progress');
    expect(failure).toMatchObject({ code: 'interrupted', exit: 130, cause: { message: 'enough' } });
    expect(await filesOfBackups('aborted')).toEqual([]);
    const idle = "SELECT count(*) FROM pg_stat_activity WHERE datname = 'shop'";
    await expect.poll(() => server.psql(idle, 'postgres')).toBe('0');
  });

  test('a signal that was aborted before stops the call before it begins', async () => {
    await using holdfast = await openHoldfast(given);
    const signal = AbortSignal.abort();
    expect(await failureOf(holdfast.backup({ signal }))).toMatchObject({ code: 'interrupted' });
  });

  test('closing stops what runs and waits for it; afterwards nothing begins', async () => {
    const holdfast = await openHoldfast({ ...given, repository: 'closed' });
    const started = Promise.withResolvers<undefined>();
    const running = failureOf(
      holdfast.backup({
        onEvent: ({ kind }) => {
          if (kind === 'progress') started.resolve(undefined);
        },
      }),
    );
    await started.promise;
    await holdfast.close();
    expect(await filesOfBackups('closed')).toEqual([]);
    expect(await running).toMatchObject({ code: 'interrupted' });
    expect(await failureOf(holdfast.list())).toMatchObject({ code: 'closed', exit: 2 });
  });

  test('a listener that throws stops its call', async () => {
    await using holdfast = await openHoldfast({ ...given, repository: 'thrown' });
    const onEvent = (): never => {
      throw new Error('mine');
    };
    expect(await failureOf(holdfast.backup({ onEvent }))).toMatchObject({
      code: 'listener-failed',
      cause: { message: 'mine' },
    });
  });
});

describe('settings', () => {
  test('two instances live side by side, and one database is locked as between processes', async () => {
    using notes = new DatabaseSync(join(directory.path, 'notes.db'));
    notes.exec('CREATE TABLE notes (id INTEGER PRIMARY KEY); INSERT INTO notes VALUES (1), (2)');
    const { url, ...place } = given;
    await using first = await openHoldfast({ ...place, url: url ?? '', repository: 'one' });
    await using second = await openHoldfast({ ...place, url: 'file:notes.db', repository: 'two' });
    await using rival = await openHoldfast({ ...place, url: url ?? '', repository: 'three' });
    const locked = Promise.withResolvers<HoldfastError>();
    let asked = false;
    const onEvent = (): void => {
      if (asked) return;
      asked = true;
      locked.resolve(failureOf(rival.backup()));
    };
    const made = await Promise.all([first.backup({ onEvent }), second.backup()]);
    expect(made).toMatchObject([{ database: 'shop' }, { database: 'notes' }]);
    expect(await locked.promise).toMatchObject({ code: 'locked', exit: 11 });
  });

  test('what is given is all: no file and no variable is read', async () => {
    await writeFile(join(directory.path, 'holdfast.yaml'), 'keep: { days: 1 }\nrepository: elsewhere\n');
    const env = { ...given.env, DATABASE_URL: 'postgres://nobody@nowhere/other', BACKUP_DIR: '/elsewhere' };
    await using holdfast = await openHoldfast({ ...given, env });
    expect(holdfast).toMatchObject({ databases: ['shop'], repository: join(directory.path, 'backups') });
    await using found = await openHoldfast({ cwd: directory.path, env });
    expect(found).toMatchObject({ databases: ['other'], repository: '/elsewhere' });
  });

  test.each([
    [{ repository: 'x', kep: { days: 1 } }, 'settings-invalid', /the options: unknown setting kep/],
    [{ keep: { days: '1' } }, 'settings-invalid', /the options: keep\.days: /],
    [{ url: 'env:NOT_THERE' }, 'no-target', /NOT_THERE is not set/],
    [{ url: 'postgres://h/a', databases: {} }, 'usage', /exclude each other/],
    [{ url: 'postgres://h/a', configFile: 'x.yaml' }, 'usage', /settings are given/],
    [{ configFile: 'x.yaml' }, 'settings-file', /there is no file/],
  ])('%j is refused', async (options, code, says) => {
    const failure = await failureOf(openHoldfast({ cwd: directory.path, ...options }));
    expect(failure).toMatchObject({ code, exit: 2 });
    expect(failure.message).toMatch(says);
  });
});
