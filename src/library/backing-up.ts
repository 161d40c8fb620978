/** What makes backups, proves them, keeps them and lets them go. */

import { resolve } from 'node:path';
import type { Readable, Writable } from 'node:stream';
import { decisionAnswer, expiryAnswer, type DecisionAnswer, type ExpiryAnswer } from '../answers/expiry.ts';
import { extractAnswer, type ExtractAnswer } from '../answers/extracted.ts';
import { fileAnswer, type FileAnswer } from '../answers/foreign-file.ts';
import { madeBackupAnswer, type MadeBackupAnswer } from '../answers/made-backup.ts';
import { drillAnswer, verifyAnswer, type DrillAnswer, type VerifyAnswer } from '../answers/proofs.ts';
import { backupAnswer, type BackupAnswer } from '../answers/stored-backup.ts';
import { rulesFor } from '../config/keep-rules.ts';
import { targetFromArgument } from '../config/load.ts';
import { withAnswer } from '../domain/error.ts';
import type { TargetSpec } from '../engine/engine.ts';
import { backup } from '../operations/backup.ts';
import { noChecks } from '../operations/drill-checks.ts';
import { drill, drillFailure, type DrillResult } from '../operations/drill.ts';
import type { ExpiryResult } from '../operations/expiry.ts';
import { extract } from '../operations/extract.ts';
import { openForeignFile, type ForeignFile, type OpenRequest } from '../operations/foreign/open-file.ts';
import { drawOlderBackup } from '../operations/older-backup.ts';
import { pin } from '../operations/pin.ts';
import { prune, pruneFailure } from '../operations/prune.ts';
import { backupRequestOf, type BackupWishes } from '../requests/backup-request.ts';
import { chooseNamed, chooseTarget, oneDatabase, type Chosen } from '../requests/choose.ts';
import { confirmByName } from '../requests/confirm.ts';
import { checksFor, demandFitting, drillPlace } from '../requests/drill-place.ts';
import { requestErrors } from '../requests/errors.ts';
import { databasesToPrune } from '../requests/prune-each.ts';
import { everyBackup, verifyEach } from '../requests/verify-each.ts';
import { namedIn, type BackupChoice, type DatabaseChoice } from './reading.ts';
import type { Call, CallOptions } from './calls.ts';
import type { Session, Weighed } from './session.ts';

/** A file that another program made, in the place of a backup: a path, or its bytes. */
export interface FileChoice extends DatabaseChoice {
  readonly file: string | Readable;
}

export type BackupOptions = CallOptions & DatabaseChoice & BackupWishes;

/** One backup, all of them, or a file. */
export type VerifyOptions = CallOptions & (BackupChoice | (DatabaseChoice & { readonly all: true }) | FileChoice);

export interface DrillWishes {
  /** Make the scratch database on this server; a throwaway server of this machine, unless configured otherwise. */
  readonly on?: string;
  /** Restore into this database, which is replaced and stays. */
  readonly to?: string;
  /** The name of the database of `to`: that it may be replaced. */
  readonly confirm?: string;
}

/** `random`: an older backup, drawn; rather one that was not proven for long. */
export type DrillOptions = CallOptions &
  DrillWishes &
  (BackupChoice | (DatabaseChoice & { readonly random: true }) | FileChoice);

export interface ExtractOptions extends CallOptions, BackupChoice {
  /** A path, or a stream, which is not ended. */
  readonly to: string | Writable;
  /** By the ending of the path, unless given. */
  readonly format?: 'sql' | 'sql.gz' | 'dump' | 'db';
  /** Replaces a file that is there. */
  readonly overwrite?: boolean;
}

export interface PruneOptions extends CallOptions, DatabaseChoice {
  /** Goes on although half of all would go, or the clock jumped. */
  readonly force?: boolean;
  /** Says what would go; changes nothing. */
  readonly dryRun?: boolean;
}

export interface PruneAnswer {
  readonly databases: readonly ExpiryAnswer[];
  /** Every backup, and why it stays or goes. */
  readonly decisions: readonly DecisionAnswer[];
}

export interface PinOptions extends CallOptions, DatabaseChoice {
  readonly backup: string;
  /** Why, in a few words; kept beside the backup. */
  readonly reason?: string;
}

