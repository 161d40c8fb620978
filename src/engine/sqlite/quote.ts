/** Names and texts as SQL (https://sqlite.org/lang_keywords.html, https://sqlite.org/lang_expr.html "Literal Values"). */

/** An identifier, always in double quotes. */
export function quoteIdentifier(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}

/** A text literal. Texts with NUL must go another way: SQL ends at the first one. */
export function quoteLiteral(text: string): string {
  return `'${text.replaceAll("'", "''")}'`;
}

/** A word of a command for a POSIX shell. */
export function quoteShell(word: string): string {
  return `'${word.replaceAll("'", "'\\''")}'`;
}
