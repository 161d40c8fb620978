/**
 * Reads the COPY statement that an archive keeps with a table's rows (pg_dump.c, dumpTableData):
 * `COPY schema.table (column, …) FROM stdin;`, names quoted where they need it. Also qualified names of that spelling.
 */

import { archiveErrors } from './errors.ts';

export interface CopyTarget {
  readonly schema: string;
  readonly table: string;
  /** Empty for a table without columns of its own to load. */
  readonly columns: readonly string[];
}

const name = String.raw`(?:"(?:[^"]|"")*"|[^\s".,()]+)`;
const copyForm = new RegExp(String.raw`^COPY\s+(${name})\.(${name})\s*(?:\(([\s\S]*)\))?\s*FROM\s+stdin;\s*$`, 'i');
const nameForm = new RegExp(name, 'g');
const qualifiedForm = new RegExp(`^(${name})\\.(${name})$`);

/** False also for those of pg_dump before 10.3, which leave the schema to `search_path`. */
export function isCopyStatement(statement: string): boolean {
  return copyForm.test(statement);
}

export function parseCopyStatement(statement: string): CopyTarget {
  const [, schema, table, columns = ''] = copyForm.exec(statement) ?? [];
  if (schema === undefined || table === undefined) {
    throw archiveErrors.make('damaged-archive', `a COPY statement that cannot be read: ${statement.trim()}`);
  }
  return {
    schema: unquote(schema),
    table: unquote(table),
    columns: (columns.match(nameForm) ?? []).map(unquote),
  };
}

/** `schema.name` as pg_dump spells it; null when it is something else. */
export function parseQualifiedName(text: string): { readonly schema: string; readonly name: string } | null {
  const [, schema, local] = qualifiedForm.exec(text) ?? [];
  return schema === undefined || local === undefined ? null : { schema: unquote(schema), name: unquote(local) };
}

function unquote(written: string): string {
  return written.startsWith('"') ? written.slice(1, -1).replaceAll('""', '"') : written;
}
