/**
 * Finds where the statements of a script end, by the rules of psql (psqlscan.l): strings, quoted names, dollar quotes,
 * nested comments, parentheses and the bodies of SQL functions (`BEGIN ATOMIC … END`) hold semicolons that end nothing.
 * Works on bytes in pieces of any size; every encoding of a PostgreSQL server keeps ASCII bytes for ASCII characters.
 */

/** What the byte is a part of. */
type Mode =
  | 'plain'
  | 'string'
  | 'escaped'
  | 'name'
  | 'dollar-tag'
  | 'dollar-body'
  | 'line-comment'
  | 'block-comment'
  | 'command';

const [newline, carriageReturn, quote, doubleQuote, dollar, star, slash, dash, backslash, semicolon, open, close] = [
  ...Buffer.from('\n\r\'"$*/-\\;()'),
] as [number, number, number, number, number, number, number, number, number, number, number, number];

/** Where something ended, and where the next thing begins. */
export interface ScanEnd {
  readonly kind: 'statement' | 'command';
  /** Index behind its last byte: the semicolon or the newline. */
  readonly end: number;
  /** Its first words outside of names in quotes, strings and comments, in lower case; at most four. */
  readonly words: readonly string[];
}

/** Of a word only so much is kept: what is looked for is shorter. */
const longestWord = 24;
const wordsKept = 4;

export class StatementScanner {
  #mode: Mode = 'plain';
  /** In strings: a backslash takes the next byte's meaning. */
  #escapes = false;
  /** The byte before, as the first half of `--`, `/*` and the like; 0 when it was a second half. */
  #previous = 0;
  #isPair = false;
  #word = '';
  #words: string[] = [];
  #tag = '';
  #matched = 0;
  #commentDepth = 0;
  #parentheses = 0;
  #bodies = 0;
  #isEmpty = true;
  /** False: every string knows backslashes (documentation, `standard_conforming_strings`). */
  #plainStrings = true;

  /** True when nothing but blanks and comments was seen since the last end. */
  get isEmpty(): boolean {
    return this.#isEmpty;
  }

  setPlainStrings(arePlain: boolean): void {
    this.#plainStrings = arePlain;
  }

  /** The first end at or behind `from`; null when it lies in a later piece. */
  scan(piece: Uint8Array, from: number): ScanEnd | null {
    for (let at = from; at < piece.length; at += 1) {
      const byte = piece[at] ?? 0;
      const kind = this.#take(byte);
      this.#previous = this.#endPair() ? 0 : byte;
      if (kind === null) continue;
      const words = this.#words;
      this.#begin();
      return { kind, end: at + 1, words };
    }
    return null;
  }

