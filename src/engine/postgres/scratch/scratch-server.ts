/** A drill on a server that somebody else uses too: in a database of our own, or in a staging database that stays. */

import type { BackupSource } from '../../../domain/artifact.ts';
import type { Work } from '../../../domain/work.ts';
import type { RestoredCopy } from '../../engine.ts';
import { describeAddress, describePlace, withDatabase, type PgAddress } from '../connection/address.ts';
import type { PostgresParts } from '../postgres-parts.ts';
import type { RestoreContext } from '../restore/context.ts';
import { restoreErrors } from '../restore/errors.ts';
import { fillDatabase, type FillRequest, type FilledDatabase } from '../restore/database/fill-database.ts';
import { scratchName } from '../restore/kept.ts';
import { clearUp, databaseNames, dropDatabase, openMaintenance } from '../restore/maintenance.ts';
import { freeKeptName, restoringName } from '../restore/names.ts';
import { planRestore } from '../restore/plan-restore.ts';
import { makeRestoredCopy } from '../restore/database/restored-copy.ts';
import { swapDatabases } from '../restore/swap/swap.ts';
import { refuseAdoption } from './refuse-adoption.ts';

/** `holdfast_drill_…`, dropped when the copy is disposed. */
export async function restoreOnServer(
  parts: PostgresParts,
  server: PgAddress,
  source: BackupSource,
  work: Work,
): Promise<RestoredCopy> {
  const name = scratchName(parts.random());
  const context = contextFor(parts, withDatabase(server, name));
  const filled = await fillChecked(context, name, source, work);
  return makeRestoredCopy({
    address: context.address,
    description: `scratch database ${name} on ${describePlace(context.address)}`,
    restoreMs: filled.restoreMs,
    findings: filled.findings,
    sourceMajor: source.manifest.origin.majorVersion,
    adopt: refuseAdoption,
    remove: () => clearUp(work, `database ${name}`, () => dropDatabase(context.address, name)),
    release: () => filled.guard[Symbol.asyncDispose](),
  });
}

/** The named database, restored beside and put over the one that was there, which is dropped. */
export async function restoreStaging(
  parts: PostgresParts,
  address: PgAddress,
  source: BackupSource,
  work: Work,
): Promise<RestoredCopy> {
  refuseOrigin(address, source);
  const context = contextFor(parts, address);
  const copy = restoringName(address.database, parts.random());
  const filled = await fillChecked(context, copy, source, work);
  await using guard = filled.guard;
  try {
    await replace(context, copy, filled, work);
  } catch (thrown) {
    await guard[Symbol.asyncDispose]();
    await clearUp(work, `database ${copy}`, () => dropDatabase(address, copy));
    throw thrown;
  }
  return makeRestoredCopy({
    address,
    description: `staging database ${address.database} on ${describePlace(address)}`,
    restoreMs: filled.restoreMs,
    findings: filled.findings,
    sourceMajor: source.manifest.origin.majorVersion,
    adopt: refuseAdoption,
    remove: () => Promise.resolve(),
    release: () => Promise.resolve(),
  });
}

/** What a drill replaces is dropped: that must never be the database the backup was taken from. */
function refuseOrigin(address: PgAddress, { manifest }: BackupSource): void {
  const { databaseName, address: place } = manifest.origin;
  if (address.database !== databaseName || describePlace(address) !== place) return;
  const message = `${describeAddress(address)} is the database the backup was taken from, and a drill would drop it`;
  throw restoreErrors.make('target-unfit', message, {
    hint: 'Name another database, or use `holdfast restore`, which keeps the replaced one.',
  });
}

/** Whatever a restore there would be stopped by stops a drill there. */
async function fillChecked(
  context: RestoreContext,
  name: string,
  source: BackupSource,
  work: Work,
): Promise<FilledDatabase> {
  const isStaging = context.address.database !== name;
  const choices = { owners: true, privileges: true, jobs: null };
  const destination = isStaging ? ({ kind: 'replace' } as const) : ({ kind: 'into', name } as const);
  const plan = await planRestore(context, { ...choices, destination }, source, work);
  const obstacle = plan.findings.find(({ severity }) => severity === 'blocking');
  if (obstacle !== undefined) throw restoreErrors.make('target-unfit', obstacle.message, { hint: obstacle.hint });
  const request: FillRequest = { ...choices, source, name, acceptPlainLocale: false, likeDatabase: null };
  return fillDatabase(context, request, work);
}

async function replace(context: RestoreContext, copy: string, filled: FilledDatabase, work: Work): Promise<void> {
  const { address, clock } = context;
  const { database } = address;
  await using session = await openMaintenance(address, [database], work.signal);
  const names = new Set(await databaseNames(session));
  const aside = names.has(database) ? freeKeptName(database, clock.now(), (name) => names.has(name)) : null;
  await swapDatabases(address, { copy, name: database, keptAs: aside }, filled.restrictions, work.signal);
  if (aside !== null) await dropDatabase(address, aside);
}

function contextFor(parts: PostgresParts, address: PgAddress): RestoreContext {
  return { ...parts, address, label: describeAddress(address) };
}
