/** What the repository holds: backups with their states, what cannot be read, and what was never finished. */

import type { Catalog } from '../domain/backup.ts';
import type { Work } from '../domain/work.ts';
import type { Parts } from './parts.ts';

export interface ListRequest {
  /** Null: of every database. */
  readonly database: string | null;
  /** Newest backups only; null: all. */
  readonly limit: number | null;
}

export interface ListResult extends Catalog {
  readonly repository: string;
}

/** Throws `no-repository`. */
export async function listBackups(request: ListRequest, parts: Parts, work: Work): Promise<ListResult> {
  const repository = await parts.repository({ create: false });
  const catalog = await repository.list({ database: request.database, newest: request.limit }, work.signal);
  return { ...catalog, repository: repository.label };
}
