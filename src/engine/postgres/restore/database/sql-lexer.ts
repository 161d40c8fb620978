/**
 * Cuts SQL that pg_dump wrote into tokens, so that a name can be replaced and statements be parted without touching
 * what stands in strings, comments or function bodies. Joining the texts of all tokens gives the input back, always.
 * Follows "Lexical Structure" of PostgreSQL's documentation, with standard_conforming_strings on, as pg_dump sets it.
 */

export interface SqlToken {
  readonly kind: 'space' | 'comment' | 'word' | 'quoted' | 'string' | 'symbol';
  readonly text: string;
}

const space = /[ \t\n\r\f\v]+/y;
const lineComment = /--[^\n\r]*/y;
const word = /[A-Za-z_\u0080-\uffff][A-Za-z0-9_$\u0080-\uffff]*/y;
const number = /[0-9]+(?:\.[0-9]+)?/y;
const quoted = /(?:[Uu]&)?"(?:[^"]|"")*"/y;
const escapeString = /[Ee]'(?:[^'\\]|''|\\[\s\S])*'/y;
const plainString = /(?:[Uu]&|[BbXxNn])?'(?:[^']|'')*'/y;
const dollarTag = /\$(?:[A-Za-z_\u0080-\uffff][A-Za-z0-9_\u0080-\uffff]*)?\$/y;

/** Text that no rule knows (an unclosed quote) becomes one symbol to the end, and stays as it is. */
export function readTokens(sql: string): readonly SqlToken[] {
  const tokens: SqlToken[] = [];
  for (let at = 0; at < sql.length; ) {
    const token = nextToken(sql, at);
    tokens.push(token);
    at += token.text.length;
  }
  return tokens;
}

/** The statements of a script without their semicolons; empty ones are left out. */
export function splitStatements(sql: string): readonly string[] {
  const statements: string[] = [];
  let present = '';
  for (const token of readTokens(sql)) {
    if (token.kind === 'symbol' && token.text === ';') {
      statements.push(present.trim());
      present = '';
    } else present += token.text;
  }
  statements.push(present.trim());
  return statements.filter((statement) => !isEmptyStatement(statement));
}

/** The name that a word or quoted token stands for; null for other tokens. */
export function identifierOf(token: SqlToken | undefined): string | null {
  if (token === undefined) return null;
  // Only ASCII is folded: what PostgreSQL does in every locale; pg_dump quotes whatever is not lower-case ASCII.
  if (token.kind === 'word') return token.text.replaceAll(/[A-Z]/g, (letter) => letter.toLowerCase());
  if (token.kind === 'quoted' && token.text.startsWith('"')) return token.text.slice(1, -1).replaceAll('""', '"');
  return null;
}

export function isKeyword(token: SqlToken | undefined, keyword: string): boolean {
  return token?.kind === 'word' && token.text.toUpperCase() === keyword;
}

/** True when `token` says nothing: white space or a comment. */
export function isBlank(token: SqlToken): boolean {
  return token.kind === 'space' || token.kind === 'comment';
}

function nextToken(sql: string, at: number): SqlToken {
  const first = sql[at] ?? '';
  if (sql.startsWith('/*', at)) return { kind: 'comment', text: blockComment(sql, at) };
  const tag = first === '$' ? match(dollarTag, sql, at) : null;
  if (tag !== null) return { kind: 'string', text: dollarString(sql, at, tag) };
  const rules: readonly (readonly [SqlToken['kind'], RegExp])[] = [
    ['space', space],
    ['comment', lineComment],
    ['string', escapeString],
    ['string', plainString],
    ['quoted', quoted],
    ['word', word],
    ['symbol', number],
  ];
  for (const [kind, rule] of rules) {
    const text = match(rule, sql, at);
    if (text !== null) return { kind, text };
  }
  return { kind: 'symbol', text: first === "'" || first === '"' ? sql.slice(at) : first };
}

function match(rule: RegExp, sql: string, at: number): string | null {
  rule.lastIndex = at;
  return rule.exec(sql)?.[0] ?? null;
}

function dollarString(sql: string, at: number, tag: string): string {
  const end = sql.indexOf(tag, at + tag.length);
  return end < 0 ? sql.slice(at) : sql.slice(at, end + tag.length);
}

/** Block comments nest. */
function blockComment(sql: string, at: number): string {
  let depth = 0;
  for (let position = at; position < sql.length; ) {
    if (sql.startsWith('/*', position)) {
      depth += 1;
      position += 2;
    } else if (sql.startsWith('*/', position)) {
      depth -= 1;
      position += 2;
      if (depth === 0) return sql.slice(at, position);
    } else position += 1;
  }
  return sql.slice(at);
}

function isEmptyStatement(statement: string): boolean {
  return readTokens(statement).every(isBlank);
}
