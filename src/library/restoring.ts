/** What brings data back. What the command line asks is said beforehand, as `confirm`. */

import { resolve } from 'node:path';
import {
  restoreAnswer,
  restorePlanAnswer,
  tablesAnswer,
  tablesPlanAnswer,
  type RestoreAnswer,
  type RestorePlanAnswer,
  type TablesAnswer,
  type TablesPlanAnswer,
} from '../answers/restore.ts';
import { targetFromArgument } from '../config/load.ts';
import { withAnswer } from '../domain/error.ts';
import { hasBlocking, type Finding } from '../domain/finding.ts';
import type { RoleMap } from '../domain/role-map.ts';
import type { KeptDatabase, RestoreDestination, TableDestination, TargetSpec } from '../engine/engine.ts';
import type { Parts } from '../operations/parts.ts';
import { executeRestore, planRestore, restoreFailure, type RestorePlan } from '../operations/restore.ts';
import { executeRestoreTables, planRestoreTables, type TablesPlan } from '../operations/restore-tables.ts';
import { dropReplaced, listKept, undo } from '../operations/undo.ts';
import { chooseNamed, refuseRivals, targetOf, type Chosen } from '../requests/choose.ts';
import { confirmByName } from '../requests/confirm.ts';
import { requestErrors } from '../requests/errors.ts';
import { roleMapOf } from '../requests/role-map.ts';
import { restoreSettings, wantedFromFile, type WantedRestore } from '../requests/restore-request.ts';
import { openFile, type FileChoice } from './backing-up.ts';
import { namedIn, type BackupChoice, type DatabaseChoice } from './reading.ts';
import type { Call, CallOptions } from './calls.ts';
import type { Session, Weighed } from './session.ts';

/** Which backup: `backup` must be named, or `file`. */
export type RestoreChoice = (BackupChoice & { readonly backup: string }) | FileChoice;

interface RestorePlace {
  /** Into another server or database. */
  readonly to?: string;
  /** False: everything belongs to the user who restores. */
  readonly owners?: boolean;
  /** False: without privileges. */
  readonly privileges?: boolean;
}

export interface RestoreWishes extends RestorePlace {
  /** Under another name, which must be free (SQLite: a path); nothing is replaced then. */
  readonly into?: string;
  /** In the present database itself, in one transaction: for servers where none can be created. */
  readonly inPlace?: boolean;
  /** A backup of the present state first. In place always, unless false. */
  readonly safetyBackup?: boolean;
  /** Parallel jobs; by the machine, unless given. */
  readonly jobs?: number;
  /** False: the steps of `hooks:` are not run. */
  readonly hooks?: boolean;
  /** Swaps back when a step behind the swap fails. */
  readonly undoOnFailure?: boolean;
  /** Roles that are called otherwise there: the old name, then the new one (PostgreSQL). */
  readonly roles?: Readonly<Record<string, string>>;
}

export type PlanRestoreOptions = CallOptions & RestoreChoice & RestoreWishes;

/** The name of the database that is replaced: that it may be. Not needed with `into`. */
export interface Confirmation {
  readonly confirm?: string;
}

export type RestoreOptions = PlanRestoreOptions & Confirmation;

export interface TablesWishes extends RestorePlace {
  /** `orders`, `sales.orders`, `"Odd Name"`. */
  readonly tables: readonly string[];
  /** Beside the living ones (unless given), in their place, or to a file. */
  readonly destination?: 'beside' | 'replace' | { readonly file: string };
}

export type PlanTablesOptions = CallOptions & RestoreChoice & TablesWishes;
export type RestoreTablesOptions = PlanTablesOptions & Confirmation;

export interface KeptOptions extends CallOptions, DatabaseChoice {
  /** On another server, as `to` of the restore. */
  readonly to?: string;
}

export interface KeptAnswer {
  /** Address without a password. */
  readonly target: string;
  /** Newest first. */
  readonly kept: readonly KeptDatabase[];
}

export interface UndoAnswer {
  readonly undone: true;
  readonly target: string;
  readonly name: string;
  /** What was swapped away; null when there was nothing. */
  readonly keptAs: string | null;
  readonly durationMs: number;
}

export interface DropAnswer {
  readonly target: string;
  readonly dropped: readonly KeptDatabase[];
}

/** A plan, with what stands in its way: of severity `blocking` if it would be refused. */
export type Planned<T> = T & {
  readonly findings: readonly Finding[];
  /** What `confirm` must say for it to be carried out; null: nothing is replaced. */
  readonly confirm: string | null;
};