  #endPair(): boolean {
    const was = this.#isPair;
    this.#isPair = false;
    return was;
  }

  #begin(): void {
    this.#mode = 'plain';
    this.#previous = 0;
    this.#word = '';
    this.#words = [];
    this.#parentheses = 0;
    this.#bodies = 0;
    this.#isEmpty = true;
  }

  #take(byte: number): ScanEnd['kind'] | null {
    switch (this.#mode) {
      case 'plain':
        return this.#takePlain(byte);
      case 'command':
        return byte === newline ? 'command' : null;
      case 'line-comment':
        if (byte === newline || byte === carriageReturn) this.#mode = 'plain';
        return null;
      case 'block-comment':
        this.#takeBlockComment(byte);
        return null;
      case 'string':
      case 'escaped':
        this.#takeString(byte);
        return null;
      case 'name':
        if (byte === doubleQuote) this.#mode = 'plain';
        return null;
      case 'dollar-tag':
        return this.#takeTag(byte);
      case 'dollar-body':
        this.#takeDollarBody(byte);
        return null;
    }
  }

  #takePlain(byte: number): ScanEnd['kind'] | null {
    // A dollar inside a word is a part of it: `a$b`.
    if (isWordByte(byte) || (byte === dollar && this.#word !== '')) {
      if (this.#word.length < longestWord) this.#word += String.fromCharCode(byte).toLowerCase();
      this.#isEmpty = false;
      return null;
    }
    const word = this.#endWord();
    if (this.#beginsComment(byte)) return null;
    if (!isBlank(byte)) {
      if (byte === backslash && this.#isEmpty) {
        this.#mode = 'command';
        return null;
      }
      // The first byte of a comment is none of a statement's; whether it is one, the next byte tells.
      if (byte !== dash && byte !== slash) this.#isEmpty = false;
    }
    return this.#takeSymbol(byte, word);
  }

  #takeSymbol(byte: number, word: string): ScanEnd['kind'] | null {
    switch (byte) {
      case quote:
        // A string that goes on behind a doubled quote keeps its kind.
        if (this.#previous !== quote) this.#escapes = !this.#plainStrings || word === 'e';
        this.#mode = 'string';
        return null;
      case doubleQuote:
        this.#mode = 'name';
        return null;
      case dollar:
        this.#mode = 'dollar-tag';
        this.#tag = '$';
        return null;
      case open:
        this.#parentheses += 1;
        return null;
      case close:
        this.#parentheses = Math.max(0, this.#parentheses - 1);
        return null;
      case semicolon:
        return this.#parentheses === 0 && this.#bodies === 0 ? 'statement' : null;
      default:
        return null;
    }
  }

  #beginsComment(byte: number): boolean {
    if (byte === dash && this.#previous === dash) this.#mode = 'line-comment';
    else if (byte === star && this.#previous === slash) {
      this.#mode = 'block-comment';
      this.#commentDepth = 1;
    } else return false;
    this.#isPair = true;
    return true;
  }

  #takeBlockComment(byte: number): void {
    if (byte === star && this.#previous === slash) this.#commentDepth += 1;
    else if (byte === slash && this.#previous === star) this.#commentDepth -= 1;
    else return;
    this.#isPair = true;
    if (this.#commentDepth === 0) this.#mode = 'plain';
  }

  #takeString(byte: number): void {
    if (this.#mode === 'escaped') this.#mode = 'string';
    else if (byte === backslash && this.#escapes) this.#mode = 'escaped';
    else if (byte === quote) this.#mode = 'plain';
  }

  /** `$tag$` begins a dollar quote; anything else (`$1`) was none. */
  #takeTag(byte: number): ScanEnd['kind'] | null {
    if (byte === dollar) {
      this.#tag += '$';
      this.#matched = 0;
      this.#mode = 'dollar-body';
      return null;
    }
    const isFirst = this.#tag.length === 1;
    if (isWordByte(byte) && !(isFirst && isDigit(byte))) {
      this.#tag += String.fromCharCode(byte);
      return null;
    }
    this.#mode = 'plain';
    return this.#takePlain(byte);
  }

  #takeDollarBody(byte: number): void {
    // Only the first and the last byte of a tag are dollars: a broken match can begin anew at this byte only.
    if (byte === this.#tag.charCodeAt(this.#matched)) this.#matched += 1;
    else this.#matched = byte === dollar ? 1 : 0;
    if (this.#matched === this.#tag.length) this.#mode = 'plain';
  }

  /** psql's rule for bodies of SQL functions: they are looked for only where a function or procedure is created. */
  #endWord(): string {
    const word = this.#word;
    if (word === '') return '';
    this.#word = '';
    if (this.#words.length < wordsKept) this.#words.push(word);
    if (this.#parentheses > 0 || !createsRoutine(this.#words)) return word;
    if (word === 'begin') this.#bodies += 1;
    else if (word === 'case' && this.#bodies > 0) this.#bodies += 1;
    else if (word === 'end' && this.#bodies > 0) this.#bodies -= 1;
    return word;
  }
}

function createsRoutine([first, second, third, fourth]: readonly string[]): boolean {
  const isRoutine = (word: string | undefined): boolean => word === 'function' || word === 'procedure';
  if (first !== 'create') return false;
  return isRoutine(second) || (second === 'or' && third === 'replace' && isRoutine(fourth));
}

/** Letters, digits, `_`, every byte of a character beyond ASCII. */
function isWordByte(byte: number): boolean {
  return (byte >= 97 && byte <= 122) || (byte >= 65 && byte <= 90) || isDigit(byte) || byte === 95 || byte >= 128;
}

function isDigit(byte: number): boolean {
  return byte >= 48 && byte <= 57;
}

function isBlank(byte: number): boolean {
  return byte === 32 || (byte >= 9 && byte <= 13);
}
