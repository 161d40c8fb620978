/** A file that was written from a backup, as plain data. */

import type { ExtractResult } from '../operations/extract.ts';

export interface ExtractAnswer {
  readonly id: string;
  readonly database: string;
  /** `sql`, `sql.gz`, `dump`, `db`. */
  readonly format: string;
  /** Null when it went to a stream. */
  readonly path: string | null;
  readonly bytes: number;
  /** Of the bytes written, 64 hex digits. */
  readonly sha256: string;
  readonly durationMs: number;
}

export function extractAnswer(result: ExtractResult): ExtractAnswer {
  return {
    id: result.backup.manifest.id,
    database: result.backup.manifest.database,
    format: result.format.name,
    path: result.path,
    bytes: result.bytes,
    sha256: result.sha256,
    durationMs: Math.round(result.durationMs),
  };
}