export interface Restoring {
  /** What a restore would do; the stored bytes are hashed, nothing is touched. */
  planRestore(options: PlanRestoreOptions): Promise<Planned<RestorePlanAnswer>>;
  /**
   * Restores beside, compares, swaps the names. Throws `declined` without the right `confirm`, `restore-blocked`, `not-equal` (the copy
   * was discarded; `answer` of the error is the comparison), and more.
   */
  restore(options: RestoreOptions): Promise<Weighed<RestoreAnswer>>;
  planRestoreTables(options: PlanTablesOptions): Promise<Planned<TablesPlanAnswer>>;
  /** Brings single tables back. `confirm` is needed to replace living ones. */
  restoreTables(options: RestoreTablesOptions): Promise<Weighed<TablesAnswer>>;
  /** The databases that restores replaced and kept. */
  listReplaced(options?: KeptOptions): Promise<KeptAnswer>;
  /** Swaps the newest replaced database back. */
  undoRestore(options: KeptOptions & Confirmation): Promise<Weighed<UndoAnswer>>;
  /** Drops for good what restores kept: those named, or all. */
  dropReplaced(
    options: KeptOptions & Confirmation & { readonly names?: readonly string[] },
  ): Promise<Weighed<DropAnswer>>;
}

export function makeRestoring(session: Session): Restoring {
  return { ...makeWhole(session), ...makeTables(session), ...makeKept(session) };
}

function makeWhole(session: Session): Pick<Restoring, 'planRestore' | 'restore'> {
  return {
    planRestore: (options) =>
      session.call(options, (call) =>
        withBackup(options, call, async ({ wanted, target, parts }) => {
          const plan = await planRestore(requestOf(options, wanted, target), parts, call.work);
          call.weigh(plan.findings);
          const confirm = options.into === undefined ? plan.target.databaseName : null;
          return { ...restorePlanAnswer(plan), findings: plan.findings, confirm };
        }),
      ),
    restore: (options) =>
      session.run({ verb: 'restore', database: options.database }, options, (call) =>
        withBackup(options, call, async ({ wanted, target, parts }) => {
          const plan = await planRestore(requestOf(options, wanted, target), parts, call.work);
          call.learn(restorePlanAnswer(plan));
          if (!hasBlocking(plan.findings) && options.into === undefined) {
            confirmByName(plan.target.databaseName, options.confirm);
          }
          return executePlan(plan, parts, call);
        }),
      ),
  };
}

function makeTables(session: Session): Pick<Restoring, 'planRestoreTables' | 'restoreTables'> {
  return {
    planRestoreTables: (options) =>
      session.call(options, (call) =>
        withBackup(options, call, async ({ wanted, target, parts }) => {
          const plan = await planTables(options, wanted, target, parts, call);
          call.weigh(plan.findings);
          const confirm = options.destination === 'replace' ? plan.target.databaseName : null;
          return { ...tablesPlanAnswer(plan), findings: plan.findings, confirm };
        }),
      ),
    restoreTables: (options) =>
      session.run({ verb: 'restore', database: options.database }, options, (call) =>
        withBackup(options, call, async ({ wanted, target, parts }) => {
          const plan = await planTables(options, wanted, target, parts, call);
          if (options.destination === 'replace' && !hasBlocking(plan.findings)) {
            confirmByName(plan.target.databaseName, options.confirm);
          }
          const result = await executeRestoreTables(plan, parts, call.work);
          call.weigh(result.findings);
          return tablesAnswer(result);
        }),
      ),
  };
}

function makeKept(session: Session): Pick<Restoring, 'listReplaced' | 'undoRestore' | 'dropReplaced'> {
  return {
    listReplaced: (options = {}) =>
      session.call(options, async (call) => {
        const { target, kept } = await listKept(
          { target: await keptTarget(options, call) },
          await call.parts(),
          call.work,
        );
        return { target: target.label, kept };
      }),
    undoRestore: (options) =>
      session.run({ verb: 'restore', database: options.database }, options, async (call) => {
        const parts = await call.parts();
        const target = await keptTarget(options, call);
        const present = await listKept({ target }, parts, call.work);
        if (present.kept.length > 0) confirmByName(present.target.databaseName, options.confirm);
        const result = await undo({ target }, parts, call.work);
        call.weigh(result.findings);
        const { name, keptAs } = result;
        return {
          undone: true as const,
          target: result.target.label,
          name,
          keptAs,
          durationMs: Math.round(result.durationMs),
        };
      }),
    dropReplaced: (options) =>
      session.run({ verb: 'restore', database: options.database }, options, async (call) => {
        const parts = await call.parts();
        const target = await keptTarget(options, call);
        const present = await listKept({ target }, parts, call.work);
        const names = options.names ?? present.kept.map(({ name }) => name);
        if (names.length > 0) confirmByName(present.target.databaseName, options.confirm);
        const result = await dropReplaced({ target, names }, parts, call.work);
        call.weigh(result.findings);
        return { target: result.target.label, dropped: result.dropped };
      }),
  };
}

