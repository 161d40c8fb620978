/** Everything in an archive that belongs to chosen tables: their parts, their rows, what is said about them. */

import type { ArchiveToc, TocEntry } from '../../archive/toc.ts';
import type { ChosenTable } from './choose-tables.ts';

/** Tagged `<table> <name>` (pg_dump.c); they may depend on other tables as well, so that their tag decides. */
const taggedParts: ReadonlySet<string> = new Set([
  'CHECK CONSTRAINT',
  'CONSTRAINT',
  'DEFAULT',
  'FK CONSTRAINT',
  'POLICY',
  'RULE',
  'TRIGGER',
]);
/** They depend on one table only. */
const dependentParts: ReadonlySet<string> = new Set(['INDEX', 'SEQUENCE', 'SEQUENCE OWNED BY', 'STATISTICS']);
/** They say something about an object: they depend on it and on nothing else that is chosen. */
const remarks: ReadonlySet<string> = new Set(['ACL', 'COMMENT', 'SECURITY LABEL', 'SEQUENCE SET']);

/** In the order of the archive. */
export function entriesOfTables(toc: ArchiveToc, tables: readonly ChosenTable[]): readonly TocEntry[] {
  const chosen = new Set<number>();
  for (const table of tables) {
    chosen.add(table.entry.dumpId);
    if (table.data !== null) chosen.add(table.data.dumpId);
    for (const entry of toc.entries) {
      if (isPartOf(entry, table)) chosen.add(entry.dumpId);
      // A serial column's sequence is known by the entry that ties it to the table.
      if (entry.desc === 'SEQUENCE OWNED BY' && chosen.has(entry.dumpId)) {
        for (const id of sequencesAmong(toc, entry.dependencies)) chosen.add(id);
      }
    }
  }
  const said = toc.entries.filter(
    (entry) => remarks.has(entry.desc) && entry.dependencies.some((id) => chosen.has(id)),
  );
  for (const entry of said) chosen.add(entry.dumpId);
  return toc.entries.filter(({ dumpId }) => chosen.has(dumpId));
}

function isPartOf(entry: TocEntry, { entry: table }: ChosenTable): boolean {
  if (entry.namespace !== table.namespace) return false;
  if (entry.desc === 'ROW SECURITY') return entry.tag === table.tag;
  if (!entry.dependencies.includes(table.dumpId)) return false;
  if (taggedParts.has(entry.desc)) return entry.tag.startsWith(`${table.tag} `);
  return dependentParts.has(entry.desc);
}

function sequencesAmong(toc: ArchiveToc, ids: readonly number[]): readonly number[] {
  return toc.entries
    .filter(({ desc, dumpId }) => desc === 'SEQUENCE' && ids.includes(dumpId))
    .map(({ dumpId }) => dumpId);
}
