/**
 * Cuts a script into statements, the rows of its COPY blocks and the commands of psql, in bounded memory. Everything comes
 * out again, in its place: joining the parts gives the script.
 */

import { archiveErrors } from '../archive/errors.ts';
import { copyKind } from './statement-kind.ts';
import { isBlank, ScriptLexer } from './script-lexer.ts';

export type ScriptPart =
  /** With the comments and blanks before it. Of a very long one the beginning; `more` follows. */
  | { readonly kind: 'statement'; readonly line: number; readonly bytes: Buffer; readonly isWhole: boolean }
  | { readonly kind: 'more'; readonly bytes: Uint8Array }
  /** A view, valid until the next push; rows that ended in it. */
  | { readonly kind: 'rows'; readonly bytes: Uint8Array; readonly rows: number }
  /**
   * A backslash outside of texts, to the end of its line. `before`: the comments and blanks since the last statement, or
   * the beginning of the one it is inside of.
   */
  | {
      readonly kind: 'command';
      readonly line: number;
      readonly before: Buffer;
      readonly isInsideStatement: boolean;
      readonly text: string;
    }
  /** Blanks and comments behind the last statement. */
  | { readonly kind: 'end'; readonly bytes: Buffer };

/** A COPY statement with as many columns as a table can have is shorter. */
const keptBytes = 256 * 1024;
const newline = 10;

type Mode = 'statement' | 'command' | 'rows-begin' | 'rows';

export class ScriptCutter {
  readonly #lexer = new ScriptLexer();
  #mode: Mode = 'statement';
  #line = 1;
  #startLine = 1;
  #kept: Buffer[] = [];
  #keptBytes = 0;
  #isLong = false;
  #hasCode = false;
  #before: Buffer = Buffer.alloc(0);
  #isInsideStatement = false;
  /** The beginning of the present row's line, and how long it is. */
  readonly #rowStart = Buffer.alloc(3);
  #rowBytes = 0;

