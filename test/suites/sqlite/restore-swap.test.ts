import { chmodSync, chownSync, existsSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { expect, test } from 'vitest';
import type { BackupSource } from '../../../src/domain/artifact.ts';
import type { Adoption, RestoreRequest } from '../../../src/engine/engine.ts';
import { makeTestDirectory } from '../../harness/temporary.ts';
import { ask, change, makeAccounts, makeDatabase } from './databases.ts';
import { openEngine, sqlite, startWork, takeBackup, targetOf } from './image-store.ts';
import { startProgram } from './running-program.ts';

const replace: RestoreRequest = { destination: { kind: 'replace' }, owners: true, privileges: true, jobs: null };
const three = 'CREATE TABLE t (v); INSERT INTO t VALUES (1), (2), (3)';

async function restoreOver(path: string, source: BackupSource, request: RestoreRequest = replace): Promise<Adoption> {
  const engine = openEngine(path);
  const plan = await engine.planRestore(request, source, startWork());
  expect(plan.findings.filter((finding) => finding.severity === 'blocking')).toEqual([]);
  await using copy = await engine.restore(plan, source, startWork());
  const adoption = await copy.adopt(startWork());
  expect(adoption.keptAs).toBe(plan.keptAs);
  return adoption;
}

test.each(['wal', 'delete'] as const)(
  'a %s database comes back, the present one is kept, and undo exchanges them',
  async (mode) => {
    await using folder = await makeTestDirectory('sqlite');
    const path = join(folder.path, 'app.db');
    makeDatabase(path, three, mode);
    chmodSync(path, 0o640);
    chownSync(path, 12, 34);
    const { source } = await takeBackup(openEngine(path));
    change(path, 'DROP TABLE t; CREATE TABLE later (v)');
    const { keptAs } = await restoreOver(path, source);
    expect(ask(path, 'SELECT count(*) FROM t')).toBe(3);
    expect(ask(path, 'PRAGMA journal_mode')).toBe(mode);
    expect(statSync(path)).toMatchObject({ mode: 0o100640, uid: 12, gid: 34 });
    const engine = openEngine(path);
    expect((await engine.kept(startWork())).map(({ name }) => name)).toEqual([keptAs]);
    expect(ask(keptAs ?? '', 'SELECT count(*) FROM later')).toBe(0);
    expect(ask(keptAs ?? '', 'PRAGMA journal_mode')).toBe(mode);
    const undone = await engine.undo(startWork());
    expect(ask(path, 'SELECT count(*) FROM later')).toBe(0);
    expect(ask(path, 'PRAGMA journal_mode')).toBe(mode);
    expect(ask(undone.keptAs ?? '', 'SELECT count(*) FROM t')).toBe(3);
    for (const kept of await engine.kept(startWork())) await engine.dropKept(kept.name, startWork());
    expect(readdirSync(folder.path)).toEqual(['app.db']);
  },
);

test('the log of the replaced database goes with it and is never replayed into the restored one', async () => {
  await using folder = await makeTestDirectory('sqlite');
  const path = join(folder.path, 'app.db');
  makeAccounts(path, 'wal', 1);
  const { source } = await takeBackup(openEngine(path));
  {
    await using _killed = await startProgram('writer.ts', path, 'wal', '0');
  }
  const left = statSync(`${path}-wal`).size;
  expect(left).toBeGreaterThan(0);
  const { keptAs } = await restoreOver(path, source);
  expect(readdirSync(folder.path).sort()).toEqual(['app.db', 'app.db.before_restore_' + (keptAs ?? '').slice(-15)]);
  expect(ask(path, 'SELECT count(*) FROM note')).toBe(1000);
  expect(ask(path, 'PRAGMA integrity_check')).toBe('ok');
  expect(ask(keptAs ?? '', 'SELECT count(*) > 1000 FROM note')).toBe(1);
});

test.each(['wal', 'delete'] as const)(
  'a program that has a %s database open is named, and nothing is changed',
  async (mode) => {
    await using folder = await makeTestDirectory('sqlite');
    const path = join(folder.path, 'app.db');
    makeDatabase(path, three, mode);
    const { source } = await takeBackup(openEngine(path));
    const engine = openEngine(path);
    const plan = await engine.planRestore(replace, source, startWork());
    await using copy = await engine.restore(plan, source, startWork());
    await using holder = await startProgram('holder.ts', path);
    await expect(copy.adopt(startWork())).rejects.toMatchObject({
      code: 'database-in-use',
      message: expect.stringContaining(`process ${String(holder.pid)}`) as string,
    });
    const seen = await engine.planRestore(replace, source, startWork());
    expect(seen.findings).toContainEqual(expect.objectContaining({ severity: 'blocking', code: 'database-in-use' }));
    expect((await engine.inspect('doctor', startWork())).facts.map(([label]) => label)).toContain('open in');
    await holder.stop();
    expect(await engine.kept(startWork())).toEqual([]);
    expect(ask(path, 'PRAGMA journal_mode')).toBe(mode);
    await copy.adopt(startWork());
    expect(await engine.kept(startWork())).toHaveLength(1);
  },
);

test('a database too damaged to be opened is replaced, and kept with everything beside it', async () => {
  await using folder = await makeTestDirectory('sqlite');
  const path = join(folder.path, 'app.db');
  makeDatabase(path, three);
  const { source } = await takeBackup(openEngine(path));
  writeFileSync(path, 'this was a database once');
  writeFileSync(`${path}-wal`, 'and this its log');
  expect((await openEngine(path).inspect('restore', startWork())).facts.join()).toContain('cannot be read');
  const { keptAs, findings } = await restoreOver(path, source);
  expect(ask(path, 'SELECT count(*) FROM t')).toBe(3);
  expect(readFileSync(keptAs ?? '', 'utf8')).toBe('this was a database once');
  expect(readFileSync(`${keptAs ?? ''}-wal`, 'utf8')).toBe('and this its log');
  expect(findings).toMatchObject([{ code: 'sqlite-old-file-damaged' }]);
  await openEngine(path).undo(startWork());
  expect(readFileSync(path, 'utf8')).toBe('this was a database once');
  expect(readFileSync(`${path}-wal`, 'utf8')).toBe('and this its log');
});

test('a missing database is restored under its name, and a second name must be free', async () => {
  await using folder = await makeTestDirectory('sqlite');
  const path = join(folder.path, 'app.db');
  makeDatabase(path, three);
  const { source } = await takeBackup(openEngine(path));
  const other = join(folder.path, 'other.db');
  expect(
    await restoreOver(path, source, { ...replace, destination: { kind: 'into', name: 'other.db' } }),
  ).toMatchObject({ name: other, keptAs: null });
  expect(ask(other, 'SELECT count(*) FROM t')).toBe(3);
  const taken = await openEngine(path).planRestore(
    { ...replace, destination: { kind: 'into', name: other } },
    source,
    startWork(),
  );
  expect(taken.findings).toMatchObject([{ severity: 'blocking', code: 'sqlite-target-exists' }]);
  const gone = join(folder.path, 'gone.db');
  expect((await openEngine(gone).inspect('restore', startWork())).facts.join()).toContain('is not there');
  await restoreOver(gone, source);
  expect(ask(gone, 'SELECT count(*) FROM t')).toBe(3);
  expect(readdirSync(folder.path).sort()).toEqual(['app.db', 'gone.db', 'other.db']);
});

test('a name that was taken between plan and end is not overwritten', async () => {
  await using folder = await makeTestDirectory('sqlite');
  const path = join(folder.path, 'app.db');
  makeDatabase(path, three);
  const { source } = await takeBackup(openEngine(path));
  const engine = openEngine(path);
  const other = join(folder.path, 'other.db');
  const plan = await engine.planRestore(
    { ...replace, destination: { kind: 'into', name: other } },
    source,
    startWork(),
  );
  {
    await using copy = await engine.restore(plan, source, startWork());
    writeFileSync(other, 'mine');
    await expect(copy.adopt(startWork())).rejects.toMatchObject({ code: 'sqlite-target-exists' });
  }
  expect(readFileSync(other, 'utf8')).toBe('mine');
  expect(readdirSync(folder.path).sort()).toEqual(['app.db', 'other.db']);
});

test('a broken image is refused before anything is touched, and leaves nothing', async () => {
  await using folder = await makeTestDirectory('sqlite');
  const path = join(folder.path, 'app.db');
  makeDatabase(path, three);
  const { source, bytes } = await takeBackup(openEngine(path));
  const engine = openEngine(path);
  const plan = await engine.planRestore(replace, source, startWork());
  const broken: BackupSource = { ...source, open: () => once(bytes.subarray(0, 4096)) };
  await expect(engine.restore(plan, broken, startWork())).rejects.toMatchObject({ code: 'sqlite-malformed' });
  const failing: BackupSource = { ...source, open: () => breakingOff(bytes) };
  await expect(engine.restore(plan, failing, startWork())).rejects.toThrow('the store went away');
  expect(readdirSync(folder.path)).toEqual(['app.db']);
});

test('a staging file is replaced and stays; a scratch file beside a named one leaves that alone', async () => {
  await using folder = await makeTestDirectory('sqlite');
  const path = join(folder.path, 'app.db');
  const staging = join(folder.path, 'staging.db');
  makeDatabase(path, three);
  const { source, outcome } = await takeBackup(openEngine(path));
  if (outcome.fingerprint === null) throw new Error('no fingerprint');
  for (const _round of [1, 2]) {
    await using copy = await sqlite.scratch({ kind: 'staging', target: targetOf(staging) }, source, startWork());
    expect(await copy.fingerprint(outcome.fingerprint, startWork())).toEqual({
      ...outcome.fingerprint,
      basis: undefined,
    });
  }
  change(staging, 'INSERT INTO t VALUES (4)');
  {
    await using copy = await sqlite.scratch({ kind: 'server', target: targetOf(staging) }, source, startWork());
    expect(await copy.query('SELECT count(*) FROM t', startWork())).toEqual([['3']]);
    await expect(copy.query('DELETE FROM t', startWork())).rejects.toMatchObject({ code: 'sqlite-write-refused' });
  }
  expect(ask(staging, 'SELECT count(*) FROM t')).toBe(4);
  expect(readdirSync(folder.path).sort()).toEqual(['app.db', 'staging.db']);
});

test('an index on a function of the application alone does not stop a restore, and the check says what it did not see', async () => {
  await using folder = await makeTestDirectory('sqlite');
  const path = join(folder.path, 'app.db');
  const application = new DatabaseSync(path);
  application.function('own', { deterministic: true }, (value) => value);
  application.exec('CREATE TABLE t (a); CREATE INDEX i ON t (own(a)); INSERT INTO t VALUES (1), (2)');
  application.close();
  const { source, outcome } = await takeBackup(openEngine(path));
  expect(outcome.fingerprint?.tables).toMatchObject([{ table: 't', rows: 2 }]);
  await using copy = await sqlite.scratch({ kind: 'local' }, source, startWork());
  expect(await copy.check(startWork())).toMatchObject([{ severity: 'warning', code: 'sqlite-integrity-not-checked' }]);
});

test('a check names damage and rows that point at nothing', async () => {
  await using folder = await makeTestDirectory('sqlite');
  const path = join(folder.path, 'app.db');
  makeDatabase(
    path,
    `CREATE TABLE a (id INTEGER PRIMARY KEY); CREATE TABLE b (a INTEGER REFERENCES a (id)); CREATE INDEX b_a ON b (a);
     INSERT INTO a VALUES (1); PRAGMA foreign_keys = OFF; INSERT INTO b VALUES (1), (2), (3)`,
  );
  const { source, bytes } = await takeBackup(openEngine(path));
  await using copy = await sqlite.scratch({ kind: 'local' }, source, startWork());
  expect(await copy.check(startWork())).toEqual([
    expect.objectContaining({ severity: 'warning', message: '2 rows of b point at rows of a that do not exist' }),
  ]);
  // The index's page, emptied.
  const page = Number(ask(path, "SELECT rootpage FROM sqlite_schema WHERE name = 'b_a'"));
  const damaged = Buffer.from(bytes);
  damaged.fill(0, (page - 1) * 4096 + 8, page * 4096);
  const source2: BackupSource = { ...source, open: () => once(damaged) };
  await using bad = await sqlite.scratch({ kind: 'local' }, source2, startWork());
  const found = await bad.check(startWork());
  expect(found.filter((finding) => finding.code === 'sqlite-integrity-failed').length).toBeGreaterThan(0);
  expect(existsSync(path)).toBe(true);
});

async function* once(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield Promise.resolve(bytes);
}

async function* breakingOff(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield Promise.resolve(bytes);
  throw new Error('the store went away');
}
