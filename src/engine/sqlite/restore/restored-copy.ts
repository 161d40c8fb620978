/** A restored file: read for comparison, checked, asked, and put in its place or removed. */

import { rm } from 'node:fs/promises';
import type { Finding } from '../../../domain/finding.ts';
import type { Work } from '../../../domain/work.ts';
import type { Adoption, RestoredCopy, TableRows } from '../../engine.ts';
import type { ReadRequest } from '../job/job-protocol.ts';
import { readLiving } from '../job/read-living.ts';
import { filesOf } from '../image/require-file.ts';

export interface CopyFacts {
  /** Where the file is. */
  readonly path: string;
  readonly name: string;
  readonly description: string;
  readonly restoreMs: number;
  readonly findings: readonly Finding[];
  /** Nobody else can have it open. */
  readonly isPrivate: boolean;
  /** Puts it in its final place. */
  readonly adopt: (work: Work) => Promise<Adoption>;
  /** Removes it, with whatever was made to hold it; nothing for one that stays. */
  readonly remove: () => Promise<void>;
}

export function restoredCopy(facts: CopyFacts): RestoredCopy {
  const request = { path: facts.path, isPrivate: facts.isPrivate };
  let adopted = false;
  return {
    name: facts.name,
    description: facts.description,
    restoreMs: facts.restoreMs,
    findings: facts.findings,
    fingerprint: async (expected, work) => {
      const job = { ...request, mode: expected.mode, expected: expected.tables };
      return (await readLiving('fingerprint', job, facts.path, work)).fingerprint;
    },
    check: (work) => readLiving('check', request, facts.path, work),
    countRows: (work) => countRows(request, work),
    query: (sql, work) => readLiving('query', { ...request, sql }, facts.path, work),
    // Statistics are tables of the database, so they came with the image; ANALYZE would change what was restored.
    analyze: () => Promise.resolve(),
    adopt: async (work) => {
      const adoption = await facts.adopt(work);
      adopted = true;
      return adoption;
    },
    [Symbol.asyncDispose]: async () => {
      if (!adopted) await facts.remove();
    },
  };
}

const namesSql =
  "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\' ORDER BY name";

/** A table that this SQLite cannot read, because it needs something of the application, has no number. */
async function countRows(request: ReadRequest, work: Work): Promise<readonly TableRows[]> {
  const job = { ...request, mode: 'counts' as const, expected: null };
  const { fingerprint } = await readLiving('fingerprint', job, request.path, work);
  const counts = new Map(fingerprint.tables.map(({ table, rows }) => [table, rows]));
  const names = await readLiving('query', { ...request, sql: namesSql }, request.path, work);
  return names.map(([name]) => ({ table: name ?? '', rows: counts.get(name ?? '') ?? null }));
}

/** Removes a database file and what SQLite keeps beside it. */
export async function removeDatabase(path: string): Promise<void> {
  for (const file of filesOf(path)) await rm(file, { force: true });
}
