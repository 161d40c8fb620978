import { execFileSync } from 'node:child_process';
import { mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { zstdCompressSync } from 'node:zlib';
import { createHash } from 'node:crypto';
import { expect, test } from 'vitest';
import type { Fingerprint } from '../../../src/domain/fingerprint.ts';
import { fingerprintFile } from '../../../src/engine/sqlite/fingerprint/read-fingerprint.ts';
import { wallClock } from '../../../src/system/wall-clock.ts';
import { makeTestDirectory } from '../../harness/temporary.ts';
import { ask, change, makeDatabase } from './databases.ts';
import { everyKind } from './every-kind.ts';
import { openEngine, sqlite, startWork, takeBackup } from './image-store.ts';

test.each(['UTF-8', 'UTF-16le'])(
  'a %s database extracted as SQL is read by the stock sqlite3 into an equal one',
  async (encoding) => {
    await using folder = await makeTestDirectory('sqlite');
    const path = join(folder.path, 'app.db');
    makeDatabase(path, `PRAGMA encoding = '${encoding}'; ${everyKind}`);
    const { source, outcome } = await takeBackup(openEngine(path));
    const sql = join(folder.path, 'app.sql');
    const copy = join(folder.path, 'copy.db');
    const pieces: Uint8Array[] = [];
    for await (const piece of sqlite.extract({ name: 'sql', gzip: false }, source, startWork())) pieces.push(piece);
    writeFileSync(sql, Buffer.concat(pieces));
    execFileSync('sqlite3', ['-bail', copy, `.read ${sql}`]);
    const compared = (fingerprint: Fingerprint | null) => ({
      // A dump makes no more of the statistics than the shell's own does.
      tables: fingerprint?.tables,
      sequences: fingerprint?.sequences,
      objects: fingerprint?.objects.filter((object) => !object.name.startsWith('sqlite_')),
    });
    expect(compared(fingerprintOf(copy))).toEqual(compared(outcome.fingerprint));
    // By the one that made it: what an index on an expression holds may differ between versions of SQLite.
    expect(execFileSync('sqlite3', [copy, 'PRAGMA integrity_check'], { encoding: 'utf8' })).toBe('ok\n');
    expect(ask(copy, "SELECT count(*) FROM own_words WHERE own_words MATCH 'beta'")).toBe(1);
  },
);

test('extracted as a file it is the image, byte for byte', async () => {
  await using folder = await makeTestDirectory('sqlite');
  const path = join(folder.path, 'app.db');
  makeDatabase(path, 'CREATE TABLE t (v)');
  const { source, bytes } = await takeBackup(openEngine(path));
  expect(sqlite.extractFormats(source.manifest).map((format) => format.name)).toEqual(['db', 'db.gz', 'sql', 'sql.gz']);
  const pieces: Uint8Array[] = [];
  for await (const piece of sqlite.extract({ name: 'db', gzip: false }, source, startWork())) pieces.push(piece);
  expect(Buffer.concat(pieces).equals(bytes)).toBe(true);
});

test('an interrupted extraction leaves no private copy', async () => {
  await using folder = await makeTestDirectory('sqlite');
  const path = join(folder.path, 'app.db');
  makeDatabase(path, everyKind);
  const { source } = await takeBackup(openEngine(path));
  for await (const _piece of sqlite.extract({ name: 'sql', gzip: false }, source, startWork())) break;
  expect(await sqlite.sweepLocal(startWork())).toEqual([]);
});

test('the commands of RESTORE.txt restore the backup with stock tools alone', async () => {
  await using folder = await makeTestDirectory('sqlite');
  const path = join(folder.path, "it's here", 'app.db');
  mkdirSync(join(folder.path, "it's here"));
  makeDatabase(path, 'CREATE TABLE t (v); INSERT INTO t VALUES (1), (2)');
  const { source, bytes } = await takeBackup(openEngine(path));
  change(path, 'DROP TABLE t');
  const backup = join(folder.path, 'backup');
  mkdirSync(backup);
  const stored = zstdCompressSync(bytes);
  const name = source.manifest.artifacts[0]?.name ?? '';
  writeFileSync(join(backup, name), stored);
  writeFileSync(join(backup, 'SHA256SUMS'), `${createHash('sha256').update(stored).digest('hex')}  ${name}\n`);
  const text = sqlite.restoreInstructions(source.manifest);
  const commands = text.split('\n').filter((line) => /^ {4}\S/.test(line));
  expect(commands).toHaveLength(5);
  const said = execFileSync('sh', ['-e', '-c', commands.join('\n')], {
    cwd: backup,
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  expect(said.split('\n')).toContain('ok');
  expect(ask(path, 'SELECT count(*) FROM t')).toBe(2);
  const kept = readdirSync(join(folder.path, "it's here")).find((name) => name.startsWith('app.db.before_restore_'));
  expect(ask(join(folder.path, "it's here", kept ?? ''), "SELECT count(*) FROM sqlite_schema WHERE name = 't'")).toBe(
    0,
  );
});

function fingerprintOf(path: string): Fingerprint {
  const report = { clock: wallClock, progress: () => undefined, text: () => undefined };
  return fingerprintFile({ path, isPrivate: false, mode: 'content', expected: null }, report).fingerprint;
}