interface Prepared {
  readonly wanted: WantedRestore;
  readonly target: TargetSpec;
  readonly parts: Parts;
}

/** Finds the backup, or opens the file for as long as the body runs. */
async function withBackup<T>(
  options: RestoreChoice & RestorePlace & Partial<RestoreWishes>,
  call: Call,
  body: (prepared: Prepared) => Promise<T>,
): Promise<T> {
  const isFile = 'file' in options;
  const named = isFile ? { database: options.database ?? null, backup: null } : namedIn(options);
  const chosen = await chooseNamed(named, call);
  const target = await destinationTarget(options.to, chosen, call);
  const { hooks = true, safetyBackup, inPlace = false } = options;
  const elsewhere = options.to !== undefined || options.into !== undefined;
  const settings = restoreSettings({ hooks, safetyBackup, inPlace, elsewhere }, chosen);
  const parts = await call.parts();
  if (!isFile) {
    return body({ wanted: { database: chosen.database, backup: options.backup, ...settings }, target, parts });
  }
  await using file = await openFile(options, chosen, 'restore', call);
  return await body({ wanted: wantedFromFile(file, settings, chosen, parts), target, parts: file.parts });
}

function requestOf(
  options: RestoreWishes,
  wanted: WantedRestore,
  target: TargetSpec,
): Parameters<typeof planRestore>[0] {
  refuseUnfitting(options);
  const { owners = true, privileges = true, jobs = null, undoOnFailure = false, roles } = options;
  const destination = destinationOf(options);
  const mapped = roles === undefined ? {} : { roles: roleMapFrom(roles) };
  return { ...wanted, target, destination, owners, privileges, jobs, undoOnFailure, ...mapped };
}

/** Throws `usage`. */
export function roleMapFrom(roles: Readonly<Record<string, string>>): RoleMap {
  const pairs = Object.entries(roles).map(([from, to]) => {
    return { from, to, written: `roles: ${JSON.stringify({ [from]: to })}` };
  });
  return roleMapOf(pairs, "Write it as { old: 'new' }, the names as they are.");
}

function destinationOf({ into, inPlace = false }: RestoreWishes): RestoreDestination {
  if (inPlace) return { kind: 'in-place' };
  return into === undefined ? { kind: 'replace' } : { kind: 'into', name: into };
}

function refuseUnfitting(options: RestoreWishes): void {
  const { into, inPlace = false, undoOnFailure = false } = options;
  if (into !== undefined && (inPlace || undoOnFailure || options.safetyBackup !== undefined)) {
    throw requestErrors.make(
      'usage',
      'into replaces nothing: inPlace, safetyBackup and undoOnFailure do not go with it',
    );
  }
  if (inPlace && undoOnFailure) {
    throw requestErrors.make('usage', 'inPlace and undoOnFailure exclude each other: in place nothing is kept', {
      hint: 'The safety backup holds the state before; restore that.',
    });
  }
}

async function executePlan(plan: RestorePlan, parts: Parts, call: Call): Promise<RestoreAnswer> {
  const result = await executeRestore(plan, parts, call.work);
  call.weigh(result.findings);
  const answer = restoreAnswer(result);
  call.learn(answer);
  const failure = restoreFailure(result);
  if (failure !== null) throw withAnswer(failure, answer);
  return answer;
}

async function planTables(
  options: TablesWishes,
  { database, backup }: WantedRestore,
  target: TargetSpec,
  parts: Parts,
  call: Call,
): Promise<TablesPlan> {
  const { tables, owners = true, privileges = true } = options;
  const destination = tableDestination(options.destination, call.request.cwd);
  return planRestoreTables({ database, backup, target, tables, destination, owners, privileges }, parts, call.work);
}

function tableDestination(wished: TablesWishes['destination'], cwd: string): TableDestination {
  if (wished === undefined || typeof wished === 'string') return { kind: wished ?? 'beside' };
  return { kind: 'file', path: resolve(cwd, wished.file) };
}

export async function destinationTarget(to: string | undefined, chosen: Chosen, call: Call): Promise<TargetSpec> {
  if (to !== undefined) return targetFromArgument(to, 'to', call.request);
  const target = targetOf(chosen);
  refuseRivals(chosen);
  return target;
}

async function keptTarget({ database, to }: KeptOptions, call: Call): Promise<TargetSpec> {
  const chosen = await chooseNamed({ database: database ?? null, backup: null }, call);
  return destinationTarget(to, chosen, call);
}
