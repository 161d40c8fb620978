/** `backup --all`: every database of a server. */

import type { Configuration, DatabaseSettings } from '../config/configuration.ts';
import { isSameTarget } from '../config/same-target.ts';
import { countOf, formatBytes, formatDuration } from '../domain/amounts.ts';
import type { ExitCode } from '../domain/error.ts';
import { exitCodeOf } from '../domain/exit-code.ts';
import type { Finding } from '../domain/finding.ts';
import type { ServerDatabase, TargetSpec } from '../engine/engine.ts';
import type { BackupRequest } from '../operations/backup.ts';
import {
  backupServer,
  planServer,
  serverFailure,
  type DatabaseOutcome,
  type PlannedServer,
  type ServerBackupResult,
} from '../operations/whole-server/backup-server.ts';
import { asError } from '../requests/as-error.ts';
import { backupRequestOf } from '../requests/backup-request.ts';
import { backupWishesOf, type BackupFlags } from './backup-flags.ts';
import type { Context } from './command.ts';
import { requestErrors } from '../requests/errors.ts';
import { madeBackupAnswer } from '../answers/made-backup.ts';
import { printable } from './output/format.ts';
import type { Style } from './output/style.ts';

interface Wanted {
  readonly flags: BackupFlags & { readonly dryRun?: boolean };
  readonly settings: DatabaseSettings;
  readonly target: TargetSpec;
  readonly configuration: Configuration;
}

/** Throws `usage` for flags that are about one database, or about several. */
export function demandFitting(flags: BackupFlags, isServer: boolean): void {
  if (!isServer && flags.excludeDatabase !== undefined) {
    throw requestErrors.make('usage', '--exclude-database needs --all');
  }
  if (isServer && flags.salvage === true) {
    throw requestErrors.make('usage', '--salvage saves one database: it does not go with --all', {
      hint: 'Name the damaged one: holdfast backup NAME --salvage.',
    });
  }
  const isOfOne = flags.table !== undefined || flags.schema !== undefined;
  if (isServer && isOfOne) {
    throw requestErrors.make('usage', '--table and --schema choose from one database: they do not go with --all', {
      hint: 'Back that database up by its own name; --exclude-table and --exclude-schema go with --all.',
    });
  }
}

export async function backupWholeServer(wanted: Wanted, context: Context): Promise<ExitCode> {
  const { output, work } = context;
  const { flags, settings, target, configuration } = wanted;
  const parts = await context.parts();
  const given: Finding[] = [...configuration.findings];
  const say = (finding: Finding): void => {
    // What is about the server comes with every database.
    if (given.some(({ code, message }) => code === finding.code && message === finding.message)) return;
    given.push(finding);
    output.finding(finding);
  };
  const request = {
    target,
    exclude: [...settings.excludedDatabases, ...(flags.excludeDatabase ?? [])],
    configuredName: (database: ServerDatabase) => entryOf(database, wanted)?.name ?? null,
  };
  if (flags.dryRun === true) {
    const plan = await planServer(request, parts, work);
    for (const finding of plan.findings) say(finding);
    output.print([
      `would back up ${countOf(plan.databases.length, 'database')} of ${printable(plan.listing.server)}`,
      ...plan.databases.map(({ name, place }) => `  ${printable(name)}${place === name ? '' : ` as ${place}`}`),
    ]);
    output.result('backup', exitCodeOf(given), { dryRun: true, all: true, ...planFacts(plan) });
    return exitCodeOf(given);
  }
  const result = await backupServer(
    {
      ...request,
      requestFor: (database, place) => requestFor(database, place, wanted),
      errorOf: (thrown) => asError(thrown, work.signal),
      onOutcome: (outcome) => {
        for (const finding of findingsOf(outcome)) say(finding);
        output.print([outcomeLine(outcome, output.style)]);
        output.emit({ type: 'database-backup', ...outcomeFacts(outcome) });
      },
    },
    parts,
    work,
  );
  for (const finding of result.findings) say(finding);
  output.print([summary(result, output.style)]);
  const failure = serverFailure(result);
  if (failure !== null) {
    output.emit({ type: 'server-backup', ...serverFacts(result) });
    throw failure;
  }
  const exit = exitCodeOf(given);
  output.result('backup', exit, serverFacts(result));
  return exit;
}

/** An entry of its own, by its address or, where it has none, by its name. */
function entryOf(database: ServerDatabase, { settings, configuration }: Wanted): DatabaseSettings | null {
  const others = configuration.databases.filter((each) => !each.all && each !== settings);
  return (
    others.find(({ target }) => target !== null && isSameTarget(target, database.target)) ??
    others.find(({ target, name }) => target === null && name === database.name) ??
    null
  );
}

