/**
 * Reads a table as far as it can be read. The first try is the whole table. When that fails, the rows that came are kept, and
 * reading goes on behind the last of them: what failed lies in the rest of its block or behind. Ranges of blocks are halved
 * until one reads, or is a single block; of a block whose page reads, every row is tried alone. In one snapshot each row
 * comes exactly once, because its place is known.
 */

import { LostRanges, type LostRange, type TableReading } from '../../../domain/damage.ts';
import { HoldfastError, messageOf } from '../../../domain/error.ts';
import { errorCodeOf } from '../connection/server-errors.ts';
import { qualifiedName, quoteIdentifier } from '../quote.ts';
import { RowCopy, type RowPlace } from './copy-rows.ts';
import type { DamagedSession } from './damaged-session.ts';

export interface ReadableTable {
  readonly oid: number;
  readonly schema: string;
  readonly name: string;
  readonly columns: readonly string[];
  /** An extension's condition on its configuration table, without `WHERE`. */
  readonly condition: string | null;
  /** Null where the server cannot say it. */
  readonly blocks: number | null;
  /** As many as VACUUM or ANALYZE last met; 0 where they never ran. */
  readonly blocksBefore: number;
  /** With what is stored aside (TOAST). */
  readonly sizeBytes: number | null;
}

export interface ServerForm {
  readonly major: number;
  readonly blockBytes: number;
  /** Text that is not UTF-8 is damage only where all text is UTF-8. */
  readonly isUtf8: boolean;
  /** Whether this user may look into the server's files. */
  readonly mayReadFiles: boolean;
  /** Says more of a server's message: which relation a file belongs to. */
  readonly explain: (message: string) => string;
}

/** Servers before this one read `ctid` between two places by reading the whole table. */
const rangeScanMajor = 14;
/** There, places are listed instead. */
const listedBlocks = 32;
/** SQLSTATEs that smaller pieces do not help against: no privilege, no such table, a lock, a timeout, row-level security. */
const hopeless = new Set(['42501', '42P01', '55P03', '57014', '3F000', '42703']);
/** No table grows slower than this when it is read: whatever takes longer runs in a circle. */
const slowestBytesPerMs = 1000;
const baseTimeoutMs = 600_000;

export async function* readTable(
  session: DamagedSession,
  table: ReadableTable,
  form: ServerForm,
): AsyncGenerator<Uint8Array, TableReading> {
  return yield* new TableReader(session, table, form).read();
}

/** Ends the reading of this table; the others go on. */
class ReadingStopped extends Error {
  override readonly cause: unknown;

  constructor(cause: unknown) {
    super(messageOf(cause));
    this.cause = cause;
  }
}

class TableReader {
  readonly #session: DamagedSession;
  readonly #table: ReadableTable;
  readonly #form: ServerForm;
  readonly #lost = new LostRanges();
  #rows = 0;
  /** The last row of the statement that ran last. */
  #last: RowPlace | null = null;
  /** Everything before this block is read or known to be lost. */
  #from = 0;
  #error: string | null = null;

  constructor(session: DamagedSession, table: ReadableTable, form: ServerForm) {
    this.#session = session;
    this.#table = table;
    this.#form = form;
  }

  async *read(): AsyncGenerator<Uint8Array, TableReading> {
    try {
      yield* this.#readAll();
    } catch (thrown) {
      if (!(thrown instanceof ReadingStopped)) throw thrown;
      await this.#stop(thrown.cause);
    }
    const { schema, name } = this.#table;
    const { list, more } = this.#lost;
    return { schema, table: name, rows: this.#rows, lost: list, moreLost: more, error: this.#error };
  }

  async *#readAll(): AsyncGenerator<Uint8Array, void> {
    const failure = yield* this.#copy(null);
    if (failure === null) return;
    const { blocks } = this.#table;
    if (blocks === null || blocks === 0) throw new ReadingStopped(failure);
    let step = 1;
    if (this.#last === null) step = Math.max(1, Math.floor(blocks / 2));
    else yield* this.#readRestOf(this.#last);
    while (this.#from < blocks) {
      const until = Math.min(blocks, this.#from + this.#limited(step));
      const failed = yield* this.#copy(blocksBetween(this.#form, this.#from, until));
      if (failed === null) {
        this.#from = until;
        step = this.#limited(step * 2);
      } else if (this.#last !== null) {
        yield* this.#readRestOf(this.#last);
        step = 1;
      } else if (until - this.#from > 1) step = Math.floor((until - this.#from) / 2);
      else yield* this.#readBlock(this.#from, failed);
    }
  }

  /** What is behind this row in its block. */
  async *#readRestOf({ block, offset }: RowPlace): AsyncGenerator<Uint8Array, void> {
    this.#from = block;
    yield* this.#readRows(block, offset + 1, mostRowsOf(this.#form));
    this.#from = block + 1;
  }

  async *#readBlock(block: number, failure: unknown): AsyncGenerator<Uint8Array, void> {
    // A place that no page can have: the page is read, and nothing of it.
    const probe = `select from ${this.#source()} where ctid = '(${String(block)},60000)'`;
    const unreadable = await this.#failureOf(() => this.#session.query(probe));
    if (unreadable === null) yield* this.#readRows(block, 1, mostRowsOf(this.#form));
    else this.#loseBlock(block, failure);
    this.#from = block + 1;
  }

  /** Rows of one block by their numbers: halved until a part reads, or is one row. */
  async *#readRows(block: number, first: number, last: number): AsyncGenerator<Uint8Array, void> {
    const parts: (readonly [number, number])[] = first > last ? [] : [[first, last]];
    for (let part = parts.pop(); part !== undefined; part = parts.pop()) {
      const [from, to] = part;
      const failure = yield* this.#copy(placesIn(block, block, from, to));
      if (failure === null) continue;
      const next = this.#last === null ? from : this.#last.offset + 1;
      if (next > to) continue;
      if (from === to) this.#loseRow({ block, offset: from }, this.#say(failure));
      else {
        const middle = Math.floor((next + to) / 2);
        if (middle < to) parts.push([middle + 1, to]);
        parts.push([next, middle]);
      }
    }
  }

