/**
 * Runs a backup's script in a transaction that is open. Statements go in batches, each prepared alone; rows go straight from
 * the script to the server. The first error ends it. What the script must not do to the transaction it cannot do:
 * allowed-statement.ts refuses it, and the commit guard (commit-guard.ts) would make the server refuse it as well.
 */

import { RawConversation, type Answer } from '../../../connection/raw-conversation.ts';
import { queryError } from '../../../connection/server-errors.ts';
import type { Session } from '../../../connection/session.ts';
import { parseCopyStatement } from '../../../archive/copy-statement.ts';
import { restoreErrors } from '../../errors.ts';
import { judgeStatement, type Circumstances } from './allowed-statement.ts';
import { readScript, type ScriptReader } from './read-script.ts';

export interface ScriptOptions extends Circumstances {
  /** Tables (`schema.table` as JSON list) of extensions that stay, which this user may not write: their rows are passed over. */
  readonly unwritable: ReadonlySet<string>;
}

const mostStatements = 100;
const mostBytes = 256 * 1024;
/** Enough for the words and names that a verdict needs. */
const headBytes = 512;

/** Throws `restore-failed` with the statement that failed; the caller rolls back. */
export async function runScript(
  session: Session,
  script: AsyncIterable<Uint8Array>,
  options: ScriptOptions,
  signal: AbortSignal,
): Promise<void> {
  using conversation = new RawConversation(session);
  const runner = new ScriptRunner(conversation, options, session);
  try {
    await readScript(script, runner);
    await runner.flush();
  } catch (thrown) {
    signal.throwIfAborted();
    throw session.lost.aborted ? session.lost.reason : thrown;
  }
}

/** Statements of our own, in batches. Throws what the server says of the first that fails. */
export async function runStatements(session: Session, statements: readonly string[]): Promise<void> {
  using conversation = new RawConversation(session);
  for (let start = 0; start < statements.length; start += mostStatements) {
    const batch = statements.slice(start, start + mostStatements).map((sql) => Buffer.from(sql));
    demandDone(await conversation.runBatch(batch), batch, session);
  }
}

class ScriptRunner implements ScriptReader {
  readonly #conversation: RawConversation;
  readonly #options: ScriptOptions;
  readonly #session: Session;
  #batch: Buffer[] = [];
  #bytes = 0;
  #copy: { readonly sql: Buffer; readonly isPassedOver: boolean } | null = null;

  constructor(conversation: RawConversation, options: ScriptOptions, session: Session) {
    this.#conversation = conversation;
    this.#options = options;
    this.#session = session;
  }

  async statement(sql: Buffer, words: readonly string[]): Promise<'rows-follow' | 'done'> {
    const head = sql.toString('utf8', 0, headBytes);
    switch (judgeStatement(words, head, this.#options)) {
      case 'leave-out':
        return 'done';
      case 'refuse':
        throw restoreErrors.make('restore-failed', `the backup holds a statement that cannot be undone: ${shown(sql)}`);
      case 'copy':
        return await this.#beginCopy(sql);
      case 'run':
        this.#batch.push(sql);
        this.#bytes += sql.length;
        if (this.#batch.length >= mostStatements || this.#bytes >= mostBytes) await this.flush();
        return 'done';
    }
  }

  async rows(bytes: Uint8Array): Promise<void> {
    if (this.#copy?.isPassedOver === false) await this.#conversation.sendRows(bytes);
  }

  async endRows(): Promise<void> {
    const copy = this.#copy;
    this.#copy = null;
    if (copy === null || copy.isPassedOver) return;
    demandDone(await this.#conversation.endRows(), [copy.sql], this.#session);
  }

  async flush(): Promise<void> {
    const batch = this.#batch;
    if (batch.length === 0) return;
    this.#batch = [];
    this.#bytes = 0;
    demandDone(await this.#conversation.runBatch(batch), batch, this.#session);
  }

  async #beginCopy(sql: Buffer): Promise<'rows-follow' | 'done'> {
    await this.flush();
    const isPassedOver = this.#options.unwritable.size > 0 && this.#isUnwritable(sql);
    this.#copy = { sql, isPassedOver };
    if (isPassedOver) return 'rows-follow';
    const answer = await this.#conversation.query(sql);
    if (answer.kind === 'rows-wanted') return 'rows-follow';
    this.#copy = null;
    demandDone(answer, [sql], this.#session);
    return 'done';
  }

  #isUnwritable(sql: Buffer): boolean {
    const { schema, table } = parseCopyStatement(`${sql.toString('utf8')};`);
    return this.#options.unwritable.has(JSON.stringify([schema, table]));
  }
}

function demandDone({ error, done }: Answer, statements: readonly Buffer[], session: Session): void {
  if (error === null) return;
  const failed = statements[Math.min(done, statements.length - 1)] ?? Buffer.alloc(0);
  const cause = queryError(error, session.address);
  throw restoreErrors.make('restore-failed', `${shown(failed)}: ${cause.message}`, { cause: error });
}

/** The beginning of a statement, in one line. It may hold secrets further on (options of user mappings). */
function shown(sql: Buffer): string {
  const line = sql.toString('utf8', 0, 160).replaceAll(/\s+/g, ' ').trim();
  const end = line.search(/ OPTIONS| AS | \(|'/);
  const short = end > 0 ? line.slice(0, end) : line;
  return short.length > 80 ? `${short.slice(0, 80)}…` : short;
}
