/** A repository with two backups of one database, of which the newer one is damaged and mended again, file by file. */

import { cp, readdir, rm } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { expect } from 'vitest';
import { runHoldfast, type CliOptions, type CliResult } from './cli.ts';
import { damage, type Damage } from './damage.ts';
import { expectFailure } from './failure.ts';
import { backupFolders } from './forge.ts';

export interface DamagedRepository {
  readonly olderId: string;
  readonly id: string;
  /** Damages the file that ends so, runs the command, and mends everything again. */
  run(fileEnd: string, how: Damage, command: readonly string[]): Promise<CliResult>;
  /** As `run`, with exit code 15; then asks `list` and `show latest` what they say of the backup. */
  expectDamageFound(fileEnd: string, how: Damage, command: readonly string[]): Promise<void>;
}

/** The database must have two finished backups in `./backups`. */
export async function openDamagedRepository(options: CliOptions, database: string): Promise<DamagedRepository> {
  const [older, folder] = await backupFolders(join(options.cwd, 'backups'), database);
  if (older === undefined || folder === undefined) throw new Error('two backups were expected');
  const whole = join(options.cwd, 'whole');
  await cp(folder, whole, { recursive: true });
  const [olderId, id] = [basename(older), basename(folder)];

  async function damaged<T>(fileEnd: string, how: Damage, action: () => Promise<T>): Promise<T> {
    const names = (await readdir(folder ?? '')).filter((name) => name.endsWith(fileEnd) && !/^globals-/.test(name));
    expect(names, fileEnd).toHaveLength(1);
    await damage(join(folder ?? '', names[0] ?? ''), how);
    try {
      return await action();
    } finally {
      await rm(folder ?? '', { recursive: true });
      await cp(whole, folder ?? '', { recursive: true });
    }
  }

  async function expectListed(state: string): Promise<void> {
    const list = await runHoldfast(['list', '--json'], options);
    const lines = list.json().filter((line) => line['id'] === id);
    expect(lines, list.stdout).toEqual([expect.objectContaining({ state })]);
    const latest = await runHoldfast(['show', 'latest', '--json'], options);
    expect(latest.json().at(-1)).toMatchObject({ type: 'result', id: olderId });
  }

  return {
    olderId,
    id,
    run: (fileEnd, how, command) => damaged(fileEnd, how, () => runHoldfast(command, options)),
    expectDamageFound: (fileEnd, how, command) =>
      damaged(fileEnd, how, async () => {
        expectFailure(await runHoldfast(command, options), { code: 15, says: new RegExp(`${id}.*${escape(fileEnd)}`) });
        await expectListed('damaged');
      }),
  };
}

function escape(text: string): string {
  return text.replaceAll('.', '\\.');
}
