/**
 * Follows SQL byte by byte the way psql does (src/fe_utils/psqlscan.l), to know at every byte whether it stands in a
 * statement, in a text or in a comment; where a statement ends; and where a backslash would be a command of psql. Works
 * in pieces of any size. Backslashes in plain strings are themselves, as pg_dump has it (standard_conforming_strings).
 */

export type LexerEvent = 'none' | 'statement-end' | 'backslash';

type State =
  | 'code'
  | 'string'
  | 'escape-string'
  | 'escape-string-backslash'
  /** Behind the quote that ends, or doubles, or (after a line's end) continues an escape string. */
  | 'escape-string-quote'
  | 'name'
  | 'line-comment'
  | 'block-comment'
  | 'dollar-tag'
  | 'dollar-string';

const newline = 10;
const [quote, doubleQuote, dollar, backslash] = [0x27, 0x22, 0x24, 0x5c];
const [dash, slash, star, semicolon] = [0x2d, 0x2f, 0x2a, 0x3b];
const [leftParenthesis, rightParenthesis] = [0x28, 0x29];
/** Longer words are no keywords. */
const longestKeyword = 16;

export class ScriptLexer {
  #state: State = 'code';
  /** The byte before; 0 when it was the second half of a comment's mark. */
  #before = 0;
  #marks = 0;
  #commentDepth = 0;
  #parentheses = 0;
  #tag: number[] = [];
  #tagMatched = 0;
  #sawNewline = false;
  #word: number[] = [];
  readonly #bodies = new RoutineBodies();

  /** True where a script may end: not inside a text, a block comment or parentheses. */
  get isAtRest(): boolean {
    return (this.#state === 'code' || this.#state === 'line-comment') && this.#parentheses === 0;
  }

  /** True inside strings, quoted names and comments: nothing there begins or ends a statement. */
  get isInsideText(): boolean {
    return this.#state !== 'code';
  }

  /** A command of psql was taken out of the line: what was before it does not touch what comes behind. */
  reset(): void {
    this.#state = 'code';
    this.#before = 0;
    this.#parentheses = 0;
    this.#word = [];
    this.#bodies.reset();
  }

  step(byte: number): LexerEvent {
    const marks = this.#marks;
    const event = this.#take(byte);
    this.#before = this.#marks === marks ? byte : 0;
    return event;
  }

  /** The next place at or behind `at` that has to be looked at: the inside of texts is passed over at once. */
  skip(bytes: Buffer, at: number): number {
    const wanted = this.#nextMark();
    if (wanted === null || bytes[at] === wanted) return at;
    this.#before = 0;
    const found = bytes.indexOf(wanted, at);
    return found < 0 ? bytes.length : found;
  }

  #nextMark(): number | null {
    switch (this.#state) {
      case 'string':
        return quote;
      case 'name':
        return doubleQuote;
      case 'line-comment':
        return newline;
      case 'dollar-string':
        return this.#tagMatched === 0 ? dollar : null;
      default:
        return null;
    }
  }

