/** SQL cut into tokens, as far as finding a name in a CREATE statement needs it (https://sqlite.org/draft/tokenreq.html). */

export interface SqlToken {
  readonly kind: 'word' | 'quoted' | 'comment' | 'other';
  readonly start: number;
  readonly end: number;
  /** False for a comment that runs to the end of the text: whatever follows would be part of it. */
  readonly closed: boolean;
}

/** Alternatives in the order in which a tokeniser must try them. Whitespace is skipped. */
const pattern = new RegExp(
  [
    String.raw`(?<quoted>"(?:[^"]|"")*"|'(?:[^']|'')*'|\x60(?:[^\x60]|\x60\x60)*\x60|\[[^\]]*\])`,
    String.raw`(?<line>--[^\n]*(?:\n|$))`,
    String.raw`(?<block>/\*[^]*?(?:\*/|$))`,
    String.raw`(?<word>[\p{L}\p{N}_$\x80-\u{10ffff}]+)`,
    String.raw`(?<other>\S)`,
  ].join('|'),
  'gu',
);

export function* tokensOf(sql: string): Generator<SqlToken> {
  for (const match of sql.matchAll(pattern)) {
    const { quoted, line, block, word } = match.groups ?? {};
    const kind =
      quoted !== undefined
        ? 'quoted'
        : word !== undefined
          ? 'word'
          : (line ?? block) !== undefined
            ? 'comment'
            : 'other';
    const closed = line === undefined ? block === undefined || /^\/\*[^]*\*\/$/.test(block) : line.endsWith('\n');
    yield { kind, start: match.index, end: match.index + match[0].length, closed };
  }
}

/** The statement with its semicolon, which a comment at its end must not swallow. */
export function terminated(sql: string): string {
  const open = [...tokensOf(sql)].find((token) => !token.closed);
  if (open === undefined) return `${sql};`;
  return sql.startsWith('--', open.start) ? `${sql}\n;` : `${sql}*/;`;
}

/** The statement of an index with another name of its own. */
export function renameIndex(sql: string, quotedName: string): string {
  return replaceToken(sql, nameAfter(sql, 'INDEX'), quotedName);
}

/** The statement of a trigger with another name, on another table. */
export function renameTrigger(sql: string, quotedName: string, quotedTable: string): string {
  const name = nameAfter(sql, 'TRIGGER');
  // The first ON after the name stands before the table: what lies between are events and columns.
  const renamed = replaceToken(sql, nameAfter(sql, 'ON', name.end), quotedTable);
  return replaceToken(renamed, name, quotedName);
}

function nameAfter(sql: string, keyword: string, from = 0): SqlToken {
  let found = false;
  for (const token of tokensOf(sql)) {
    if (token.start < from || token.kind === 'comment') continue;
    if (found) return token;
    found = token.kind === 'word' && sql.slice(token.start, token.end).toUpperCase() === keyword;
  }
  throw new TypeError(`no name after ${keyword} in: ${sql.slice(0, 60)}`);
}

function replaceToken(sql: string, token: SqlToken, text: string): string {
  return sql.slice(0, token.start) + text + sql.slice(token.end);
}
