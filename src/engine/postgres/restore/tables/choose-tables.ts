/** Finds the tables a person named in an archive's table of contents. */

import type { ArchiveToc, TocEntry } from '../../archive/toc.ts';
import { identifierOf, isBlank, isKeyword, readTokens, type SqlToken } from '../database/sql-lexer.ts';
import { restoreErrors } from '../errors.ts';

export interface ChosenTable {
  readonly schema: string;
  readonly table: string;
  readonly entry: TocEntry;
  /** Null when the backup holds no rows of it: a partitioned table has none of its own, a schema-only backup has none at all. */
  readonly data: TocEntry | null;
  readonly isPartitioned: boolean;
}

/** In the order of the archive, each once. Throws `table-not-in-backup` and `table-ambiguous`. */
export function chooseTables(toc: ArchiveToc, names: readonly string[]): readonly ChosenTable[] {
  const entries = toc.entries.filter(({ desc }) => desc === 'TABLE');
  const chosen = new Set(names.map((name) => findTable(entries, name)));
  return entries.filter((entry) => chosen.has(entry)).map((entry) => describe(toc, entry));
}

/** `"Odd.Name"`, `sales.orders`: the parts as psql understands them; null when it is no name. */
export function parseTableName(text: string): readonly string[] | null {
  const tokens = readTokens(text).filter((token) => !isBlank(token));
  const parts: string[] = [];
  for (const [at, token] of tokens.entries()) {
    if (at % 2 === 1) {
      if (token.text !== '.') return null;
      continue;
    }
    const part = identifierOf(token);
    if (part === null) return null;
    parts.push(part);
  }
  return tokens.length % 2 === 1 && parts.length <= 2 ? parts : null;
}

/** Quoted only where it must be: for people. */
export function displayName(schema: string, table: string): string {
  const show = (name: string): string => (/^[a-z_][a-z0-9_$]*$/.test(name) ? name : `"${name.replaceAll('"', '""')}"`);
  return `${show(schema)}.${show(table)}`;
}

function findTable(entries: readonly TocEntry[], name: string): TocEntry {
  // Whoever leaves the quotes away of a name that needs them means that name.
  const found = [parseTableName(name) ?? [], [name], name.split('.')]
    .map((parts) => matching(entries, parts))
    .find((matches) => matches.length > 0);
  const [first, ...others] = found ?? [];
  if (first === undefined) throw restoreErrors.make('table-not-in-backup', `the backup holds no table ${name}`);
  if (others.length > 0) {
    const all = [first, ...others].map((entry) => displayName(entry.namespace, entry.tag)).join(', ');
    throw restoreErrors.make('table-ambiguous', `${name} could be any of ${all}`);
  }
  return first;
}

function matching(entries: readonly TocEntry[], parts: readonly string[]): readonly TocEntry[] {
  const [first, second] = parts;
  if (first === undefined || parts.length > 2) return [];
  return entries.filter(({ namespace, tag }) =>
    second === undefined ? tag === first : namespace === first && tag === second,
  );
}

function describe(toc: ArchiveToc, entry: TocEntry): ChosenTable {
  const { namespace, tag } = entry;
  const data = toc.entries.find(
    (other) => other.desc === 'TABLE DATA' && other.namespace === namespace && other.tag === tag,
  );
  return { schema: namespace, table: tag, entry, data: data ?? null, isPartitioned: isPartitionRoot(entry) };
}

function isPartitionRoot(entry: TocEntry): boolean {
  const tokens = readTokens(entry.definition).filter((token) => !isBlank(token));
  const isPair = (token: SqlToken, at: number): boolean =>
    isKeyword(token, 'PARTITION') && isKeyword(tokens[at + 1], 'BY');
  return tokens.some(isPair);
}