export interface PinAnswer extends BackupAnswer {
  /** False: it was so already. */
  readonly changed: boolean;
}

export interface VerifiedAnswer {
  /** Empty for a file. */
  readonly backups: readonly VerifyAnswer[];
  /** Null unless one was given. */
  readonly file: FileAnswer | null;
}

export interface BackingUp {
  /** Backs up one database. Throws `locked`, `not-ready`, `no-room`, `backup-too-small`, `hook-failed`, and more (docs/errors.md). */
  backup(options?: BackupOptions): Promise<Weighed<MadeBackupAnswer>>;
  /** Reads every byte again. Damage is thrown (exit code 15); `answer` of the error is what was read. */
  verify(options?: VerifyOptions): Promise<Weighed<VerifiedAnswer>>;
  /** Restores aside and compares. What is not equal is thrown as `not-proven`; `answer` of the error is the comparison. */
  drill(options?: DrillOptions): Promise<Weighed<DrillAnswer>>;
  /** Writes the plain file that other programs expect. */
  extract(options: ExtractOptions): Promise<ExtractAnswer>;
  /** Lets go what no rule keeps. Throws `expiry-stopped`; `answer` of the error is what was decided. */
  prune(options?: PruneOptions): Promise<Weighed<PruneAnswer>>;
  /** Keeps a backup whatever the rules say. */
  pin(options: PinOptions): Promise<PinAnswer>;
  /** Leaves it to the rules again. */
  unpin(options: PinOptions): Promise<PinAnswer>;
}

export function makeBackingUp(session: Session): BackingUp {
  return {
    backup: (options = {}) =>
      session.run({ verb: 'backup', database: options.database }, options, async (call) => {
        const words = options.database === undefined ? [] : [options.database];
        const chosen = await chooseTarget(words, call);
        const { settings, target } = oneDatabase(chosen, 'Call backupServer, or name one of its databases.');
        call.weigh(call.configured.findings);
        const request = backupRequestOf(options, settings, target, call.configured);
        const result = await backup(request, await call.parts(), call.work);
        call.weigh([...result.findings, ...result.expiry.findings]);
        return madeBackupAnswer(result);
      }),
    verify: (options = {}) =>
      session.run({ verb: 'verify', database: options.database }, options, (call) => verifyWanted(options, call)),
    drill: (options = {}) =>
      session.run({ verb: 'drill', database: options.database }, options, async (call) =>
        drillAnswered(await drillWanted(options, call), call),
      ),
    extract: (options) =>
      session.call(options, async (call) => {
        const { database } = await chooseNamed(namedIn(options), call);
        const { to, format = null, overwrite = false } = options;
        const destination =
          typeof to === 'string'
            ? ({ kind: 'file', path: resolve(call.request.cwd, to), overwrite } as const)
            : ({ kind: 'stream', stream: to } as const);
        const request = { database, backup: options.backup ?? 'latest', format, destination };
        return extractAnswer(await extract(request, await call.parts(), call.work));
      }),
    prune: (options = {}) =>
      options.dryRun === true
        ? session.call(options, (call) => pruneWanted(options, call))
        : session.run({ verb: 'prune', database: options.database }, options, (call) => pruneWanted(options, call)),
    pin: (options) => session.call(options, (call) => pinAs('pin', options, call)),
    unpin: (options) => session.call(options, (call) => pinAs('unpin', options, call)),
  };
}

/** Opens it, looks through all of it and tells what it is. */
export async function openFile(
  { file }: FileChoice,
  { database }: Chosen,
  verb: OpenRequest['verb'],
  call: Call,
): Promise<ForeignFile> {
  const source =
    typeof file === 'string'
      ? ({ kind: 'path', path: resolve(call.request.cwd, file), label: file } as const)
      : ({ kind: 'stream', stream: file } as const);
  return openForeignFile({ source, database, verb }, await call.parts(), call.work);
}

