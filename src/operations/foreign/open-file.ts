/**
 * Makes a file that another program wrote ready for everything that is done with backups: finds out what it is, compares the
 * checksum beside it, looks through all of it, and describes it by a manifest as a backup of ours has one.
 */

import { startHasher } from '../../codec/hashing.ts';
import type { BackupSource } from '../../domain/artifact.ts';
import { databaseNameFrom } from '../../domain/backup-name.ts';
import type { Manifest } from '../../domain/manifest.ts';
import { timeInName } from '../../domain/time-in-name.ts';
import { formatBytes } from '../../domain/amounts.ts';
import type { Work } from '../../domain/work.ts';
import type { EngineModule } from '../../engine/engine.ts';
import type { ForeignSurvey, RecognisedContent } from '../../engine/foreign.ts';
import type { Parts } from '../parts.ts';
import { compareChecksum, demandChecksum, hashBytes, type ChecksumOutcome } from './checksum-beside.ts';
import { foreignErrors } from './errors.ts';
import { fileFindings } from './file-findings.ts';
import { locateFile, locateInput, makeFileFolder, readInput, type FileSource, type InputFile } from './input-file.ts';
import { openLayers, recogniseContents, type Layer } from './layers.ts';
import { oneFileRepository } from './one-file-repository.ts';
import { pipeFor } from './seals.ts';

export interface OpenRequest {
  readonly source: FileSource;
  /** Whose file it is, as a name in the configuration; null: as the file says, or its own name. */
  readonly database: string | null;
  /** What it is opened for: `verify` takes files too that cannot be restored. */
  readonly verb: 'verify' | 'drill' | 'restore';
}

/** Disposing removes what was written to read it. */
export interface ForeignFile extends AsyncDisposable {
  readonly input: InputFile;
  readonly layers: readonly Layer[];
  readonly content: RecognisedContent;
  readonly module: EngineModule;
  readonly checksum: ChecksumOutcome;
  readonly survey: ForeignSurvey;
  readonly manifest: Manifest;
  /** As operations want them: the repository is this one file. */
  readonly parts: Parts;
}

/**
 * Throws `file-unreadable` (13), `file-not-known`, `file-sealed`, `file-not-restorable`, `checksum-differs` (15), damage
 * (15), and what the engine says of a file that is not safe.
 */
export async function openForeignFile(request: OpenRequest, parts: Parts, work: Work): Promise<ForeignFile> {
  await using undo = new AsyncDisposableStack();
  const folder = undo.use(await makeFileFolder(parts));
  const input = await locateInput(request.source, folder.path, parts, work);
  work.report({ kind: 'step', text: `looking through ${input.label} (${formatBytes(input.sizeBytes)})` });
  const { layers, content, module } = await recognise(input, request.verb, parts, work);
  const { sha256, outcome } = await compareChecksum(input, layers, work);
  demandChecksum(input, outcome);
  const read = await gathered(input, layers, module, folder.path, work);
  const survey = await module.foreign.survey(
    content,
    openLayers(readInput(read, work.signal), layers, work.signal),
    work,
  );
  const stored = read === input ? sha256 : await hashBytes(readInput(read, work.signal));
  const known = {
    ...{ input, layers, content, module, survey, checksum: outcome },
    ...{ storedBytes: read.sizeBytes, sha256: stored },
  };
  const manifest = manifestOf(known, request.database, parts);
  const source = sourceOf(read, { ...known, manifest });
  const repository = oneFileRepository({
    label: input.label,
    manifest,
    source,
    hashStored: (signal, onBytes) => demandSame(read, stored, signal, onBytes),
  });
  const kept = undo.move();
  return {
    ...known,
    manifest,
    // What is made anew (a backup of what a restore replaces) goes where it belongs.
    parts: {
      ...parts,
      repository: (wanted) => (wanted.create ? parts.repository(wanted) : Promise.resolve(repository)),
    },
    [Symbol.asyncDispose]: () => kept.disposeAsync(),
  };
}

interface Recognised {
  readonly layers: readonly Layer[];
  readonly content: RecognisedContent;
  readonly module: EngineModule;
}

