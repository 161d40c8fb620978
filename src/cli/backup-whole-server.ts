/** `backup --all`: every database of a server. */

import {
  databaseOutcomeAnswer,
  outcomeFindings,
  serverBackupAnswer,
  serverPlanAnswer,
} from '../answers/server-backup.ts';
import type { Configuration, DatabaseSettings } from '../config/configuration.ts';
import { countOf, formatBytes, formatDuration } from '../domain/amounts.ts';
import type { ExitCode } from '../domain/error.ts';
import { exitCodeOf } from '../domain/exit-code.ts';
import { isAmong, type Finding } from '../domain/finding.ts';
import type { TargetSpec } from '../engine/engine.ts';
import {
  backupServer,
  planServer,
  serverFailure,
  type DatabaseOutcome,
  type ServerBackupResult,
} from '../operations/whole-server/backup-server.ts';
import { asError } from '../requests/as-error.ts';
import { backupWishesOf, type BackupFlags } from './backup-flags.ts';
import type { Context } from './command.ts';
import { requestErrors } from '../requests/errors.ts';
import { serverRequestOf } from '../requests/server-request.ts';
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
    if (isAmong(finding, given)) return;
    given.push(finding);
    output.finding(finding);
  };
  const request = serverRequestOf({
    wishes: backupWishesOf(flags),
    exclude: flags.excludeDatabase ?? [],
    settings,
    target,
    configuration,
  });
  if (flags.dryRun === true) {
    const plan = await planServer(request, parts, work);
    for (const finding of plan.findings) say(finding);
    output.print([
      `would back up ${countOf(plan.databases.length, 'database')} of ${printable(plan.listing.server)}`,
      ...plan.databases.map(({ name, place }) => `  ${printable(name)}${place === name ? '' : ` as ${place}`}`),
    ]);
    output.result('backup', exitCodeOf(given), { dryRun: true, all: true, ...serverPlanAnswer(plan) });
    return exitCodeOf(given);
  }
  const result = await backupServer(
    {
      ...request,
      errorOf: (thrown) => asError(thrown, work.signal),
      onOutcome: (outcome) => {
        for (const finding of outcomeFindings(outcome)) say(finding);
        output.print([outcomeLine(outcome, output.style)]);
        output.emit({ type: 'database-backup', ...databaseOutcomeAnswer(outcome) });
      },
    },
    parts,
    work,
  );
  for (const finding of result.findings) say(finding);
  output.print([summary(result, output.style)]);
  const failure = serverFailure(result);
  if (failure !== null) {
    output.emit({ type: 'server-backup', ...serverBackupAnswer(result) });
    throw failure;
  }
  const exit = exitCodeOf(given);
  output.result('backup', exit, { ...serverBackupAnswer(result) });
  return exit;
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
