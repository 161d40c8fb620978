/** What lies beside the repository: files that other programs made, known by their content, with what is to be said of each. */

import { HoldfastError } from '../../domain/error.ts';
import type { Work } from '../../domain/work.ts';
import type { Parts } from '../parts.ts';
import { checkChecksum, type ChecksumOutcome } from './checksum-beside.ts';
import { findFiles } from './find-files.ts';
import { readInput, type InputFile } from './input-file.ts';
import { recogniseContents, type Contents, type Layer } from './layers.ts';
import { timeOf } from './open-file.ts';
import { pipeFor } from './seals.ts';

export interface ListedFile {
  /** Below the folder that was searched. */
  readonly path: string;
  readonly sizeBytes: number;
  readonly time: Date;
  readonly timeFrom: 'name' | 'modification';
  /** For people: `pg_dump custom archive of PostgreSQL 15.18`. */
  readonly what: string;
  /** Null for what is not known. */
  readonly engine: string | null;
  readonly form: string | null;
  readonly databaseName: string | null;
  readonly layers: readonly Layer[];
  /** `readable`: can be verified, drilled and restored. */
  readonly state: 'readable' | 'not-restorable' | 'sealed' | 'damaged' | 'unknown';
  /** What to do about one that is not readable; empty for others. */
  readonly hint: string;
  /** Null: not compared. */
  readonly checksum: ChecksumOutcome | null;
}

export interface ListFilesRequest {
  readonly folder: string;
  /** False: no file is read but its beginning. */
  readonly checksums: boolean;
}

/** Names that mean a dump or a database: named also when their content is not known. */
const promising =
  /\.(?:sql|dump|pgdump|backup|tar|tgz|db|sqlite3?)(?:\.(?:gz|zst|bz2|xz|lz4|zip))*(?:\.(?:gpg|pgp|asc|age|enc))?$/i;

/** Newest first. Throws `file-unreadable` for a folder that is not there. */
export async function listFiles(
  { folder, checksums }: ListFilesRequest,
  parts: Parts,
  work: Work,
): Promise<readonly ListedFile[]> {
  const listed: ListedFile[] = [];
  for await (const file of findFiles(folder, work.signal)) {
    const contents = await lookInto(file, parts, work);
    if (contents.kind === 'unknown' && !promising.test(file.label)) continue;
    work.report({ kind: 'step', text: `looking at ${file.label}` });
    const checksum = checksums ? await checksumOf(file, contents.layers, work) : null;
    listed.push({ ...factsOf(file, parts.timeZone), ...describe(contents, file), layers: contents.layers, checksum });
  }
  return listed.toSorted((one, other) => other.time.getTime() - one.time.getTime());
}

type Looked = Contents | { readonly kind: 'damaged'; readonly layers: readonly Layer[]; readonly message: string };

/** One file that cannot be read does not hide the others. */
async function lookInto(file: InputFile, parts: Parts, work: Work): Promise<Looked> {
  try {
    return await recogniseContents(() => readInput(file, work.signal), parts.engines, work.signal);
  } catch (thrown) {
    work.signal.throwIfAborted();
    if (!(thrown instanceof HoldfastError)) throw thrown;
    return { kind: thrown.exit === 15 ? 'damaged' : 'unknown', layers: [], message: thrown.message };
  }
}

async function checksumOf(file: InputFile, layers: readonly Layer[], work: Work): Promise<ChecksumOutcome> {
  try {
    return await checkChecksum(file, layers, work);
  } catch (thrown) {
    work.signal.throwIfAborted();
    if (!(thrown instanceof HoldfastError)) throw thrown;
    return { state: 'unreadable', beside: thrown.message };
  }
}

function factsOf(file: InputFile, timeZone: string): Pick<ListedFile, 'path' | 'sizeBytes' | 'time' | 'timeFrom'> {
  const named = timeOf(file, timeZone);
  return {
    path: file.label,
    sizeBytes: file.sizeBytes,
    time: named ?? file.modified,
    timeFrom: named === null ? 'modification' : 'name',
  };
}

type Description = Pick<ListedFile, 'what' | 'engine' | 'form' | 'databaseName' | 'state' | 'hint'>;

function describe(contents: Looked, file: InputFile): Description {
  const nobody = { engine: null, form: null, databaseName: null };
  switch (contents.kind) {
    case 'known': {
      const { content, module } = contents;
      const { form, databaseName, product, obstacle } = content;
      const what =
        product === null || content.what.startsWith(product) ? content.what : `${content.what} of ${product}`;
      const state = obstacle === null ? 'readable' : 'not-restorable';
      return { what, engine: module.kind, form, databaseName, state, hint: obstacle?.hint ?? '' };
    }
    case 'sealed': {
      const hint = pipeFor(contents.seal, file.label, 'restore');
      return { what: contents.seal.what, ...nobody, state: 'sealed', hint };
    }
    case 'damaged':
      return {
        what: `damaged: ${contents.message}`,
        ...nobody,
        state: 'damaged',
        hint: 'Use another copy or an older file.',
      };
    case 'unknown':
      return { what: contents.message, ...nobody, state: 'unknown', hint: '' };
  }
}
