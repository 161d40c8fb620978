import type { Backup } from '../domain/backup.ts';
import type { Work } from '../domain/work.ts';
import type { ExtractFormat } from '../engine/engine.ts';
import type { FolderFile } from '../repository/repository.ts';
import type { Parts } from './parts.ts';

export interface ShowRequest {
  readonly database: string | null;
  readonly backup: string;
}

export interface ShowResult {
  readonly repository: string;
  readonly backup: Backup;
  readonly ageMs: number;
  readonly files: readonly FolderFile[];
  /** What `extract` can write from it; empty when this version does not know its engine. */
  readonly extractFormats: readonly ExtractFormat[];
}

export declare function show(request: ShowRequest, parts: Parts, work: Work): Promise<ShowResult>;
