import type { Catalog } from '../domain/backup.ts';
import type { Work } from '../domain/work.ts';
import type { Parts } from './parts.ts';

export interface ListRequest {
  readonly database: string | null;
  /** Newest backups only; null: all. */
  readonly limit: number | null;
}

export interface ListResult extends Catalog {
  readonly repository: string;
  /** How many there are, whatever the limit. */
  readonly total: number;
}

export declare function listBackups(request: ListRequest, parts: Parts, work: Work): Promise<ListResult>;
