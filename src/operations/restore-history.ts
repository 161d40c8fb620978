/**
 * How fast restores were on this machine: those that were done, kept in the state directory, and the proofs beside the
 * backups. Only for estimates: what cannot be read is as if it had not been measured.
 */

import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { contentBytes } from '../domain/size-check.ts';
import type { Backup } from '../domain/backup.ts';
import { parseMeasuredRestores } from '../domain/measured-restores.ts';
import type { MeasuredRestore } from '../domain/restore-estimate.ts';
import { writeFileDurably } from '../system/atomic-file.ts';
import type { Parts } from './parts.ts';

const kept = 20;

/** Newest first; real restores before proofs, which are made into servers without durability. */
export async function readMeasuredRestores(
  backups: readonly Backup[],
  parts: Parts,
): Promise<readonly MeasuredRestore[]> {
  const proofs = backups.flatMap(({ manifest, marks }) =>
    marks.flatMap((mark) => {
      if (mark.kind !== 'proof') return [];
      const { database, engine } = manifest;
      return [{ database, engine, plainBytes: contentBytes(manifest.artifacts), restoreMs: mark.restoreMs }];
    }),
  );
  return [...(await readHistory(parts)), ...proofs];
}

export async function rememberRestore(measured: MeasuredRestore, parts: Parts): Promise<void> {
  const history = [measured, ...(await readHistory(parts))].slice(0, kept);
  await writeFileDurably(historyPath(parts), `${JSON.stringify(history, null, 1)}\n`);
}

async function readHistory(parts: Parts): Promise<readonly MeasuredRestore[]> {
  let text: string;
  try {
    text = await readFile(historyPath(parts), 'utf8');
  } catch (thrown) {
    if ((thrown as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw thrown;
  }
  return parseMeasuredRestores(text);
}

function historyPath({ stateDirectory }: Parts): string {
  return join(stateDirectory, 'restores.json');
}
