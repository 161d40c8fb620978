/**
 * Quoting of names and literals for SQL text. Names are always quoted, so that reserved words, capitals, spaces and
 * quotes are nothing special (PostgreSQL documentation, "Lexical Structure", 4.1.1 and 4.1.2).
 */

/** `"odd ""name"""`. A name holds any character but NUL. */
export function quoteIdentifier(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}

/**
 * A string literal that means the same whatever `standard_conforming_strings` is: with a backslash inside it is written
 * as an escape string. For statements that take no parameters only; elsewhere values go as parameters.
 */
export function quoteLiteral(text: string): string {
  const quoted = `'${text.replaceAll("'", "''").replaceAll('\\', '\\\\')}'`;
  return text.includes('\\') ? ` E${quoted}` : quoted;
}

/** `"schema"."name"`. */
export function qualifiedName(schema: string, name: string): string {
  return `${quoteIdentifier(schema)}.${quoteIdentifier(name)}`;
}
