/**
 * The run journal of this machine: JSON lines in the state directory, only ever appended to. Each line is synced before the
 * call returns; a line that a crash tore is passed over by readers and closed by the next writer. Two files bound its
 * size: when the present one is full it takes the place of the previous one.
 */

import { mkdir, open, readFile, rename, stat, type FileHandle } from 'node:fs/promises';
import { join } from 'node:path';
import type { Clock } from '../domain/clock.ts';
import { HoldfastError } from '../domain/error.ts';
import type { Finding } from '../domain/finding.ts';
import { foldRuns, type SeenRun } from '../domain/run-history.ts';
import { parseJournalLine, type JournalEntry } from '../domain/run-schema.ts';
import { fsyncDirectory } from '../system/atomic-file.ts';
import { acquireLock, type FileLock } from '../system/file-lock.ts';
import { isProcessAlive } from '../system/process-alive.ts';

/** Two of these are some 2,000 runs. */
const usualMaximumBytes = 1024 * 1024;
const maximumFindings = 20;
const maximumTextLength = 2000;

/** Throws what the file system throws. */
export async function appendToJournal(
  stateDirectory: string,
  entry: JournalEntry,
  maximumBytes = usualMaximumBytes,
): Promise<void> {
  const folder = join(stateDirectory, 'runs');
  await mkdir(folder, { recursive: true, mode: 0o700 });
  if (entry.event === 'start') await rotate(folder, maximumBytes);
  const handle = await open(journalPath(folder), 'a+', 0o600);
  let sizeBytes: number;
  try {
    sizeBytes = (await handle.stat()).size;
    const tornEnd = (await endsInsideLine(handle, sizeBytes)) ? '\n' : '';
    await handle.writeFile(`${tornEnd}${JSON.stringify(shortened(entry))}\n`);
    await handle.sync();
  } finally {
    await handle.close();
  }
  if (sizeBytes === 0) await fsyncDirectory(folder);
}

/** Newest first; empty when there was never a run. */
export async function readRuns(
  stateDirectory: string,
  { clock, host }: { readonly clock: Clock; readonly host: string },
): Promise<readonly SeenRun[]> {
  const folder = join(stateDirectory, 'runs');
  const texts = [await readIfThere(previousPath(folder)), await readIfThere(journalPath(folder))];
  const entries = texts.flatMap((text) =>
    text.split('\n').flatMap((line) => {
      const entry = line === '' ? null : parseJournalLine(line);
      return entry === null ? [] : [entry];
    }),
  );
  const isAlive = (pid: number, ticks: number | null): boolean => isProcessAlive(pid, ticks ?? undefined);
  return foldRuns(entries, { host, now: clock.now(), isAlive });
}

/** Under a lock: of two runs that begin at once only one may rename, or the second would throw the first's file away. */
async function rotate(folder: string, maximumBytes: number): Promise<void> {
  if ((await sizeOf(journalPath(folder))) < maximumBytes) return;
  await using lock = await lockOrNull(join(folder, 'rotation.lock'));
  if (lock === null || (await sizeOf(journalPath(folder))) < maximumBytes) return;
  await rename(journalPath(folder), previousPath(folder));
  await fsyncDirectory(folder);
}

/** Null: another run is at it. */
async function lockOrNull(path: string): Promise<FileLock | null> {
  try {
    return await acquireLock(path, { command: 'rotate the run journal', pid: process.pid, since: '' });
  } catch (thrown) {
    if (thrown instanceof HoldfastError && thrown.code === 'locked') return null;
    throw thrown;
  }
}

async function endsInsideLine(handle: FileHandle, sizeBytes: number): Promise<boolean> {
  if (sizeBytes === 0) return false;
  const { buffer } = await handle.read(Buffer.alloc(1), 0, 1, sizeBytes - 1);
  return buffer[0] !== 0x0a;
}

/** A run that found a thousand things must not fill the journal. */
function shortened(entry: JournalEntry): JournalEntry {
  if (entry.event === 'start') return entry;
  const findings = entry.findings.slice(0, maximumFindings).map(shortFinding);
  if (entry.event === 'told') return { ...entry, findings };
  const { error } = entry;
  return { ...entry, findings, error: error === null ? null : { ...error, message: cut(error.message) } };
}

function shortFinding(finding: Finding): Finding {
  return { ...finding, message: cut(finding.message), hint: cut(finding.hint) };
}

function cut(text: string): string {
  return text.length <= maximumTextLength ? text : `${text.slice(0, maximumTextLength)}…`;
}

async function sizeOf(path: string): Promise<number> {
  try {
    return (await stat(path)).size;
  } catch (thrown) {
    if ((thrown as NodeJS.ErrnoException).code === 'ENOENT') return 0;
    throw thrown;
  }
}

async function readIfThere(path: string): Promise<string> {
  try {
    return await readFile(path, 'utf8');
  } catch (thrown) {
    if ((thrown as NodeJS.ErrnoException).code === 'ENOENT') return '';
    throw thrown;
  }
}

function journalPath(folder: string): string {
  return join(folder, 'journal.jsonl');
}

function previousPath(folder: string): string {
  return join(folder, 'journal.1.jsonl');
}