async function recognise(input: InputFile, verb: string, parts: Parts, work: Work): Promise<Recognised> {
  const contents = await recogniseContents(() => readInput(input, work.signal), parts.engines, work.signal);
  if (contents.kind === 'unknown') {
    throw foreignErrors.make('file-not-known', `${input.label}: ${contents.message}`);
  }
  if (contents.kind === 'sealed') {
    const inside = contents.layers.length === 0 ? '' : ` (inside ${contents.layers.join(', ')})`;
    throw foreignErrors.make('file-sealed', `${input.label} is ${contents.seal.what}${inside}`, {
      hint: `Type: ${pipeFor(contents.seal, input.label, verb)}.`,
    });
  }
  const { content } = contents;
  if (content.obstacle !== null && (verb !== 'verify' || content.obstacle.stops === 'everything')) {
    const { message, hint } = content.obstacle;
    throw foreignErrors.make('file-not-restorable', `${input.label} (${content.what}): ${message}`, { hint });
  }
  return contents;
}

/** Only a file that lies there as it is can have others beside it. */
async function gathered(
  input: InputFile,
  layers: readonly Layer[],
  module: EngineModule,
  folder: string,
  work: Work,
): Promise<InputFile> {
  if (layers.length > 0 || input.name === null) return input;
  const path = await module.foreign.gather(input.path, folder, work);
  return path === null ? input : locateFile(path, input.label);
}

interface Known extends Recognised {
  readonly input: InputFile;
  readonly storedBytes: number;
  readonly checksum: ChecksumOutcome;
  readonly survey: ForeignSurvey;
  readonly sha256: string;
}

function manifestOf(known: Known, database: string | null, parts: Parts): Manifest {
  const { input, content, module, survey, sha256, storedBytes } = known;
  const id = input.name ?? 'standard-input';
  const stem = id.replace(/\..*$/, '');
  const own = content.databaseName ?? database ?? stem;
  const time = (timeOf(input, parts.timeZone) ?? input.modified).toISOString();
  return {
    format: 1,
    id,
    database: database ?? databaseNameFrom(own),
    engine: module.kind,
    kind: module.backupKind,
    scope: survey.scope,
    label: null,
    host: parts.host,
    writer: content.what,
    started: time,
    finished: time,
    durationMs: 0,
    origin: { ...survey.origin, databaseName: own, address: '' },
    needs: survey.needs,
    owners: true,
    privileges: true,
    fingerprint: { mode: 'off', tables: 0, rows: 0, largeObjects: 0, objects: 0 },
    artifacts: [
      {
        name: id,
        role: content.role,
        compression: 'none',
        frames: 1,
        plainBytes: survey.plainBytes,
        storedBytes,
        sha256,
      },
    ],
    findings: fileFindings(known),
  };
}

export function timeOf(input: Pick<InputFile, 'name' | 'path'>, timeZone: string): Date | null {
  // Deeper than year, month and day no script makes its folders.
  return input.name === null ? null : timeInName(input.path.split('/').slice(-5).join('/'), timeZone);
}

function sourceOf(read: InputFile, known: Known & { readonly manifest: Manifest }): BackupSource {
  const { module, content, layers, manifest, sha256 } = known;
  return {
    manifest,
    isForeign: true,
    fingerprint: () => Promise.resolve(null),
    open: (_artifact, work) => {
      const { signal } = work;
      const stored = sameBytes(read, sha256, signal, () => undefined);
      return module.foreign.artifact(content, openLayers(stored, layers, signal), work);
    },
  };
}

async function demandSame(
  file: InputFile,
  sha256: string,
  signal: AbortSignal,
  onBytes: (bytes: number) => void,
): Promise<void> {
  for await (const _ of sameBytes(file, sha256, signal, onBytes));
}

/** The stored bytes; throws at their end unless they are those that were looked through. */
async function* sameBytes(
  file: InputFile,
  sha256: string,
  signal: AbortSignal,
  onBytes: (bytes: number) => void,
): AsyncGenerator<Uint8Array> {
  await using hasher = startHasher();
  for await (const chunk of readInput(file, signal)) {
    await hasher.update(chunk);
    onBytes(chunk.length);
    yield chunk;
  }
  if ((await hasher.digest()) === sha256) return;
  throw foreignErrors.make('file-changed', `${file.label} is not the file any more that was looked through`);
}
