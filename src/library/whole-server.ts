/** What is about a whole server: every database of it, and what they share. */

import { globalsAnswer, globalsPlanAnswer, type GlobalsAnswer, type GlobalsPlanAnswer } from '../answers/globals.ts';
import {
  outcomeFindings,
  serverBackupAnswer,
  serverPlanAnswer,
  type ServerBackupAnswer,
  type ServerPlanAnswer,
} from '../answers/server-backup.ts';
import { withAnswer } from '../domain/error.ts';
import { hasBlocking, isAmong, type Finding } from '../domain/finding.ts';
import { executeRestoreGlobals, planRestoreGlobals, type RestoreGlobalsPlan } from '../operations/restore-globals.ts';
import { backupServer, planServer, serverFailure } from '../operations/whole-server/backup-server.ts';
import { asError } from '../requests/as-error.ts';
import type { BackupWishes } from '../requests/backup-request.ts';
import { chooseNamed, chooseTarget, settingsAndTarget } from '../requests/choose.ts';
import { confirmByName } from '../requests/confirm.ts';
import { requestErrors } from '../requests/errors.ts';
import { serverRequestOf } from '../requests/server-request.ts';
import type { Call, CallOptions } from './calls.ts';
import { namedIn, type BackupChoice } from './reading.ts';
import { destinationTarget, roleMapFrom, type Confirmation, type Planned } from './restoring.ts';
import type { Session, Weighed } from './session.ts';

/** As for one backup, but for what chooses from one database. */
export interface ServerBackupOptions extends CallOptions, Omit<BackupWishes, 'tables' | 'schemas'> {
  /** The entry with the address of the server; the only one there is, unless given. */
  readonly database?: string;
  /** Patterns as psql reads them, besides `excludeDatabases` of the settings. */
  readonly excludeDatabases?: readonly string[];
}

export interface PlanGlobalsOptions extends CallOptions, BackupChoice {
  readonly backup: string;
  /** To another server: the address of a database of it. */
  readonly to?: string;
  /** Roles that are called otherwise there: the old name, then the new one. */
  readonly roles?: Readonly<Record<string, string>>;
  /** True: what exists and differs is made what the backup says; otherwise it stays as it is. */
  readonly replace?: boolean;
  /** False: without tablespaces. */
  readonly tablespaces?: boolean;
}

export type RestoreGlobalsOptions = PlanGlobalsOptions & Confirmation;

export interface WholeServer {
  /** Which databases `backupServer` would back up now, and which not, and why. */
  planBackupServer(options?: ServerBackupOptions): Promise<Weighed<ServerPlanAnswer>>;
  /**
   * Backs up every database of a server, each as a backup of its own (PostgreSQL). One that fails stops no other; then `databases-failed` is
   * thrown, and its `answer` says what became of each. Throws `not-a-server`, `no-databases`.
   */
  backupServer(options?: ServerBackupOptions): Promise<Weighed<ServerBackupAnswer>>;
  /** What `restoreGlobals` would do. Throws `no-globals`. */
  planRestoreGlobals(options: PlanGlobalsOptions): Promise<Planned<GlobalsPlanAnswer>>;
  /**
   * Brings roles, their settings and tablespaces back, all or none; no database is touched. `confirm` is needed to change what exists. Throws
   * `restore-blocked`, `globals-not-restored`.
   */
  restoreGlobals(options: RestoreGlobalsOptions): Promise<Weighed<GlobalsAnswer>>;
}

export function makeWholeServer(session: Session): WholeServer {
  return { ...makeBackups(session), ...makeGlobals(session) };
}

function makeBackups(session: Session): Pick<WholeServer, 'planBackupServer' | 'backupServer'> {
  return {
    planBackupServer: (options = {}) =>
      session.call(options, async (call) => {
        const plan = await planServer(await serverWanted(options, call), await call.parts(), call.work);
        const findings = [...call.configured.findings, ...plan.findings];
        call.weigh(findings);
        return { ...serverPlanAnswer(plan), findings };
      }),
    backupServer: (options = {}) =>
      session.run({ verb: 'backup', database: options.database, isServer: true }, options, (call) =>
        backupWanted(options, call),
      ),
  };
}

async function backupWanted(options: ServerBackupOptions, call: Call): Promise<ServerBackupAnswer> {
  const request = await serverWanted(options, call);
  const said: Finding[] = [];
  const weigh = (findings: readonly Finding[]): void => {
    for (const finding of findings) {
      // What is about the server comes with every database.
      if (isAmong(finding, said)) continue;
      said.push(finding);
      call.weigh([finding]);
    }
  };
  weigh(call.configured.findings);
  const result = await backupServer(
    {
      ...request,
      errorOf: (thrown) => asError(thrown, call.work.signal),
      onOutcome: (outcome) => {
        weigh(outcomeFindings(outcome));
      },
    },
    await call.parts(),
    call.work,
  );
  weigh(result.findings);
  const answer = serverBackupAnswer(result);
  call.learn(answer);
  const failure = serverFailure(result);
  if (failure !== null) throw withAnswer(failure, answer);
  return answer;
}

async function serverWanted(options: ServerBackupOptions, call: Call): Promise<ReturnType<typeof serverRequestOf>> {
  const { database, excludeDatabases = [], ...wishes }: ServerBackupOptions & BackupWishes = options;
  if (wishes.tables !== undefined || wishes.schemas !== undefined) {
    throw requestErrors.make('usage', 'tables and schemas choose from one database, not from a whole server', {
      hint: 'Back that database up by its own name; excludeTables and excludeSchemas go with a server.',
    });
  }
  const chosen = await chooseTarget(database === undefined ? [] : [database], call, { all: true });
  const { configuration } = chosen;
  return serverRequestOf({ wishes, exclude: excludeDatabases, ...settingsAndTarget(chosen), configuration });
}

function makeGlobals(session: Session): Pick<WholeServer, 'planRestoreGlobals' | 'restoreGlobals'> {
  return {
    planRestoreGlobals: (options) =>
      session.call(options, async (call) => {
        const planned = await planWanted(options, call);
        const { findings } = planned.plan;
        call.weigh(findings);
        const confirm = changesSomething(planned) ? planned.target.databaseName : null;
        return { ...globalsPlanAnswer(planned), findings, confirm };
      }),
    restoreGlobals: (options) =>
      session.run({ verb: 'restore', database: options.database }, options, async (call) => {
        const planned = await planWanted(options, call);
        call.learn(globalsPlanAnswer(planned));
        const { findings } = planned.plan;
        if (!hasBlocking(findings) && changesSomething(planned)) {
          confirmByName(planned.target.databaseName, options.confirm);
        }
        const result = await executeRestoreGlobals(planned, await call.parts(), call.work);
        call.weigh(findings);
        return globalsAnswer(planned, result);
      }),
  };
}

async function planWanted(options: PlanGlobalsOptions, call: Call): Promise<RestoreGlobalsPlan> {
  const { backup, to, roles = {}, replace = false, tablespaces = true } = options;
  const chosen = await chooseNamed(namedIn(options), call);
  const target = await destinationTarget(to, chosen, call);
  const wanted = { database: chosen.database, backup, target, roles: roleMapFrom(roles), replace, tablespaces };
  return planRestoreGlobals(wanted, await call.parts(), call.work);
}

function changesSomething({ plan }: RestoreGlobalsPlan): boolean {
  return plan.items.some(({ deed }) => deed === 'change');
}
