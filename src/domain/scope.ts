/** What a backup holds. Only whole ones count for `latest`, health and retention classes, and may be swapped in. */
export type ScopeKind = 'whole' | 'schema' | 'data' | 'tables';

/** Patterns are those of `pg_dump` (PostgreSQL documentation, psql "Patterns"); for SQLite only `whole` exists. */
export interface Scope {
  readonly kind: ScopeKind;
  readonly tables: readonly string[];
  readonly excludedTables: readonly string[];
  readonly schemas: readonly string[];
  readonly excludedSchemas: readonly string[];
  /** What still read of a damaged database; always of kind `tables`, however much it is. */
  readonly salvaged?: true;
}

export const wholeScope: Scope = { kind: 'whole', tables: [], excludedTables: [], schemas: [], excludedSchemas: [] };

export const salvageScope: Scope = { ...wholeScope, kind: 'tables', salvaged: true };

/** One phrase for people: `whole`, `schema only`, `tables a, b without c`, `salvaged`. */
export function describeScope(scope: Scope): string {
  if (scope.kind === 'whole') return 'whole';
  if (scope.salvaged === true) return 'salvaged';
  const chosen = [...scope.schemas.map((name) => `schema ${name}`), ...scope.tables];
  const left = [...scope.excludedSchemas.map((name) => `schema ${name}`), ...scope.excludedTables];
  const parts = [
    scope.kind === 'schema' ? 'schema only' : scope.kind === 'data' ? 'data only' : 'tables',
    chosen.length > 0 ? chosen.join(', ') : '',
    left.length > 0 ? `without ${left.join(', ')}` : '',
  ];
  return parts.filter((part) => part !== '').join(' ');
}
