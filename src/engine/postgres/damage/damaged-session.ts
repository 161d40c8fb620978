/**
 * A connection to a server that may break at any statement. All is read in one snapshot, each statement behind a savepoint:
 * what fails takes nothing else along. A statement that makes the server's process die ends every session; then a new
 * connection is made, with a new snapshot, as soon as the server has recovered. Only SELECT, COPY TO and LOCK are sent.
 */

import type { Clock } from '../../../domain/clock.ts';
import { HoldfastError } from '../../../domain/error.ts';
import type { Work } from '../../../domain/work.ts';
import type { PgAddress } from '../connection/address.ts';
import { errorCodeOf } from '../connection/server-errors.ts';
import { openSession, type Session } from '../connection/session.ts';
import { damageErrors } from './errors.ts';

export interface DamagedSession extends AsyncDisposable {
  readonly address: PgAddress;
  /** For statements of the driver's own kind, inside `attempt`. */
  readonly current: Session;
  /** 1, and one more for every time the connection had to be made again. */
  readonly snapshots: number;
  /** True when the indexes of the system catalogs are left aside, because they do not read. */
  readonly ignoresSystemIndexes: boolean;
  /** One statement that may fail: the transaction goes on afterwards. Throws as `Session.query` does. */
  query<Row extends object>(sql: string, values?: readonly unknown[]): Promise<readonly Row[]>;
  /** The same for anything that uses `current`; `timeoutMs` is the server's patience with each statement in it. */
  attempt<T>(action: () => Promise<T>, timeoutMs: number): Promise<T>;
  /** As `attempt`, for what comes piece by piece. */
  stream(action: () => AsyncGenerator<Uint8Array>, timeoutMs: number): AsyncGenerator<Uint8Array, void>;
  /**
   * A new snapshot, with these tables locked against TRUNCATE and rewriting before it is taken. Null, or why they could not
   * be locked: then they are read all the same.
   */
  startOver(tables: readonly string[]): Promise<string | null>;
  /** After `server-gone`: connects again. Throws `server-keeps-failing` when it happened too often. */
  recover(reason: string): Promise<void>;
}

/** For statements that read catalogs or single pages. */
export const shortTimeoutMs = 60_000;
const lockTimeoutMs = 10_000;
/** A server that recovers from a crash takes as long as its last checkpoint is away. */
const recoveryPatienceMs = 120_000;
const mostRecoveries = 5;
const tablesPerLock = 200;
const beginReading = 'begin isolation level repeatable read read only';
const savepoint = 'holdfast_attempt';

/** Throws what says why the server did not let us in. */
export async function openDamaged(address: PgAddress, clock: Clock, work: Work): Promise<DamagedSession> {
  try {
    return await BreakableSession.open({ address, clock, work, ignores: false });
  } catch (thrown) {
    if (!isDamageOfCatalogs(thrown)) throw thrown;
    return await BreakableSession.open({ address: withoutSystemIndexes(address), clock, work, ignores: true });
  }
}

/** The same with the catalogs read without their indexes (PostgreSQL documentation, `ignore_system_indexes`). */
export async function openIgnoringSystemIndexes(address: PgAddress, clock: Clock, work: Work): Promise<DamagedSession> {
  return await BreakableSession.open({ address: withoutSystemIndexes(address), clock, work, ignores: true });
}

/** XX001 data_corrupted, XX002 index_corrupted, XX000 internal error, 58P01 undefined_file, 58030 io_error. */
export function isDamageCode(code: string | null): boolean {
  return code !== null && ['XX001', 'XX002', 'XX000', '58P01', '58030'].includes(code);
}

function isDamageOfCatalogs(thrown: unknown): boolean {
  return thrown instanceof HoldfastError && isDamageCode(errorCodeOf(thrown));
}

function withoutSystemIndexes(address: PgAddress): PgAddress {
  const given = address.options['PGOPTIONS'];
  const option = '-c ignore_system_indexes=on';
  return {
    ...address,
    options: { ...address.options, PGOPTIONS: given === undefined ? option : `${given} ${option}` },
  };
}

interface SessionParts {
  readonly address: PgAddress;
  readonly ignores: boolean;
  readonly clock: Clock;
  readonly work: Work;
}

class BreakableSession implements DamagedSession {
  readonly #parts: SessionParts;
  #session: Session;
  #snapshots = 1;

  private constructor(parts: SessionParts, session: Session) {
    this.#parts = parts;
    this.#session = session;
  }

