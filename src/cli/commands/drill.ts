import { drillAnswer } from '../../answers/proofs.ts';
import { targetFromArgument } from '../../config/load.ts';
import { formatDuration } from '../../domain/amounts.ts';
import type { ExitCode } from '../../domain/error.ts';
import { exitCodeOf } from '../../domain/exit-code.ts';
import type { ScratchPlace } from '../../engine/engine.ts';
import { noChecks } from '../../operations/drill-checks.ts';
import { drill, drillFailure, type DrillResult } from '../../operations/drill.ts';
import { drawOlderBackup } from '../../operations/older-backup.ts';
import { announce } from '../announce.ts';
import { choose, type Chosen } from '../../requests/choose.ts';
import type { Context } from '../command.ts';
import { requestErrors } from '../../requests/errors.ts';
import { checksFor, demandFitting, drillPlace } from '../../requests/drill-place.ts';
import { fileFlag, openNamedFile } from '../foreign-file.ts';
import { comparisonLines } from '../output/comparison-text.ts';
import { tableLines } from '../output/file-text.ts';
import { counted, printable } from '../output/format.ts';
import type { Style } from '../output/style.ts';
import { defineRun } from '../run/define-run.ts';

interface DrillFlags {
  readonly on?: string;
  readonly to?: string;
  readonly keep?: boolean;
  readonly file?: string;
  readonly random?: boolean;
  readonly dryRun?: boolean;
}

export const command = defineRun<DrillFlags>('drill', {
  summary: 'prove a backup: restore it aside and compare row for row',
  usage: '[DATABASE] [BACKUP | --file PATH]',
  details:
    'Restores a backup into a scratch database and compares it with what the source held when the backup was taken: every\n' +
    'table row for row, every other object. Runs the checks of holdfast.yaml. The proof is recorded beside the backup, with\n' +
    'the time the restore took. The place is a throwaway server on this machine, or the server that --on names.\n' +
    'With --file: a dump or database that another program made. It is restored, checked and counted; proven it cannot be.',
  examples: [
    ['holdfast drill', 'prove the newest backup'],
    ['holdfast drill app 20261121T02', 'an older one'],
    ['holdfast drill --file old/app.dump.gz', 'does the dump of an old script restore?'],
    ['holdfast drill app --random', 'one older backup, drawn; rather one that was not proven for long'],
    ['holdfast drill --on postgres://me@staging/postgres', 'in a scratch database on another server'],
    ['holdfast drill --to postgres://me@staging/app --keep', 'into a staging database, which stays'],
  ],
  exits: [10, 13, 15, 16],
  addFlags: (command) => {
    command
      .optionsGroup('Drill:')
      .option('--random', 'prove an older backup, drawn at random')
      .option('--on <URL>', 'make the scratch database on this server')
      .option('--to <URL>', 'restore into this database, replacing it (with --keep)')
      .option('--keep', 'leave the database of --to standing')
      .option(...fileFlag);
  },
  run: async (words, flags, context) => {
    const { output, work } = context;
    // With --to, what is configured has to be known: it must not be what is replaced.
    const chosen = await choose(words, context, { all: flags.file !== undefined && flags.to === undefined });
    await announce(context, chosen.configuration, chosen.settings);
    const place = await placeOf(flags, chosen, context);
    const backup = await backupOf(flags, chosen, context);
    if (flags.dryRun === true) {
      const facts = { dryRun: true, database: chosen.database, backup, place: place.kind };
      output.print([`would restore ${chosen.database ?? ''} ${backup} into ${describePlace(place)} and compare`]);
      output.result('drill', 0, facts);
      return 0;
    }
    if (flags.file !== undefined) return drillFile(flags.file, place, chosen, context);
    if (place.kind === 'staging') await confirmStaging(place, context);
    const checks = chosen.settings?.checks ?? noChecks;
    return report(
      await drill({ database: chosen.database, backup, place, checks }, await context.parts(), work),
      context,
    );
  },
});

