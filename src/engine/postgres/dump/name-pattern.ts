/**
 * The name patterns of psql and pg_dump as regular expressions of the server: letters outside double quotes are folded
 * to lower case, `*` and `?` match any characters, a dot parts schema and name, other signs of regular expressions keep
 * their meaning (PostgreSQL documentation, psql, "Patterns"; patternToSQLRegex in src/fe_utils/string_utils.c).
 */

import { postgresErrors } from '../errors.ts';

export interface NamePattern {
  /** Anchored regular expression for the schema's name; null when the pattern names none. */
  readonly schema: string | null;
  /** Anchored regular expression for the name. */
  readonly name: string;
}

/** A pattern for tables, views and the like. A third part in front (`database.schema.name`) is left out. */
export function parseTablePattern(pattern: string): NamePattern {
  const parts = splitPattern(pattern);
  const name = parts.at(-1) ?? '';
  const schema = parts.length > 1 ? (parts.at(-2) ?? '') : null;
  return { schema: schema === null ? null : anchored(schema), name: anchored(name) };
}

/** A pattern for schemas. A part in front (`database.schema`) is left out. */
export function parseSchemaPattern(pattern: string): string {
  return anchored(splitPattern(pattern).at(-1) ?? '');
}

/**
 * A pattern for databases. Throws `pattern-invalid`: a dot outside of quotes would part a name that has no parts, and with it
 * exclude another database than was meant.
 */
export function parseDatabasePattern(pattern: string): string {
  const quotes = pattern.split('"').length - 1;
  const parts = splitPattern(pattern);
  if (quotes % 2 === 0 && parts.length === 1 && pattern !== '') return anchored(parts[0] ?? '');
  const why = parts.length > 1 ? 'has a dot outside of double quotes' : 'is empty or has a quote that is not closed';
  throw postgresErrors.make('pattern-invalid', `the pattern ${JSON.stringify(pattern)} ${why}`);
}

function anchored(expression: string): string {
  return `^(${expression})$`;
}

function splitPattern(pattern: string): readonly string[] {
  const parts: string[] = [];
  let part = '';
  let isQuoted = false;
  for (let index = 0; index < pattern.length; index++) {
    const char = pattern.charAt(index);
    if (char === '"') {
      const isDoubled = isQuoted && pattern.charAt(index + 1) === '"';
      if (isDoubled) {
        part += '"';
        index++;
      } else {
        isQuoted = !isQuoted;
      }
    } else if (isQuoted) {
      part += escapeSign(char);
    } else if (char === '.') {
      parts.push(part);
      part = '';
    } else {
      part += unquoted(char, pattern.charAt(index + 1));
    }
  }
  return [...parts, part];
}

function unquoted(char: string, next: string): string {
  if (char === '*') return '.*';
  if (char === '?') return '.';
  if (char === '$') return '\\$';
  // `[]` names an array type, not an empty set of characters.
  if (char === '[' && next === ']') return '\\[';
  return /[A-Z]/.test(char) ? char.toLowerCase() : char;
}

function escapeSign(char: string): string {
  return /[|*+?()[\]{}.^$\\]/.test(char) ? `\\${char}` : char;
}
