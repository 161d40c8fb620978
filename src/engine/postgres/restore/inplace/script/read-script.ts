/**
 * Reads a script that pg_dump or pg_restore wrote: statements one by one, the rows of a COPY as they come. Nothing is held
 * but the present statement; rows pass in the pieces they arrive in.
 */

import { restoreErrors } from '../../errors.ts';
import { StatementScanner, type ScanEnd } from './statement-scanner.ts';

export interface ScriptReader {
  /** Without its semicolon; with its first words (statement-scanner.ts). Answers whether the rows of a COPY follow it. */
  statement(sql: Buffer, words: readonly string[]): Promise<'rows-follow' | 'done'>;
  /** COPY text, without the line that ends it. The bytes are the reader's until it resolves. */
  rows(bytes: Uint8Array): Promise<void>;
  endRows(): Promise<void>;
}

/** Commands of psql that stand in every dump since 15.14 and 17.6, and mean nothing to a server. */
const harmlessCommand = /^\\(?:un)?restrict\b/;
const endOfRows = Buffer.from('\\.\n');
const endAfterRow = Buffer.from('\n\\.\n');

/** Throws `restore-failed` for a script that is cut off, or holds commands of psql. */
export async function readScript(bytes: AsyncIterable<Uint8Array>, reader: ScriptReader): Promise<void> {
  const script = new Script(reader);
  for await (const piece of bytes) await script.take(piece);
  script.end();
}

class Script {
  readonly #reader: ScriptReader;
  readonly #scanner = new StatementScanner();
  #state: 'statements' | 'rest-of-line' | 'rows' = 'statements';
  /** The beginning of a statement that goes on in the next piece. */
  #begun: Buffer[] = [];
  /** The end of the last piece of rows, which may be the beginning of their end. */
  #held: Buffer = Buffer.alloc(0);
  #isLineStart = true;

  constructor(reader: ScriptReader) {
    this.#reader = reader;
  }

  async take(piece: Uint8Array): Promise<void> {
    for (let at = 0; at < piece.length; ) {
      if (this.#state === 'rows') at = await this.#takeRows(piece, at);
      else if (this.#state === 'rest-of-line') at = this.#takeRestOfLine(piece, at);
      else at = await this.#takeStatement(piece, at);
    }
  }

  /** Throws when the script ends within something. */
  end(): void {
    if (this.#state === 'statements' && this.#scanner.isEmpty) return;
    throw restoreErrors.make('restore-failed', 'the script of the backup breaks off in the middle');
  }

  async #takeStatement(piece: Uint8Array, from: number): Promise<number> {
    const found = this.#scanner.scan(piece, from);
    const end = found?.end ?? piece.length;
    // The bytes are their source's again at its next pull.
    this.#begun.push(Buffer.from(piece.subarray(from, end)));
    if (found === null) return end;
    const text = Buffer.concat(this.#begun);
    this.#begun = [];
    await this.#give(found, text);
    return end;
  }

  async #give(found: ScanEnd, text: Buffer): Promise<void> {
    if (found.kind === 'command') {
      const command = withoutComments(text.toString('latin1')).trim();
      if (harmlessCommand.test(command)) return;
      const word = /^\\\S*/.exec(command)?.[0] ?? command;
      throw restoreErrors.make('restore-failed', `the script of the backup holds a command of psql: ${word}`);
    }
    const sql = withoutLead(text.subarray(0, text.length - 1));
    if (sql.length === 0) return;
    const strings = /^SET standard_conforming_strings = (on|off)$/.exec(headOf(sql))?.[1];
    if (strings !== undefined) this.#scanner.setPlainStrings(strings === 'on');
    if ((await this.#reader.statement(sql, found.words)) === 'rows-follow') this.#state = 'rest-of-line';
  }

  #takeRestOfLine(piece: Uint8Array, from: number): number {
    const end = piece.indexOf(10, from);
    if (end < 0) return piece.length;
    this.#state = 'rows';
    this.#isLineStart = true;
    return end + 1;
  }

  async #takeRows(piece: Uint8Array, from: number): Promise<number> {
    const heldBytes = this.#held.length;
    const bytes = Buffer.concat([this.#held, piece.subarray(from)]);
    const stop = findEnd(bytes, this.#isLineStart);
    if (stop !== null) {
      this.#held = Buffer.alloc(0);
      await this.#pass(bytes.subarray(0, stop));
      await this.#reader.endRows();
      this.#state = 'statements';
      return from + stop + endOfRows.length - heldBytes;
    }
    const safe = bytes.length - possibleStart(bytes, this.#isLineStart);
    this.#held = Buffer.from(bytes.subarray(safe));
    await this.#pass(bytes.subarray(0, safe));
    return piece.length;
  }

  async #pass(bytes: Buffer): Promise<void> {
    if (bytes.length === 0) return;
    this.#isLineStart = bytes.at(-1) === 10;
    await this.#reader.rows(bytes);
  }
}

/** Where the line that ends the rows begins. */
function findEnd(bytes: Buffer, isLineStart: boolean): number | null {
  if (isLineStart && bytes.subarray(0, endOfRows.length).equals(endOfRows)) return 0;
  const at = bytes.indexOf(endAfterRow);
  return at < 0 ? null : at + 1;
}

/** How many of the last bytes may be the beginning of that line. */
function possibleStart(bytes: Buffer, isLineStart: boolean): number {
  for (let length = endAfterRow.length - 1; length > 0; length -= 1) {
    if (length <= bytes.length && bytes.subarray(bytes.length - length).equals(endAfterRow.subarray(0, length)))
      return length;
  }
  const isBegun = isLineStart && bytes.length < endOfRows.length && endOfRows.subarray(0, bytes.length).equals(bytes);
  return isBegun ? bytes.length : 0;
}

/** The statement without the blanks and comments before it, which name and explain every object in a dump. */
function withoutLead(text: Buffer): Buffer {
  let at = 0;
  for (;;) {
    while (at < text.length && isBlank(text[at] ?? 0)) at += 1;
    const rest = text.toString('latin1', at, at + 2);
    if (rest !== '--') return text.subarray(at);
    const end = text.indexOf(10, at);
    at = end < 0 ? text.length : end + 1;
  }
}

function withoutComments(text: string): string {
  return text.replaceAll(/^[ \t]*--.*$/gm, '');
}

function headOf(sql: Buffer): string {
  return sql.toString('latin1', 0, 64);
}

function isBlank(byte: number): boolean {
  return byte === 32 || (byte >= 9 && byte <= 13);
}
