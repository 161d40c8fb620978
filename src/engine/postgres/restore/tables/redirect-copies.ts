/**
 * Sends the rows of a script that pg_restore wrote to other tables. Only the COPY statements change, one after the
 * other; rows, which may look like anything, pass untouched.
 */

import { parseCopyStatement } from '../../archive/copy-statement.ts';
import { quoteIdentifier } from '../../quote.ts';

const newline = 10;
/** A row's end, `\.`, and the end of its line. */
const endOfRows = Buffer.from('\n\\.\n');

/**
 * `targets` are the new tables, quoted, in the order of the COPY statements. Bytes are never decoded, since the script may
 * be in any encoding: `targets` must be, byte for byte, in the script's own.
 */
export async function* redirectCopies(
  script: AsyncIterable<Uint8Array>,
  targets: readonly Buffer[],
): AsyncGenerator<Uint8Array> {
  const redirect = new Redirect(targets);
  for await (const chunk of script) yield* redirect.take(Buffer.from(chunk));
  yield* redirect.finish();
}

class Redirect {
  readonly #targets: Buffer[];
  #rest: Buffer = Buffer.alloc(0);
  #state: 'statements' | 'below-comment' | 'copy-statement' | 'rows' = 'statements';
  #statement = '';

  constructor(targets: readonly Buffer[]) {
    this.#targets = [...targets];
  }

  *take(chunk: Buffer): Generator<Buffer> {
    this.#rest = this.#rest.length === 0 ? chunk : Buffer.concat([this.#rest, chunk]);
    for (let progress = true; progress; ) {
      const before = this.#rest.length;
      const state = this.#state;
      yield* state === 'rows' ? this.#takeRows() : this.#takeLine();
      progress = this.#rest.length !== before || this.#state !== state;
    }
  }

  *finish(): Generator<Buffer> {
    if (this.#rest.length > 0) yield this.#rest;
  }

  *#takeRows(): Generator<Buffer> {
    const at = this.#rest.indexOf(endOfRows);
    if (at >= 0) {
      this.#state = 'statements';
      yield this.#cut(at + endOfRows.length);
    } else if (this.#rest.length >= endOfRows.length) {
      // The end may be cut in two by the chunks.
      yield this.#cut(this.#rest.length - endOfRows.length + 1);
    }
  }

  *#takeLine(): Generator<Buffer> {
    const end = this.#rest.indexOf(newline);
    if (end < 0) return;
    const line = this.#rest.toString('latin1', 0, end);
    if (this.#state === 'copy-statement') this.#statement += `\n${line}`;
    else if (this.#state === 'below-comment' && line.startsWith('COPY ')) {
      this.#state = 'copy-statement';
      this.#statement = line;
    } else {
      if (line.startsWith('-- Data for Name: ')) this.#state = 'below-comment';
      else if (line !== '' && line !== '--') this.#state = 'statements';
      yield this.#cut(end + 1);
      return;
    }
    // The line's own end stays: it is where the end of no rows at all begins.
    const isWhole = this.#statement.endsWith(' FROM stdin;');
    this.#cut(isWhole ? end : end + 1);
    if (!isWhole) return;
    this.#state = 'rows';
    yield this.#redirected();
  }

  #redirected(): Buffer {
    const target = this.#targets.shift();
    if (target === undefined) throw new TypeError('the script has more COPY statements than there are tables');
    const { columns } = parseCopyStatement(this.#statement);
    const list = columns.length === 0 ? '' : ` (${columns.map(quoteIdentifier).join(', ')})`;
    return Buffer.concat([Buffer.from('COPY '), target, Buffer.from(`${list} FROM stdin;`, 'latin1')]);
  }

  #cut(bytes: number): Buffer {
    const taken = this.#rest.subarray(0, bytes);
    this.#rest = this.#rest.subarray(bytes);
    return taken;
  }
}
