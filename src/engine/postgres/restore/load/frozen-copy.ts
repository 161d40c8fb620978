/**
 * How the rows of one table go in. A table that this very restore has made is emptied and filled in one transaction: rows are
 * then written as frozen (PostgreSQL documentation, COPY, FREEZE), so that neither the index builds nor the first vacuum
 * touch their pages again, and nothing of them goes to the WAL where `wal_level` is minimal.
 */

import { parseCopyStatement, type CopyTarget } from '../../archive/copy-statement.ts';
import type { ArchiveToc, TocEntry } from '../../archive/toc.ts';
import { quoteIdentifier } from '../../quote.ts';

export interface TableFill {
  /** Run before the COPY, in its transaction. */
  readonly before: string | null;
  readonly copy: string;
}

/** For each entry with rows. */
export function tableFills(toc: ArchiveToc): ReadonlyMap<TocEntry, TableFill> {
  const made = new Map(toc.entries.filter(({ desc }) => desc === 'TABLE').map((entry) => [entry.dumpId, entry]));
  const fills = new Map<TocEntry, TableFill>();
  for (const entry of toc.entries) {
    if (entry.copyStatement === '') continue;
    const target = parseCopyStatement(entry.copyStatement);
    const isMadeHere = entry.dependencies.some((id) => isTable(made.get(id), target));
    fills.set(entry, isMadeHere ? frozen(entry, target) : { before: null, copy: entry.copyStatement });
  }
  return fills;
}

/** Rows of a partition may be written for its root, which stores none; those of an extension's table come to others. */
function isTable(entry: TocEntry | undefined, { schema, table }: CopyTarget): boolean {
  return entry?.namespace === schema && entry.tag === table;
}

function frozen(entry: TocEntry, { schema, table }: CopyTarget): TableFill {
  return {
    before: `TRUNCATE TABLE ONLY ${quoteIdentifier(schema)}.${quoteIdentifier(table)}`,
    copy: entry.copyStatement.replace(/;\s*$/, ' WITH (FREEZE);'),
  };
}
