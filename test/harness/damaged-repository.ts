/** A repository with two backups of one database, of which the newer one is damaged and mended again, file by file. */

import { cp, readdir, rm } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { expect } from 'vitest';
import { runHoldfast, type CliOptions } from './cli.ts';
import { damage, type Damage } from './damage.ts';
import { expectFailure } from './failure.ts';
import { backupFolders } from './forge.ts';

export interface DamagedRepository {
  readonly olderId: string;
  readonly id: string;
  /** With this file damaged, the command ends with 15 and names the file. Everything is mended afterwards. */
  expectRefused(file: RegExp, how: Damage, command: readonly string[]): Promise<void>;
  /** The same, and from then on `list` calls the backup damaged, and `latest` falls on the older one. */
  expectMarked(file: RegExp, how: Damage, command: readonly string[]): Promise<void>;
}

/** The database must have two finished backups in `./backups`. */
export async function openDamagedRepository(options: CliOptions, database: string): Promise<DamagedRepository> {
  const [older, folder] = await backupFolders(join(options.cwd, 'backups'), database);
  if (older === undefined || folder === undefined) throw new Error('two backups were expected');
  const whole = join(options.cwd, 'whole');
  await cp(folder, whole, { recursive: true });
  const [olderId, id] = [basename(older), basename(folder)];

  async function refused(
    file: RegExp,
    how: Damage,
    command: readonly string[],
    afterwards: () => Promise<void>,
  ): Promise<void> {
    const [name, ...others] = (await readdir(whole)).filter((one) => file.test(one));
    if (name === undefined || others.length > 0) throw new Error(`${String(file)} must be one file of the backup`);
    await damage(join(folder ?? '', name), how);
    try {
      const result = await runHoldfast(command, options);
      const what = `${command.join(' ')} with ${name} ${how.title}`;
      expect([what, result.code], result.stdout + result.stderr).toEqual([what, 15]);
      expectFailure(result, { code: 15, says: new RegExp(`${id}.*${name.replaceAll('.', '\\.')}`) });
      await afterwards();
    } finally {
      await rm(folder ?? '', { recursive: true });
      await cp(whole, folder ?? '', { recursive: true });
    }
  }

  async function expectListed(): Promise<void> {
    const list = await runHoldfast(['list', '--json'], options);
    const lines = list.json().filter((line) => line['id'] === id);
    expect(lines, list.stdout).toEqual([expect.objectContaining({ state: 'damaged' })]);
    const latest = await runHoldfast(['show', 'latest', '--json'], options);
    expect(latest.json().at(-1)).toMatchObject({ type: 'result', id: olderId });
  }

  return {
    olderId,
    id,
    expectRefused: (file, how, command) => refused(file, how, command, () => Promise.resolve()),
    expectMarked: (file, how, command) => refused(file, how, command, expectListed),
  };
}
