/** What an archive's table of contents says of the whole: what it needs where it is restored, and which part it is. */

import type { BackupNeeds } from '../../../domain/manifest.ts';
import type { ScopeKind } from '../../../domain/scope.ts';
import type { ArchiveToc, TocEntry } from '../archive/toc.ts';
import { splitStatements } from '../restore/database/sql-lexer.ts';
import { kindOfStatement } from './statement-kind.ts';

export function needsOfArchive(toc: ArchiveToc): BackupNeeds {
  const owners = toc.entries.map(({ owner }) => owner);
  const named = toc.entries
    .filter(({ desc }) => ['ACL', 'DEFAULT ACL', 'POLICY', 'USER MAPPING'].includes(desc))
    .flatMap(({ definition }) => splitStatements(definition).flatMap(rolesOf));
  const tablespaces = toc.entries.map(({ tablespace }) => tablespace ?? '');
  const extensions = toc.entries.filter(({ desc }) => desc === 'EXTENSION').map(({ tag }) => tag);
  return {
    roles: distinct([...owners, ...named]).filter((name) => !name.startsWith('pg_')),
    tablespaces: distinct(tablespaces).filter((name) => !name.startsWith('pg_')),
    extensions: distinct(extensions).map((name) => ({ name, version: '' })),
  };
}

/** Rows without a table, tables without rows: an empty table has an entry for its rows too. */
export function scopeOfArchive(toc: ArchiveToc): ScopeKind {
  const has = (kind: string): boolean => toc.entries.some((entry) => entry.desc === kind);
  const hasRows = toc.entries.some((entry) => entry.dataState !== 'none');
  const creates = toc.entries.some((entry) => entry.section === 'pre-data' && !aboutDatabase(entry));
  if (hasRows && !creates) return 'data';
  return has('TABLE') && !hasRows ? 'schema' : 'whole';
}

export function countTables(toc: ArchiveToc): number {
  return toc.entries.filter(({ desc }) => desc === 'TABLE').length;
}

function aboutDatabase({ desc }: TocEntry): boolean {
  return ['ENCODING', 'STDSTRINGS', 'SEARCHPATH', 'DATABASE', 'DATABASE PROPERTIES'].includes(desc);
}

function rolesOf(statement: string): readonly string[] {
  const kind = kindOfStatement(statement);
  return kind.kind === 'privilege' || kind.kind === 'owner' || kind.kind === 'creates' ? kind.roles : [];
}

function distinct(names: readonly string[]): readonly string[] {
  return [...new Set(names.filter((name) => name !== ''))];
}
