/** `restore`: a copy beside the present database, which takes over its name when it is adopted. */

import type { BackupSource } from '../../../domain/artifact.ts';
import { noRoles } from '../../../domain/role-map.ts';
import type { Work } from '../../../domain/work.ts';
import type { Adoption, RestoredCopy, RestorePlan } from '../../engine.ts';
import { describePlace, withDatabase } from '../connection/address.ts';
import type { RestoreContext } from './context.ts';
import { fillDatabase } from './database/fill-database.ts';
import { restoreErrors } from './errors.ts';
import {
  clearUp,
  databaseExists,
  databaseNames,
  dropDatabase,
  freeRestoringName,
  openMaintenance,
} from './maintenance.ts';
import { freeKeptName } from './names.ts';
import { makeRestoredCopy } from './database/restored-copy.ts';
import { swapDatabases } from './swap/swap.ts';

export async function restoreBeside(
  context: RestoreContext,
  plan: RestorePlan,
  source: BackupSource,
  work: Work,
): Promise<RestoredCopy> {
  const { name, likeDatabase } = await nameCopy(context, plan, work);
  const roles = plan.request.roles ?? noRoles;
  const filled = await fillDatabase(
    context,
    {
      source,
      name,
      owners: plan.request.owners,
      privileges: plan.request.privileges,
      jobs: plan.request.jobs,
      acceptPlainLocale: false,
      likeDatabase,
      roles,
    },
    work,
  );
  return makeRestoredCopy({
    address: withDatabase(context.address, name),
    description: `database ${name} on ${describePlace(context.address)}`,
    restoreMs: filled.restoreMs,
    findings: filled.findings,
    roles,
    sourceMajor: source.manifest.origin.majorVersion,
    adopt: (adoptWork) => adopt(context, plan, name, filled.restrictions, adoptWork),
    remove: () => clearUp(work, `database ${name}`, () => dropDatabase(context.address, name)),
    release: () => filled.guard[Symbol.asyncDispose](),
  });
}

async function nameCopy(
  context: RestoreContext,
  plan: RestorePlan,
  work: Work,
): Promise<{ readonly name: string; readonly likeDatabase: string | null }> {
  await using session = await openMaintenance(context.address, [context.address.database], work.signal);
  const name = await freeRestoringName(session, plan.finalName, context.random);
  const exists = await databaseExists(session, context.address.database);
  return { name, likeDatabase: exists ? context.address.database : null };
}

/** What the server has now decides, not what it had when the plan was made. */
async function adopt(
  context: RestoreContext,
  plan: RestorePlan,
  copy: string,
  restrictions: readonly string[],
  work: Work,
): Promise<Adoption> {
  const name = plan.finalName;
  const keptAs = await nameKept(context, plan, work);
  if (keptAs !== null && plan.request.destination.kind === 'into') {
    throw restoreErrors.make('database-exists', `there is a database named ${name} now`);
  }
  return swapDatabases(context.address, { copy, name, keptAs }, restrictions, work.signal);
}

async function nameKept(context: RestoreContext, plan: RestorePlan, work: Work): Promise<string | null> {
  await using session = await openMaintenance(context.address, [context.address.database, plan.finalName], work.signal);
  const names = new Set(await databaseNames(session));
  if (!names.has(plan.finalName)) return null;
  if (plan.keptAs !== null && !names.has(plan.keptAs)) return plan.keptAs;
  return freeKeptName(plan.finalName, context.clock.now(), (name) => names.has(name));
}
