/**
 * What a run notes about its throwaway server, so that the next one can clear up if it is killed: the folder, and who
 * made it. The server's own process is named by the postmaster.pid in the folder.
 */

import { mkdir, readdir, readFile, rm } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { z } from 'zod';
import { writeFileDurably } from '../../../system/atomic-file.ts';
import { isProcessAlive, processStartTicks } from '../../../system/process-alive.ts';

const recordSchema = z.object({
  directory: z.string(),
  pid: z.number(),
  startedTicks: z.number().nullable(),
});

export type ScratchRecord = z.infer<typeof recordSchema> & {
  /** The file it was read from. */
  readonly file: string;
};

/** Disposing removes the note: to be done after the folder is gone. */
export async function recordScratch(stateDirectory: string, directory: string): Promise<AsyncDisposable> {
  const folder = join(stateDirectory, 'scratch');
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const file = join(folder, `${basename(directory)}.json`);
  const record = { directory, pid: process.pid, startedTicks: processStartTicks(process.pid) };
  await writeFileDurably(file, `${JSON.stringify(record)}\n`);
  return { [Symbol.asyncDispose]: () => rm(file, { force: true }) };
}

/** Notes whose run is gone. What cannot be read is left alone. */
export async function readAbandoned(stateDirectory: string): Promise<readonly ScratchRecord[]> {
  const folder = join(stateDirectory, 'scratch');
  const names = await readdir(folder).catch(() => [] as string[]);
  const records: ScratchRecord[] = [];
  for (const name of names.filter((one) => one.endsWith('.json'))) {
    const file = join(folder, name);
    const record = recordSchema.safeParse(parse(await readFile(file, 'utf8').catch(() => '')));
    if (!record.success) continue;
    const { directory, pid, startedTicks } = record.data;
    if (isProcessAlive(pid, startedTicks ?? undefined)) continue;
    records.push({ directory, pid, startedTicks, file });
  }
  return records;
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