async function drillFile(path: string, place: ScratchPlace, chosen: Chosen, context: Context): Promise<ExitCode> {
  await using file = await openNamedFile(path, chosen, 'drill', context);
  demandFitting(place, file);
  if (place.kind === 'staging') await confirmStaging(place, context);
  const { database, id: backup } = file.manifest;
  const checks = checksFor(file, chosen, file.parts);
  return report(await drill({ database, backup, place, checks }, file.parts, context.work), context);
}

function report(result: DrillResult, { output }: Context): ExitCode {
  for (const finding of result.findings) output.finding(finding);
  output.print(describe(result, output.style));
  const failure = drillFailure(result);
  output.emit({ type: 'proof', ...drillAnswer(result) });
  if (failure !== null) throw failure;
  const exit = exitCodeOf(result.findings);
  output.result('drill', exit, { ...drillAnswer(result) });
  return exit;
}

/** Throws `no-older-backup` with `--random`. */
async function backupOf(flags: DrillFlags, chosen: Chosen, context: Context): Promise<string> {
  if (flags.random !== true) return flags.file ?? chosen.backup ?? 'latest';
  if (chosen.backup !== null || flags.file !== undefined)
    throw requestErrors.make('usage', '--random draws the backup: name none');
  return drawOlderBackup(chosen.database, await context.parts(), context.work);
}

async function placeOf(flags: DrillFlags, chosen: Chosen, context: Context): Promise<ScratchPlace> {
  if (flags.on !== undefined && flags.to !== undefined)
    throw requestErrors.make('usage', '--on and --to exclude each other');
  if (flags.keep === true && flags.to === undefined) throw requestErrors.make('usage', '--keep needs --to URL');
  if (flags.to !== undefined) {
    if (flags.keep !== true) {
      throw requestErrors.make('usage', '--to needs --keep: the database it names is replaced and stays', {
        hint: 'Use --on URL for a scratch database that is dropped afterwards.',
      });
    }
    const target = await targetFromArgument(flags.to, '--to', context.loadRequest);
    return drillPlace({ on: null, to: target }, chosen);
  }
  const on = flags.on === undefined ? null : await targetFromArgument(flags.on, '--on', context.loadRequest);
  return drillPlace({ on, to: null }, chosen);
}

async function confirmStaging(place: Extract<ScratchPlace, { kind: 'staging' }>, context: Context): Promise<void> {
  const parts = await context.parts();
  const { target } = parts.engines.forUrl(place.target.url).open(place.target);
  await context.prompt.confirmByName(target.databaseName, `${target.label} will be replaced by the backup.`);
}

function describePlace(place: ScratchPlace): string {
  const words = {
    local: 'a throwaway place on this machine',
    server: 'a scratch database',
    staging: 'the staging database',
  };
  return place.kind === 'local' ? words.local : `${words[place.kind]} (${place.target.origin})`;
}

function describe(result: DrillResult, style: Style): readonly string[] {
  const { proof, backup } = result;
  const { manifest } = backup;
  const isRestored = proof.outcome === 'restored';
  const mark =
    proof.outcome === 'proven'
      ? style.good('✓ proven')
      : isRestored
        ? style.warn('✓ restored, not proven')
        : style.bad(`✗ ${proof.outcome}`);
  const checked = proof.checks.length === 0 ? [] : [`  ${counted(proof.checks.length, 'check')}:`];
  return [
    `${mark}: ${manifest.database} ${style.name(manifest.id)} (${proof.scope})`,
    `  restored into ${printable(proof.place)} in ${formatDuration(proof.restoreMs)}`,
    ...(proof.comparison === null ? [] : comparisonLines(proof.comparison, style).map((line) => `  ${line}`)),
    ...(result.tables === null ? [] : tableLines(result.tables, style)),
    ...checked,
    ...proof.checks.map(({ check, expected, actual, ok }) =>
      ok
        ? `    ${style.good('✓')} ${printable(check)}: ${printable(actual)}`
        : `    ${style.bad('✗')} ${printable(check)}: ${printable(actual)} instead of ${printable(expected)}`,
    ),
  ];
}