  *push(chunk: Uint8Array): Generator<ScriptPart, void> {
    const bytes = Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength);
    for (let at = 0; at < bytes.length; ) {
      if (this.#mode === 'statement') at = yield* this.#statement(bytes, at);
      else if (this.#mode === 'command') at = yield* this.#command(bytes, at);
      else if (this.#mode === 'rows-begin') at = this.#rowsBegin(bytes, at);
      else at = yield* this.#rows(bytes, at);
    }
  }

  /** Throws `damaged-script` where the script ends in the middle of something. */
  *finish(): Generator<ScriptPart, void> {
    if (this.#mode === 'command') yield this.#takeCommand();
    if (this.#mode !== 'statement') throw cutOff(this.#line, 'among the rows of a table');
    if (!this.#lexer.isAtRest || this.#hasCode) throw cutOff(this.#line, 'in the middle of a statement');
    yield { kind: 'end', bytes: this.#takeKept() };
  }

  *#statement(bytes: Buffer, from: number): Generator<ScriptPart, number> {
    for (let at = this.#lexer.skip(bytes, from); at < bytes.length; ) {
      const byte = bytes[at] ?? 0;
      const wasText = this.#lexer.isInsideText;
      const event = this.#lexer.step(byte);
      if (event === 'none') {
        if (!wasText && !this.#hasCode) this.#noteCode(byte, bytes.subarray(from, at));
        at = this.#lexer.skip(bytes, at + 1);
        continue;
      }
      if (event === 'backslash') {
        yield* this.#keep(bytes.subarray(from, at));
        this.#isInsideStatement = this.#hasCode;
        this.#before = this.#takeKept();
        this.#mode = 'command';
        return at;
      }
      yield* this.#keep(bytes.subarray(from, at + 1));
      yield* this.#endStatement();
      return at + 1;
    }
    yield* this.#keep(bytes.subarray(from));
    return bytes.length;
  }

  /** Dashes, slashes and stars may belong to a comment: no statement begins with one. */
  #noteCode(byte: number, before: Buffer): void {
    if (isBlank(byte) || byte === 0x2d || byte === 0x2f || byte === 0x2a) return;
    this.#hasCode = true;
    this.#startLine = this.#line + countLines(before);
  }

  *#endStatement(): Generator<ScriptPart, void> {
    const isLong = this.#isLong;
    const line = this.#startLine;
    const bytes = this.#takeKept();
    if (!isLong) {
      const isRows = copyKind(bytes.toString('latin1')) === 'from-stdin';
      yield { kind: 'statement', line, bytes, isWhole: true };
      if (isRows) this.#mode = 'rows-begin';
    }
  }

  *#keep(part: Buffer): Generator<ScriptPart, void> {
    this.#line += countLines(part);
    if (this.#isLong) {
      yield { kind: 'more', bytes: part };
      return;
    }
    // Copied: the chunk's memory is the source's again afterwards.
    if (part.length > 0) this.#kept.push(Buffer.from(part));
    this.#keptBytes += part.length;
    if (this.#keptBytes <= keptBytes) return;
    const line = this.#startLine;
    const bytes = Buffer.concat(this.#kept);
    this.#kept = [];
    this.#isLong = true;
    yield { kind: 'statement', line, bytes, isWhole: false };
  }

  #takeKept(): Buffer {
    const bytes = Buffer.concat(this.#kept);
    this.#kept = [];
    this.#keptBytes = 0;
    this.#isLong = false;
    this.#hasCode = false;
    return bytes;
  }

  *#command(bytes: Buffer, from: number): Generator<ScriptPart, number> {
    const end = bytes.indexOf(newline, from);
    const part = bytes.subarray(from, end < 0 ? bytes.length : end + 1);
    if (this.#keptBytes <= keptBytes) {
      this.#kept.push(Buffer.from(part));
      this.#keptBytes += part.length;
    }
    if (end < 0) return bytes.length;
    yield this.#takeCommand();
    this.#line += 1;
    return end + 1;
  }

  #takeCommand(): ScriptPart {
    const text = this.#takeKept().toString('utf8').trimEnd();
    this.#lexer.reset();
    this.#mode = 'statement';
    const [before, isInsideStatement] = [this.#before, this.#isInsideStatement];
    return { kind: 'command', line: this.#line, before, isInsideStatement, text };
  }

  /** The rows begin on the next line, and nothing else stands on this one: psql would run it after them. */
  #rowsBegin(bytes: Buffer, at: number): number {
    const byte = bytes[at] ?? 0;
    if (!isBlank(byte)) {
      throw archiveErrors.make('unsafe-script', `line ${this.#line} goes on behind COPY, as pg_dump never writes it`);
    }
    this.#kept.push(Buffer.from([byte]));
    if (byte !== newline) return at + 1;
    this.#line += 1;
    this.#mode = 'rows';
    this.#rowBytes = 0;
    return at + 1;
  }

  *#rows(bytes: Buffer, from: number): Generator<ScriptPart, number> {
    const kept = this.#takeKept();
    if (kept.length > 0) yield { kind: 'rows', bytes: kept, rows: 0 };
    let rows = 0;
    for (let at = from; at < bytes.length; ) {
      const end = bytes.indexOf(newline, at);
      const stop = end < 0 ? bytes.length : end;
      for (let place = at; place < stop && this.#rowBytes + place - at < 3; place += 1)
        this.#rowStart[this.#rowBytes + place - at] = bytes[place] ?? 0;
      this.#rowBytes += stop - at;
      if (end < 0) break;
      at = end + 1;
      this.#line += 1;
      const isEnd = this.#isEndOfRows();
      this.#rowBytes = 0;
      if (isEnd) {
        this.#mode = 'statement';
        yield { kind: 'rows', bytes: bytes.subarray(from, at), rows };
        return at;
      }
      rows += 1;
    }
    yield { kind: 'rows', bytes: bytes.subarray(from), rows };
    return bytes.length;
  }

  /** `\.` alone on its line (PostgreSQL documentation, COPY, "Text Format"). */
  #isEndOfRows(): boolean {
    const length = this.#rowBytes === 3 && this.#rowStart[2] === 0x0d ? 2 : this.#rowBytes;
    return length === 2 && this.#rowStart[0] === 0x5c && this.#rowStart[1] === 0x2e;
  }
}

/** Cuts a whole stream. */
export async function* cutScript(script: AsyncIterable<Uint8Array>): AsyncGenerator<ScriptPart, void> {
  const cutter = new ScriptCutter();
  for await (const chunk of script) yield* cutter.push(chunk);
  yield* cutter.finish();
}

function countLines(bytes: Buffer): number {
  let lines = 0;
  for (let at = bytes.indexOf(newline); at >= 0; at = bytes.indexOf(newline, at + 1)) lines += 1;
  return lines;
}

function cutOff(line: number, where: string): Error {
  return archiveErrors.make('damaged-script', `the script ends ${where}, on line ${line}`);
}