  /** One COPY. Null when it ended well; else what failed, when a smaller part may read. */
  async *#copy(places: string | null): AsyncGenerator<Uint8Array, unknown> {
    const { columns, condition } = this.#table;
    const chosen = ['ctid', ...columns.map(quoteIdentifier)].join(', ');
    const wheres = [places, condition === null ? null : `(${condition})`].filter((one) => one !== null);
    const where = wheres.length === 0 ? '' : ` WHERE ${wheres.join(' AND ')}`;
    const sql = `COPY (SELECT ${chosen} FROM ${this.#source()}${where}) TO STDOUT`;
    const refuse = (place: RowPlace): void => {
      this.#loseRow(place, notText);
    };
    const copy = new RowCopy(this.#session.current, sql, this.#form.isUtf8 ? refuse : null);
    try {
      yield* this.#session.stream(() => copy.read(), this.#timeoutMs());
      return null;
    } catch (thrown) {
      if (!(thrown instanceof HoldfastError)) throw thrown;
      if (isHopeless(thrown)) throw new ReadingStopped(thrown);
      return thrown;
    } finally {
      this.#rows += copy.rows;
      this.#last = copy.last;
      if (copy.last !== null) this.#from = Math.max(this.#from, copy.last.block);
    }
  }

  async #failureOf(action: () => Promise<unknown>): Promise<unknown> {
    try {
      await action();
      return null;
    } catch (thrown) {
      if (!(thrown instanceof HoldfastError)) throw thrown;
      if (isHopeless(thrown)) throw new ReadingStopped(thrown);
      return thrown;
    }
  }

  /** The rest is lost, or nobody knows of it; after a crash the session is made anew for the tables that follow. */
  async #stop(cause: unknown): Promise<void> {
    const { schema, name, blocks } = this.#table;
    const said = this.#say(cause);
    const isGone = cause instanceof HoldfastError && cause.code === 'server-gone';
    const error = isGone ? `reading it made the server break the connection: ${said}` : said;
    if (blocks !== null && blocks > 0 && this.#from < blocks) {
      const range: LostRange = { unit: 'block', first: String(this.#from), last: String(blocks - 1), error };
      this.#lost.add(range, () => false);
    } else this.#error = error;
    if (isGone) await this.#session.recover(`${schema}.${name}: ${error}`);
  }

  #loseBlock(block: number, failure: unknown): void {
    const error = this.#say(failure);
    const range: LostRange = { unit: 'block', first: String(block), last: String(block), error };
    this.#lost.add(range, ({ last }) => Number(last) === block - 1);
  }

  #loseRow({ block, offset }: RowPlace, error: string): void {
    const place = placeText(block, offset);
    const range: LostRange = { unit: 'row', first: place, last: place, error };
    this.#lost.add(range, ({ last }) => last === placeText(block, offset - 1));
  }

  #source(): string {
    return `ONLY ${qualifiedName(this.#table.schema, this.#table.name)}`;
  }

  #limited(step: number): number {
    return Math.min(step, mostBlocksAtOnce(this.#form));
  }

  #timeoutMs(): number {
    return baseTimeoutMs + (this.#table.sizeBytes ?? 0) / slowestBytesPerMs;
  }

  #say(thrown: unknown): string {
    return this.#form.explain(messageOf(thrown));
  }
}

const notText = 'its text is not valid UTF-8, and could not be loaded again';

function isHopeless(error: HoldfastError): boolean {
  return error.code === 'server-gone' || hopeless.has(errorCodeOf(error) ?? '');
}

/** How many blocks one condition of `blocksBetween` may span. */
export function mostBlocksAtOnce({ major }: ServerForm): number {
  return major < rangeScanMajor ? listedBlocks : Number.MAX_SAFE_INTEGER;
}

/** A condition on `ctid`; `until` does not belong to it. */
export function blocksBetween(form: ServerForm, from: number, until: number): string {
  if (form.major < rangeScanMajor) return placesIn(from, until - 1, 1, mostRowsOf(form));
  return `ctid >= '(${String(from)},0)' AND ctid < '(${String(until)},0)'`;
}

/** MaxHeapTuplesPerPage (src/include/access/htup_details.h): a page has a header, a row a header and a line pointer. */
function mostRowsOf({ blockBytes }: ServerForm): number {
  return Math.floor((blockBytes - 24) / 28);
}

function placeText(block: number, offset: number): string {
  return `(${String(block)},${String(offset)})`;
}

function placesIn(firstBlock: number, lastBlock: number, first: number, last: number): string {
  const blocks = `generate_series(${String(firstBlock)}, ${String(lastBlock)})`;
  const rows = `generate_series(${String(first)}, ${String(last)})`;
  return `ctid = ANY (ARRAY(SELECT format('(%s,%s)', b, o)::tid FROM ${blocks} AS b, ${rows} AS o))`;
}
