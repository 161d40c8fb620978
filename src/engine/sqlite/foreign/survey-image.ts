/** A look through a whole database file: SQLite itself checks it, in a copy of our own. */

import { open } from 'node:fs/promises';
import { join } from 'node:path';
import { countOf } from '../../../domain/amounts.ts';
import type { Finding } from '../../../domain/finding.ts';
import { wholeScope } from '../../../domain/scope.ts';
import type { Work } from '../../../domain/work.ts';
import type { ForeignSurvey } from '../../foreign.ts';
import { sqliteErrors } from '../errors.ts';
import { headerBytes, parseImageHeader } from '../image/image-header.ts';
import { requireWholeImage } from '../image/image-file.ts';
import { makeWorkingFolder } from '../image/working-folder.ts';
import { runJob } from '../job/run-job.ts';
import { asHoldfastError } from '../job/sqlite-failure.ts';

export async function surveyImage(bytes: AsyncIterable<Uint8Array>, work: Work): Promise<ForeignSurvey> {
  const source = bytes[Symbol.asyncIterator]();
  try {
    const { head, rest } = await readHeader(source);
    const header = parseImageHeader(head);
    if (header === null)
      throw sqliteErrors.make('sqlite-malformed', 'the header of the database is damaged or cut off');
    const statedBytes = header.pagesAreKnown ? header.pages * header.pageSizeBytes : null;
    await using folder = await makeWorkingFolder(statedBytes ?? 0, null);
    const path = join(folder.path, 'survey.db');
    const plainBytes = await write(path, head, rest, statedBytes, work);
    await requireWholeImage(path);
    const request = { path, isPrivate: true };
    const findings = await runJob('check', request, work);
    const damage = findings.find(({ severity }) => severity === 'blocking');
    if (damage !== undefined) throw sqliteErrors.make('sqlite-malformed', damage.message);
    const { sqliteVersion, tables } = await runJob('describe', request, work);
    return {
      origin: { product: 'SQLite', version: sqliteVersion, majorVersion: 3, sizeBytes: plainBytes, tool: 'a copy' },
      scope: wholeScope,
      needs: { roles: [], tablespaces: [], extensions: [] },
      plainBytes,
      contents: countOf(tables, 'table'),
      findings: [...findings, ...logNote(head)],
    };
  } finally {
    await source.return?.();
  }
}

async function readHeader(
  source: AsyncIterator<Uint8Array>,
): Promise<{ readonly head: Buffer; readonly rest: AsyncIterable<Uint8Array> }> {
  let head = Buffer.alloc(0);
  while (head.length < headerBytes) {
    const next = await source.next();
    if (next.done === true) break;
    head = Buffer.concat([head, next.value]);
  }
  return { head, rest: { [Symbol.asyncIterator]: () => ({ next: () => source.next() }) } };
}

/** A file that decompresses to more than its header says is damaged, and must not fill the disk. */
async function write(
  path: string,
  head: Buffer,
  rest: AsyncIterable<Uint8Array>,
  statedBytes: number | null,
  work: Work,
): Promise<number> {
  let written = 0;
  try {
    await using file = await open(path, 'wx', 0o600);
    const take = async (chunk: Uint8Array): Promise<void> => {
      written += chunk.length;
      if (statedBytes !== null && written > statedBytes) {
        throw sqliteErrors.make(
          'sqlite-malformed',
          `the file holds more than the ${statedBytes} bytes its header says`,
        );
      }
      await file.writeFile(chunk);
    };
    await take(head);
    for await (const chunk of rest) {
      work.signal.throwIfAborted();
      await take(chunk);
    }
    return written;
  } catch (cause) {
    throw cause instanceof Error && 'syscall' in cause ? asHoldfastError(cause, path) : cause;
  }
}

/** Bytes 18 and 19 of the header (https://sqlite.org/fileformat2.html): 2 is write-ahead logging. */
function logNote(head: Buffer): readonly Finding[] {
  if (head[18] !== 2) return [];
  return [
    {
      severity: 'note',
      code: 'sqlite-copied-without-log',
      message: 'the database works with a write-ahead log: what was only in the log is here only if it was copied too',
      hint: 'Copies made by sqlite3 .backup, or by holdfast backup, have everything.',
    },
  ];
}