/** Of a server small databases are a part: only limits that somebody set say more than that there must be something. */
function requestFor(database: ServerDatabase, place: string, wanted: Wanted): BackupRequest {
  const { flags, configuration } = wanted;
  const settings = { ...(entryOf(database, wanted) ?? wanted.settings), name: place };
  const request = backupRequestOf(backupWishesOf(flags), settings, database.target, configuration);
  const { minimumBytes, warnBelowBytes } = configuration.sizes;
  return {
    ...request,
    sizeLimits: { ...request.sizeLimits, minimumBytes: minimumBytes ?? 1, smallBytes: warnBelowBytes },
  };
}

const serverWide: ReadonlySet<string> = new Set(['restore-leftover', 'globals-without-passwords']);

function findingsOf(outcome: DatabaseOutcome): readonly Finding[] {
  const about = (finding: Finding): Finding =>
    serverWide.has(finding.code) ? finding : { ...finding, message: `${outcome.name}: ${finding.message}` };
  if (outcome.outcome === 'backed-up') {
    return [...outcome.result.findings, ...outcome.result.expiry.findings].map(about);
  }
  const { code, message, hint } = outcome.error;
  if (outcome.outcome === 'failed') return [about({ severity: 'blocking', code, message, hint })];
  return [
    about({
      severity: 'warning',
      code: 'database-gone',
      message: 'it was dropped or renamed after the databases were listed; there is no new backup of it',
      hint: 'If it was renamed, the next run finds it under its new name.',
    }),
  ];
}

function outcomeLine(outcome: DatabaseOutcome, style: Style): string {
  const { name, place } = outcome;
  const shown = `${style.bold(printable(name))}${place === name ? '' : ` as ${place}`}`;
  if (outcome.outcome === 'backed-up') {
    const { manifest, plainBytes, storedBytes, durationMs } = outcome.result;
    const size = `${formatBytes(plainBytes)} became ${formatBytes(storedBytes)}`;
    return `${style.good('✓')} ${shown} in ${formatDuration(durationMs)}: ${size}  ${style.name(manifest.id)}`;
  }
  if (outcome.outcome === 'gone') return `${style.warn('–')} ${shown}: it is not there any more`;
  return `${style.bad('✗')} ${shown}: ${printable(outcome.error.message)} (${outcome.error.code})`;
}

function summary(result: ServerBackupResult, style: Style): string {
  const good = result.outcomes.filter(({ outcome }) => outcome === 'backed-up').length;
  const all = result.outcomes.length;
  const text = `${String(good)} of ${countOf(all, 'database')} of ${printable(result.listing.server)} backed up in ${formatDuration(result.durationMs)}`;
  return good === all ? style.bold(`${style.good('✓')} ${text}`) : style.bold(`${style.bad('✗')} ${text}`);
}

function planFacts({ listing, databases }: PlannedServer): Readonly<Record<string, unknown>> {
  return {
    target: listing.server,
    databases: databases.map(({ name, place }) => ({ name, database: place })),
    leftOut: listing.leftOut,
  };
}

function serverFacts(result: ServerBackupResult): Readonly<Record<string, unknown>> {
  const made = result.outcomes.flatMap((one) => (one.outcome === 'backed-up' ? [one.result] : []));
  const sum = (sizeOf: (one: (typeof made)[number]) => number): number =>
    made.reduce((total, one) => total + sizeOf(one), 0);
  return {
    all: true,
    target: result.listing.server,
    repository: result.repository,
    databases: result.outcomes.map(outcomeFacts),
    leftOut: result.listing.leftOut,
    plainBytes: sum((one) => one.plainBytes),
    storedBytes: sum((one) => one.storedBytes),
    files: sum(({ manifest }) => manifest.artifacts.filter(({ role }) => role !== 'fingerprint').length),
    durationMs: Math.round(result.durationMs),
  };
}

function outcomeFacts(outcome: DatabaseOutcome): Readonly<Record<string, unknown>> {
  const { name, place } = outcome;
  if (outcome.outcome === 'backed-up') {
    return { name, outcome: outcome.outcome, ...madeBackupAnswer(outcome.result), error: null };
  }
  const { code, message, hint, exit } = outcome.error;
  return { name, outcome: outcome.outcome, database: place, id: null, error: { code, message, hint, exit } };
}
