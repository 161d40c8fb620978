import { existsSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { wallClock } from '../../../src/system/wall-clock.ts';
import { makeTestDirectory } from '../../harness/temporary.ts';
import { ask, makeAccounts } from './databases.ts';
import { openEngine, startWork, takeBackup } from './image-store.ts';
import { startProgram } from './running-program.ts';

test('a restore that is killed at any moment leaves a whole database under the name, and what it left is named', async () => {
  await using folder = await makeTestDirectory('sqlite');
  const path = join(folder.path, 'app.db');
  const image = join(folder.path, 'image');
  makeAccounts(path, 'wal', 3);
  writeFileSync(image, (await takeBackup(openEngine(path))).bytes);
  let leftBehind = 0;
  for (let round = 0; round < 10; round += 1) {
    await killInMidRestore(path, image, 150 + 130 * round);
    expect(existsSync(path)).toBe(true);
    expect(ask(path, 'PRAGMA integrity_check')).toBe('ok');
    expect(ask(path, "SELECT sum(amount) || ' ' || (SELECT count(*) FROM note) FROM account")).toBe('100000 3000');
    const leftovers = await openEngine(path).leftovers(startWork());
    leftBehind += leftovers.length;
    const strangers = readdirSync(folder.path).filter((name) => name.startsWith('.app.db.restoring-'));
    for (const name of strangers) expect(leftovers.map(({ message }) => message).join()).toContain(name);
  }
  expect(leftBehind).toBeGreaterThan(0);
});

/** Seen from outside all the while: there is no moment without a file under the name. */
async function killInMidRestore(path: string, image: string, afterMs: number): Promise<void> {
  await using _restorer = await startProgram('restorer.ts', path, image);
  const end = wallClock.monotonicMs() + afterMs;
  while (wallClock.monotonicMs() < end) {
    expect(existsSync(path)).toBe(true);
    await sleep(1);
  }
}
