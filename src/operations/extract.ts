import type { Writable } from 'node:stream';
import type { Backup } from '../domain/backup.ts';
import type { Work } from '../domain/work.ts';
import type { ExtractFormat } from '../engine/engine.ts';
import type { Parts } from './parts.ts';

export type ExtractDestination =
  | { readonly kind: 'file'; readonly path: string; readonly overwrite: boolean }
  /** Nothing can be taken back from a stream: the error comes after the bytes. */
  | { readonly kind: 'stream'; readonly stream: Writable };

export interface ExtractRequest {
  readonly database: string | null;
  readonly backup: string;
  /** `sql`, `sql.gz`, `dump`, `db`; null: what the file's name ends in, else the usual one. */
  readonly format: string | null;
  /** Null: a file in the present folder, named after the backup. */
  readonly destination: ExtractDestination | null;
}

export interface ExtractResult {
  readonly backup: Backup;
  readonly format: ExtractFormat;
  /** Null when it went to a stream. */
  readonly path: string | null;
  readonly bytes: number;
  readonly sha256: string;
  readonly durationMs: number;
}

/** Throws `unknown-format` (2), `file-exists` (1), damage (15; no file remains). */
export declare function extract(request: ExtractRequest, parts: Parts, work: Work): Promise<ExtractResult>;
