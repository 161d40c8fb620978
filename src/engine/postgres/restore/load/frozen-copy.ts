/**
 * How the rows of one table go in. A table that this very restore has made is emptied and filled in one transaction: rows are
 * then written as frozen (PostgreSQL documentation, COPY, FREEZE), so that neither the index builds nor the first vacuum
 * touch their pages again, and nothing of them goes to the WAL where `wal_level` is minimal. Never emptied is what rows of
 * somebody else may have come to before.
 */

import { parseCopyStatement } from '../../archive/copy-statement.ts';
import type { ArchiveToc, TocEntry } from '../../archive/toc.ts';
import { qualifiedName } from '../../quote.ts';

/** For each entry with rows what its session is sent, in the encoding of the archive; it ends with a COPY. */
export function copyStatements(toc: ArchiveToc): ReadonlyMap<TocEntry, Buffer> {
  const made = new Map(toc.entries.filter(({ desc }) => desc === 'TABLE').map((entry) => [entry.dumpId, entry]));
  const fills = toc.entries.filter(({ copyStatement }) => copyStatement !== '').map((entry) => fillOf(entry, made));
  const mayEmpty = emptiable(fills, toc);
  return new Map(
    fills.map((fill) => {
      const { copyStatementBytes: copy } = fill.entry;
      return [fill.entry, Buffer.from(mayEmpty(fill) ? frozen(copy) : copy, 'latin1')];
    }),
  );
}

interface Fill {
  readonly entry: TocEntry;
  /** Where the rows go. */
  readonly target: string;
  /** The target, when the archive makes it and the rows are from it. */
  readonly own: TocEntry | null;
  /** Rows of a partition may be written for its root, which stores none. */
  readonly isForRoot: boolean;
}

function fillOf(entry: TocEntry, made: ReadonlyMap<number, TocEntry>): Fill {
  const { schema, table } = parseCopyStatement(entry.copyStatement);
  const target = qualifiedName(schema, table);
  const tables = entry.dependencies.flatMap((id) => made.get(id) ?? []);
  const own = tables.find((one) => nameOf(one) === target) ?? null;
  return { entry, target, own, isForRoot: own === null && tables.length > 0 };
}

function emptiable(fills: readonly Fill[], toc: ArchiveToc): (fill: Fill) => boolean {
  const comings = new Map<string, number>();
  for (const { target } of fills) comings.set(target, 1 + (comings.get(target) ?? 0));
  // Rows that are for a root may come to any partition: by another collation than the source's, not to the one they are from.
  const shared = fills.some(({ isForRoot }) => isForRoot) ? partitionsOf(toc) : new Set<string>();
  return ({ own, target }) => own !== null && comings.get(target) === 1 && !shared.has(target);
}

/** pg_dump.c, dumpTableAttach; before version 14 within the definition of the table. */
function partitionsOf(toc: ArchiveToc): ReadonlySet<string> {
  const isPartition = ({ desc, definition }: TocEntry): boolean =>
    desc === 'TABLE ATTACH' || (desc === 'TABLE' && /\b(?:ATTACH PARTITION|PARTITION OF)\b/.test(definition));
  return new Set(toc.entries.filter(isPartition).map(nameOf));
}

function nameOf({ namespace, tag }: TocEntry): string {
  return qualifiedName(namespace, tag);
}

/** One character per byte, in and out. */
function frozen(copy: string): string {
  const { schema, table } = parseCopyStatement(copy);
  const frozenCopy = copy.replace(/;\s*$/, ' WITH (FREEZE);');
  return `TRUNCATE TABLE ONLY ${qualifiedName(schema, table)};\n${frozenCopy}`;
}
