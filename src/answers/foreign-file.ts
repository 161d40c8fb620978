/** A file that another program made, as plain data. */

import type { Scope } from '../domain/scope.ts';
import type { ChecksumOutcome } from '../operations/foreign/checksum-beside.ts';
import type { Layer } from '../operations/foreign/layers.ts';
import type { ListedFile } from '../operations/foreign/list-files.ts';
import type { ForeignFile } from '../operations/foreign/open-file.ts';

export interface FileAnswer {
  readonly file: string;
  /** For people: `pg_dump custom archive`. */
  readonly what: string;
  readonly form: string;
  readonly engine: string;
  /** What it is packed in, outermost first. */
  readonly layers: readonly Layer[];
  readonly databaseName: string | null;
  readonly product: string;
  readonly version: string;
  readonly tool: string;
  readonly scope: Scope;
  /** What it holds, in words. */
  readonly contents: string;
  readonly sizeBytes: number;
  readonly plainBytes: number;
  /** ISO 8601, UTC. */
  readonly time: string;
  /** What a checksum beside it says. */
  readonly checksum: ChecksumOutcome;
}

/** A file of another program in the repository's folder. */
export interface ListedFileAnswer extends Omit<ListedFile, 'time'> {
  /** ISO 8601, UTC. */
  readonly time: string;
}

export function fileAnswer(file: ForeignFile): FileAnswer {
  const { input, content, survey, manifest, layers, module } = file;
  return {
    file: input.label,
    what: content.what,
    form: content.form,
    engine: module.kind,
    layers,
    databaseName: content.databaseName,
    product: survey.origin.product,
    version: survey.origin.version,
    tool: survey.origin.tool,
    scope: survey.scope,
    contents: survey.contents,
    sizeBytes: input.sizeBytes,
    plainBytes: survey.plainBytes,
    time: manifest.finished,
    checksum: file.checksum,
  };
}

export function listedFileAnswer(file: ListedFile): ListedFileAnswer {
  return { ...file, time: file.time.toISOString() };
}