async function verifyWanted(options: VerifyOptions, call: Call): Promise<VerifiedAnswer> {
  if ('file' in options) {
    const chosen = await chooseNamed(namedIn({ ...choiceOf(options) }), call, { all: true });
    await using file = await openFile(options, chosen, 'verify', call);
    call.weigh(file.manifest.findings);
    return { backups: [], file: fileAnswer(file) };
  }
  const all = 'all' in options;
  const choice = all ? choiceOf(options) : options;
  const chosen = await chooseNamed(namedIn(choice), call, { all });
  const parts = await call.parts();
  const wanted = all
    ? await everyBackup(chosen.database, parts, call.work)
    : [{ database: chosen.database, backup: chosen.backup ?? 'latest' }];
  const listener = {
    verified: ({ findings }: { readonly findings: Parameters<Call['weigh']>[0] }) => {
      call.weigh(findings);
    },
    // Its error is the one that is thrown, or comes after it.
    unreadable: () => undefined,
  };
  const { results, failure } = await verifyEach(wanted, chosen, listener, parts, call.work);
  const answer = { backups: results.map(verifyAnswer), file: null };
  call.learn(answer);
  if (failure !== null) throw withAnswer(failure, answer);
  return answer;
}

async function drillWanted(options: DrillOptions, call: Call): Promise<DrillResult> {
  const isFile = 'file' in options;
  const choice = 'backup' in options ? options : choiceOf(options);
  const chosen = await chooseNamed(namedIn(choice), call, { all: isFile && options.to === undefined });
  const target = async (text: string | undefined, name: string): Promise<TargetSpec | null> =>
    text === undefined ? null : targetFromArgument(text, name, call.request);
  if (options.on !== undefined && options.to !== undefined) {
    throw requestErrors.make('usage', 'on and to exclude each other');
  }
  const place = drillPlace({ on: await target(options.on, 'on'), to: await target(options.to, 'to') }, chosen);
  const parts = await call.parts();
  if (place.kind === 'staging') {
    confirmByName(parts.engines.forUrl(place.target.url).open(place.target).target.databaseName, options.confirm);
  }
  if (isFile) {
    await using file = await openFile(options, chosen, 'drill', call);
    demandFitting(place, file);
    const { database, id } = file.manifest;
    const checks = checksFor(file, chosen, file.parts);
    return await drill({ database, backup: id, place, checks }, file.parts, call.work);
  }
  const name =
    'random' in options ? await drawOlderBackup(chosen.database, parts, call.work) : (chosen.backup ?? 'latest');
  const checks = chosen.settings?.checks ?? noChecks;
  return drill({ database: chosen.database, backup: name, place, checks }, parts, call.work);
}

function drillAnswered(result: DrillResult, call: Call): DrillAnswer {
  call.weigh(result.findings);
  const answer = drillAnswer(result);
  call.learn(answer);
  const failure = drillFailure(result);
  if (failure !== null) throw withAnswer(failure, answer);
  return answer;
}

async function pruneWanted(options: PruneOptions, call: Call): Promise<Weighed<PruneAnswer>> {
  const choose = (wanted: { readonly all: boolean }): Promise<Chosen> => chooseNamed(namedIn(options), call, wanted);
  const { databases } = await databasesToPrune(options.database !== undefined, choose, call);
  const results: ExpiryResult[] = [];
  for (const database of databases) {
    const rules = rulesFor(call.configured.keep, database);
    const request = { database, rules, force: options.force === true, dryRun: options.dryRun === true };
    const result = await prune(request, await call.parts(), call.work);
    call.weigh(result.findings);
    results.push(result);
  }
  const answer = {
    databases: results.map(expiryAnswer),
    decisions: results.flatMap(({ decisions }) => decisions.map(decisionAnswer)),
    findings: results.flatMap(({ findings }) => findings),
  };
  const failure = pruneFailure(results);
  if (failure !== null) throw withAnswer(failure, answer);
  return answer;
}

async function pinAs(kind: 'pin' | 'unpin', options: PinOptions, call: Call): Promise<PinAnswer> {
  const { database } = await chooseNamed(namedIn(options), call);
  const request = { kind, database, backup: options.backup, reason: options.reason ?? null, dryRun: false };
  const result = await pin(request, await call.parts(), call.work);
  call.weigh(result.findings);
  return { ...backupAnswer(result.backup), changed: result.changed };
}

function choiceOf({ database }: DatabaseChoice): BackupChoice {
  return database === undefined ? {} : { database };
}
