/** Gets into a damaged database, and learns what there is to read. */

import type { Clock } from '../../../domain/clock.ts';
import { HoldfastError } from '../../../domain/error.ts';
import type { Finding } from '../../../domain/finding.ts';
import type { Work } from '../../../domain/work.ts';
import type { PgAddress } from '../connection/address.ts';
import { qualifiedName } from '../quote.ts';
import { openDamaged, openIgnoringSystemIndexes, type DamagedSession } from './damaged-session.ts';
import { damageErrors } from './errors.ts';
import { describeRelations, explainWith, listRelations, type Listed, type RelationRow } from './list-tables.ts';
import type { ServerForm } from './read-table.ts';

export interface Listing extends AsyncDisposable {
  readonly session: DamagedSession;
  readonly listed: Listed;
  readonly form: ServerForm;
  readonly findings: readonly Finding[];
}

/** Throws `catalogs-unreadable`, and what says why the server did not let us in. */
export async function openListing(address: PgAddress, clock: Clock, work: Work): Promise<Listing> {
  const { session, relations } = await openAndList(address, clock, work);
  try {
    const tables = relations.filter(({ relkind }) => relkind === 'r');
    const refusal = await session.startOver(tables.map(({ schema, name }) => `only ${qualifiedName(schema, name)}`));
    const listed = await describeRelations(session, relations);
    const form = await readForm(session, explainWith(listed.files));
    const findings = [
      ...(session.ignoresSystemIndexes ? [withoutIndexes] : []),
      ...(form.mayReadFiles ? [] : [zerosUnseen]),
      ...(refusal === null ? [] : [notLocked(refusal)]),
    ];
    return { session, listed, form, findings, [Symbol.asyncDispose]: () => session[Symbol.asyncDispose]() };
  } catch (thrown) {
    await session[Symbol.asyncDispose]();
    throw thrown;
  }
}

async function openAndList(
  address: PgAddress,
  clock: Clock,
  work: Work,
): Promise<{ readonly session: DamagedSession; readonly relations: readonly RelationRow[] }> {
  const first = await openDamaged(address, clock, work);
  try {
    return { session: first, relations: await listRelations(first) };
  } catch (thrown) {
    await first[Symbol.asyncDispose]();
    work.signal.throwIfAborted();
    if (!(thrown instanceof HoldfastError)) throw thrown;
    if (first.ignoresSystemIndexes || thrown.code === 'server-gone') throw unreadable(thrown);
    work.report({ kind: 'note', level: 'warn', text: `${thrown.message}; reading the catalogs without their indexes` });
  }
  const second = await openIgnoringSystemIndexes(address, clock, work);
  try {
    return { session: second, relations: await listRelations(second) };
  } catch (thrown) {
    await second[Symbol.asyncDispose]();
    work.signal.throwIfAborted();
    throw thrown instanceof HoldfastError ? unreadable(thrown) : thrown;
  }
}

async function readForm(session: DamagedSession, explain: ServerForm['explain']): Promise<ServerForm> {
  const [row] = await session.query<{ major: number; block: number; encoding: string; may: boolean }>(
    `select current_setting('server_version_num')::int / 10000 as major, current_setting('block_size')::int as block,
            current_setting('server_encoding') as encoding,
            has_function_privilege('pg_read_binary_file(text,bigint,bigint,boolean)', 'execute') as may`,
  );
  return {
    major: row?.major ?? 0,
    blockBytes: row?.block ?? 8192,
    isUtf8: row?.encoding === 'UTF8',
    mayReadFiles: row?.may === true,
    explain,
  };
}

function unreadable(thrown: HoldfastError): HoldfastError {
  const message = `the list of tables cannot be read: ${thrown.message}`;
  return damageErrors.make('catalogs-unreadable', message, { cause: thrown });
}

const withoutIndexes: Finding = {
  severity: 'warning',
  code: 'system-indexes-ignored',
  message: 'the system catalogs were read without their indexes (ignore_system_indexes), because those do not read',
  hint: 'Indexes of catalogs come back with REINDEX SYSTEM, in a server started with -P; save what reads first.',
};

const zerosUnseen: Finding = {
  severity: 'note',
  code: 'zero-blocks-unknown',
  message:
    'this user may not look into the files of the server: blocks that hold nothing but zeros read as empty, and are not found',
  hint: 'Run it as a superuser to have them looked for.',
};

function notLocked(refusal: string): Finding {
  return {
    severity: 'note',
    code: 'tables-not-locked',
    message: `not every table could be locked against TRUNCATE while it was read: ${refusal}`,
    hint: 'Stop the application, so that nobody changes tables meanwhile.',
  };
}