  #take(byte: number): LexerEvent {
    switch (this.#state) {
      case 'code':
        return this.#code(byte);
      case 'string':
        if (byte === quote) this.#state = 'code';
        return 'none';
      case 'name':
        if (byte === doubleQuote) this.#state = 'code';
        return 'none';
      case 'line-comment':
        if (byte === newline) this.#state = 'code';
        return 'none';
      case 'block-comment':
        this.#blockComment(byte);
        return 'none';
      case 'escape-string':
        if (byte === backslash) this.#state = 'escape-string-backslash';
        else if (byte === quote) {
          this.#state = 'escape-string-quote';
          this.#sawNewline = false;
        }
        return 'none';
      case 'escape-string-backslash':
        this.#state = 'escape-string';
        return 'none';
      case 'escape-string-quote':
        return this.#behindEscapeString(byte);
      case 'dollar-tag':
        return this.#dollarTag(byte);
      case 'dollar-string':
        this.#dollarString(byte);
        return 'none';
    }
  }

  #code(byte: number): LexerEvent {
    if (isWordByte(byte) && (byte !== dollar || this.#word.length > 0)) {
      this.#word.push(byte);
      if (this.#word.length > longestKeyword) this.#word.length = longestKeyword;
      return 'none';
    }
    const word = this.#word;
    if (word.length > 0) {
      this.#bodies.word(String.fromCharCode(...word).toLowerCase(), this.#parentheses);
      this.#word = [];
    }
    return this.#symbol(byte, word);
  }

  #symbol(byte: number, word: readonly number[]): LexerEvent {
    switch (byte) {
      case quote:
        this.#state = word.length === 1 && ((word[0] ?? 0) | 0x20) === 0x65 ? 'escape-string' : 'string';
        return 'none';
      case doubleQuote:
        this.#state = 'name';
        return 'none';
      case dollar:
        this.#state = 'dollar-tag';
        this.#tag = [dollar];
        return 'none';
      case backslash:
        return 'backslash';
      case leftParenthesis:
        this.#parentheses += 1;
        return 'none';
      case rightParenthesis:
        this.#parentheses = Math.max(0, this.#parentheses - 1);
        return 'none';
      case semicolon:
        if (this.#parentheses > 0 || this.#bodies.isInside) return 'none';
        this.#bodies.reset();
        return 'statement-end';
      default:
        this.#maybeComment(byte);
        return 'none';
    }
  }

  #maybeComment(byte: number): void {
    if (byte === dash && this.#before === dash) this.#state = 'line-comment';
    else if (byte === star && this.#before === slash) {
      this.#state = 'block-comment';
      this.#commentDepth = 1;
      this.#marks += 1;
    }
  }

  #blockComment(byte: number): void {
    const isEnd = byte === slash && this.#before === star;
    const isBeginning = byte === star && this.#before === slash;
    if (isEnd || isBeginning) this.#marks += 1;
    if (isEnd) this.#commentDepth -= 1;
    else if (isBeginning) this.#commentDepth += 1;
    if (this.#commentDepth === 0) this.#state = 'code';
  }

  #behindEscapeString(byte: number): LexerEvent {
    if (byte === quote) {
      this.#state = this.#before === quote || this.#sawNewline ? 'escape-string' : 'string';
      return 'none';
    }
    if (byte === newline) this.#sawNewline = true;
    if (isBlank(byte)) return 'none';
    this.#state = 'code';
    return this.#code(byte);
  }

  #dollarTag(byte: number): LexerEvent {
    const isFirst = this.#tag.length === 1;
    if (byte === dollar) {
      this.#tag.push(dollar);
      this.#tagMatched = 0;
      this.#state = 'dollar-string';
      return 'none';
    }
    if (isWordByte(byte) && !(isFirst && isDigit(byte)) && this.#tag.length < 512) {
      this.#tag.push(byte);
      return 'none';
    }
    this.#state = 'code';
    return this.#code(byte);
  }

  /** The only beginning of the tag that can stand inside it is its `$`. */
  #dollarString(byte: number): void {
    if (byte === this.#tag[this.#tagMatched]) this.#tagMatched += 1;
    else this.#tagMatched = byte === dollar ? 1 : 0;
    if (this.#tagMatched === this.#tag.length) this.#state = 'code';
  }
}

/** Bodies of functions in standard SQL hold semicolons: `BEGIN ATOMIC … END`. psql counts these words. */
class RoutineBodies {
  #first: string[] = [];
  #depth = 0;

  get isInside(): boolean {
    return this.#depth > 0;
  }

  reset(): void {
    this.#first = [];
    this.#depth = 0;
  }

  word(word: string, parentheses: number): void {
    if (this.#first.length < 4) this.#first.push(word);
    if (parentheses > 0 || !this.#isRoutine()) return;
    if (word === 'begin') this.#depth += 1;
    else if (word === 'case' && this.#depth > 0) this.#depth += 1;
    else if (word === 'end' && this.#depth > 0) this.#depth -= 1;
  }

  #isRoutine(): boolean {
    const [create, second, third, fourth] = this.#first;
    const kind = second === 'or' && third === 'replace' ? fourth : second;
    return create === 'create' && (kind === 'function' || kind === 'procedure');
  }
}

export function isBlank(byte: number): boolean {
  return byte === 0x20 || (byte >= 0x09 && byte <= 0x0d);
}

function isDigit(byte: number): boolean {
  return byte >= 0x30 && byte <= 0x39;
}

function isWordByte(byte: number): boolean {
  const letter = byte | 0x20;
  return (letter >= 0x61 && letter <= 0x7a) || isDigit(byte) || byte === 0x5f || byte >= 0x80 || byte === dollar;
}
