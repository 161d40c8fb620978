/** Databases that a restore replaced: listed, swapped back, dropped on purpose. And what interrupted restores left. */

import type { Finding } from '../../../domain/finding.ts';
import type { Work } from '../../../domain/work.ts';
import type { Adoption, KeptDatabase } from '../../engine.ts';
import type { Session } from '../connection/session.ts';
import { describePlace } from '../connection/address.ts';
import { quoteIdentifier } from '../quote.ts';
import type { RestoreContext } from './context.ts';
import { restoreErrors } from './errors.ts';
import { databaseExists, databaseNames, dropDatabase, isAbandoned, openMaintenance } from './maintenance.ts';
import { freeKeptName, isCopyName, isKeptName, isRestoringName, keptTime } from './names.ts';
import { swapDatabases } from './swap/swap.ts';

/** Newest first. */
export async function listKept(context: RestoreContext, work: Work): Promise<readonly KeptDatabase[]> {
  await using session = await openMaintenance(context.address, [], work.signal);
  return await readKept(session, context.address.database);
}

/** The newest kept database takes its name back; the present one, if there is one, is kept instead. */
export async function undoRestore(context: RestoreContext, work: Work): Promise<Adoption> {
  const name = context.address.database;
  const { newest, keptAs } = await findPair(context, work);
  return swapDatabases(context.address, { copy: newest, name, keptAs }, [], work.signal);
}

/** Also with sessions connected: whoever names a kept database means it. */
export async function dropKept(context: RestoreContext, name: string): Promise<void> {
  if (keptTime(context.address.database, name) === null) {
    throw restoreErrors.make(
      'not-a-kept-database',
      `${name} is not a database that a restore of ${context.address.database} replaced`,
    );
  }
  await using session = await openMaintenance(context.address, [name], new AbortController().signal);
  if (!(await databaseExists(session, name))) {
    throw restoreErrors.make('no-kept-database', `there is no database named ${name}`);
  }
  await dropDatabase(context.address, name);
}

export async function findLeftovers(context: RestoreContext, work: Work): Promise<readonly Finding[]> {
  const { address } = context;
  await using session = await openMaintenance(address, [], work.signal);
  const findings: Finding[] = [];
  for (const name of await databaseNames(session)) {
    const isOurs = isRestoringName(address.database, name) || isScratchName(name);
    if (isOurs && (await isAbandoned(session, name))) findings.push(leftoverFinding(name, describePlace(address)));
  }
  return findings;
}

/** The name of a scratch database on a server that is not ours alone. */
export function scratchName(random: string): string {
  return `holdfast_drill_${random}`;
}

/** A database that a restore or a drill made or kept, of whatever database it was: by its name. */
export function isMadeByUs(name: string): boolean {
  return isScratchName(name) || isKeptName(name) || isCopyName(name);
}

function isScratchName(name: string): boolean {
  return /^holdfast_drill_[a-z0-9]+$/.test(name);
}

async function readKept(session: Session, database: string): Promise<readonly KeptDatabase[]> {
  const rows = await session.query<{ name: string; size: string | null }>(
    `select datname::text as name,
            case when has_database_privilege(oid, 'connect') or pg_has_role('pg_read_all_stats', 'usage')
                 then pg_database_size(oid)::text end as size
       from pg_database`,
  );
  return rows
    .flatMap(({ name, size }) => {
      const replacedAt = keptTime(database, name);
      return replacedAt === null ? [] : [{ name, replacedAt, sizeBytes: size === null ? null : Number(size) }];
    })
    .toSorted((a, b) => b.replacedAt.getTime() - a.replacedAt.getTime());
}

async function findPair(context: RestoreContext, work: Work): Promise<{ newest: string; keptAs: string | null }> {
  const { address, clock } = context;
  await using session = await openMaintenance(address, [address.database], work.signal);
  const [newest] = await readKept(session, address.database);
  if (newest === undefined) {
    throw restoreErrors.make(
      'no-kept-database',
      `no database was kept for ${address.database} on ${describePlace(address)}`,
    );
  }
  const names = new Set(await databaseNames(session));
  const keptAs = names.has(address.database)
    ? freeKeptName(address.database, clock.now(), (name) => names.has(name))
    : null;
  return { newest: newest.name, keptAs };
}

function leftoverFinding(name: string, place: string): Finding {
  return {
    severity: 'warning',
    code: 'restore-leftover',
    message: `an interrupted run left the database ${name} on ${place}`,
    hint: `Remove it: DROP DATABASE ${quoteIdentifier(name)};`,
  };
}
