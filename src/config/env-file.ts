/**
 * Reads `.env` files as data: nothing in them is run and nothing is expanded. Values may be quoted as a POSIX shell
 * quotes (`'it'\''s'`, `"a\"b"`; POSIX.1-2024, Shell Command Language, 2.2) or as dotenv does (backticks, `\n` inside
 * double quotes). An unquoted value is the rest of its line, `#` and quotes included, up to a `#` that follows a blank.
 */

import { parseEnv } from 'node:util';

export interface EnvFileValue {
  readonly value: string;
  readonly line: number;
  /** True when Node and dotenv would read another value here: a person may have meant either. */
  readonly unclear: boolean;
}

interface Reading {
  readonly value: string;
  /** Where the value's text ends. */
  readonly end: number;
}

const assignment = /^[ \t]*(?:export[ \t]+)?([A-Za-z_]\w*)[ \t]*=[ \t]*/;

/** Later lines win over earlier ones, as in every reader of such files. */
export function parseEnvFile(content: string): ReadonlyMap<string, EnvFileValue> {
  const text = content.replace(/^\u{FEFF}/u, '').replaceAll('\r\n', '\n');
  const plain = parseEnv(text);
  const found = new Map<string, EnvFileValue>();
  let position = 0;
  let line = 1;
  while (position < text.length) {
    const lineEnd = endOfLine(text, position);
    const match = assignment.exec(text.slice(position, lineEnd));
    let end = lineEnd;
    if (match?.[1] !== undefined) {
      const name = match[1];
      const reading = readValue(text, position + match[0].length);
      found.set(name, { value: reading.value, line, unclear: plain[name] !== reading.value });
      end = endOfLine(text, reading.end);
    }
    line += text.slice(position, end).split('\n').length;
    position = end + 1;
  }
  return found;
}

function endOfLine(text: string, from: number): number {
  const found = text.indexOf('\n', from);
  return found < 0 ? text.length : found;
}

function readValue(text: string, start: number): Reading {
  const first = text[start];
  if (first === '`') return readBackticks(text, start) ?? readPlain(text, start);
  if (first === '"' || first === "'") return readShellWord(text, start) ?? readPlain(text, start);
  return readPlain(text, start);
}

function readPlain(text: string, start: number): Reading {
  const end = endOfLine(text, start);
  const line = text.slice(start, end);
  const comment = /(?:^|[ \t])#/.exec(line);
  return { value: (comment === null ? line : line.slice(0, comment.index)).trim(), end };
}

function readBackticks(text: string, start: number): Reading | null {
  const close = text.indexOf('`', start + 1);
  return close < 0 || !nothingFollows(text, close + 1) ? null : { value: text.slice(start + 1, close), end: close + 1 };
}

/** Quoted pieces side by side; null when a quote stays open or something unquotable follows, as in `'it's'`. */
function readShellWord(text: string, start: number): Reading | null {
  let value = '';
  let position = start;
  for (;;) {
    const char = text[position];
    if (char === "'") {
      const close = text.indexOf("'", position + 1);
      if (close < 0) return null;
      value += text.slice(position + 1, close);
      position = close + 1;
    } else if (char === '"') {
      const piece = readDoubleQuotes(text, position);
      if (piece === null) return null;
      value += piece.value;
      position = piece.end;
    } else if (char === '\\' && text[position + 1] !== undefined && text[position + 1] !== '\n') {
      value += text.slice(position + 1, position + 2);
      position += 2;
    } else {
      return nothingFollows(text, position) ? { value, end: position } : null;
    }
  }
}

function readDoubleQuotes(text: string, start: number): Reading | null {
  let value = '';
  for (let position = start + 1; position < text.length; position += 1) {
    const char = text[position];
    if (char === '"') return { value, end: position + 1 };
    const next = text[position + 1];
    if (char === '\\' && next === 'n') value += '\n';
    else if (char === '\\' && next !== undefined && '"\\$`'.includes(next)) value += next;
    else {
      value += char ?? '';
      continue;
    }
    position += 1;
  }
  return null;
}

/** Only blanks, or blanks and a comment, up to the end of the line. */
function nothingFollows(text: string, position: number): boolean {
  return /^[ \t]*(?:[ \t]#.*)?$/.test(text.slice(position, endOfLine(text, position)));
}