  static async open(parts: SessionParts): Promise<BreakableSession> {
    return new BreakableSession(parts, await openInTransaction(parts.address, parts.work.signal));
  }

  get address(): PgAddress {
    return this.#parts.address;
  }

  get ignoresSystemIndexes(): boolean {
    return this.#parts.ignores;
  }

  get current(): Session {
    return this.#session;
  }

  get snapshots(): number {
    return this.#snapshots;
  }

  query<Row extends object>(sql: string, values: readonly unknown[] = []): Promise<readonly Row[]> {
    return this.attempt(() => this.#session.query<Row>(sql, values), shortTimeoutMs);
  }

  async attempt<T>(action: () => Promise<T>, timeoutMs: number): Promise<T> {
    const session = this.#session;
    await begin(session, timeoutMs);
    try {
      const result = await action();
      await end(session);
      return result;
    } catch (thrown) {
      await this.#rollBack(session);
      throw thrown;
    }
  }

  async *stream(action: () => AsyncGenerator<Uint8Array>, timeoutMs: number): AsyncGenerator<Uint8Array, void> {
    const session = this.#session;
    await begin(session, timeoutMs);
    try {
      yield* action();
    } catch (thrown) {
      await this.#rollBack(session);
      throw thrown;
    }
    await end(session);
  }

  async #rollBack(session: Session): Promise<void> {
    this.#parts.work.signal.throwIfAborted();
    if (session.lost.aborted) throw session.lost.reason;
    await session.query(`rollback to savepoint ${savepoint}; release savepoint ${savepoint}`);
  }

  async startOver(tables: readonly string[]): Promise<string | null> {
    await this.#session.query('rollback');
    await this.#session.query(beginReading);
    let refusal: string | null = null;
    for (let start = 0; start < tables.length; start += tablesPerLock) {
      const names = tables.slice(start, start + tablesPerLock).join(', ');
      try {
        await this.attempt(() => this.#session.query(`lock table ${names} in access share mode`), shortTimeoutMs);
      } catch (thrown) {
        if (!(thrown instanceof HoldfastError) || thrown.code === 'server-gone') throw thrown;
        refusal ??= thrown.message;
      }
    }
    return refusal;
  }

  async recover(reason: string): Promise<void> {
    await this.#session[Symbol.asyncDispose]();
    if (this.#snapshots > mostRecoveries) {
      throw damageErrors.make(
        'server-keeps-failing',
        `the connection was lost ${String(this.#snapshots)} times; ${reason}`,
      );
    }
    const { address, clock, work } = this.#parts;
    work.report({ kind: 'note', level: 'warn', text: `${reason}; waiting for the server to recover` });
    const until = clock.monotonicMs() + recoveryPatienceMs;
    for (;;) {
      try {
        this.#session = await openInTransaction(address, work.signal);
        this.#snapshots += 1;
        return;
      } catch (thrown) {
        work.signal.throwIfAborted();
        const isRefusal = !(thrown instanceof HoldfastError) || !thrown.retry;
        if (isRefusal || clock.monotonicMs() > until) throw thrown;
        await clock.sleep(250, work.signal);
      }
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#session[Symbol.asyncDispose]();
  }
}

async function begin(session: Session, timeoutMs: number): Promise<void> {
  await session.query(`savepoint ${savepoint}; set local statement_timeout = ${String(Math.round(timeoutMs))}`);
}

async function end(session: Session): Promise<void> {
  await session.query(`release savepoint ${savepoint}`);
}

async function openInTransaction(address: PgAddress, signal: AbortSignal): Promise<Session> {
  const session = await openSession(address, { purpose: 'damage', signal });
  try {
    // Rows come by the table itself: an index that leads astray must not decide what reads. With all of these off, a
    // range of places is read as such, and whole tables in their order, because nothing else is left.
    for (const scan of ['seqscan', 'indexscan', 'indexonlyscan', 'bitmapscan'])
      await session.query(`set enable_${scan} = off`);
    // A scan that begins where another one is (or broke off) would leave out the rows before that place.
    await session.query('set synchronize_seqscans = off');
    await session.query(`set max_parallel_workers_per_gather = 0; set lock_timeout = ${String(lockTimeoutMs)}`);
    await session.query(beginReading);
    return session;
  } catch (thrown) {
    await session[Symbol.asyncDispose]();
    throw thrown;
  }
}
