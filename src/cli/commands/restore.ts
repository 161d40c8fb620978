import type { ExitCode } from '../../domain/error.ts';
import { targetFromArgument } from '../../config/load.ts';
import type { TargetSpec } from '../../engine/engine.ts';
import { announce } from '../announce.ts';
import { choose, refuseRivals, targetOf, type Chosen } from '../../requests/choose.ts';
import type { Context } from '../command.ts';
import { parseCount } from '../flag-values.ts';
import { fileFlag, openNamedFile } from '../foreign-file.ts';
import { collectWhole } from '../flags.ts';
import { pickBackup } from '../pick-backup.ts';
import { restoreSettings, wantedFromFile, type WantedRestore } from '../../requests/restore-request.ts';
import { restoreDatabase } from '../restore-database.ts';
import { modeOf, type RestoreFlags } from '../restore-flags.ts';
import { restoreServerGlobals } from '../restore-globals.ts';
import { dropReplacedDatabases, undoRestore } from '../restore-kept.ts';
import { restoreChosenTables } from '../restore-tables.ts';
import { defineRun } from '../run/define-run.ts';

export const command = defineRun<RestoreFlags>('restore', {
  summary: 'bring a database, or tables of it, back',
  usage: '[DATABASE] BACKUP | [DATABASE] --file PATH',
  details:
    'Restores a backup beside the present database, checks it row for row, and only then swaps the names. The replaced\n' +
    'database stays under a dated name until --drop-replaced; --undo swaps it back. Nothing is destroyed.',
  examples: [
    ['holdfast restore latest --dry-run', 'the plan, with sizes and an estimate'],
    ['holdfast restore latest', 'the newest backup, after asking'],
    ['holdfast restore --undo', 'the replaced database back in its place'],
    ['holdfast restore @2026-11-20T14:30 --into app_then', 'under another name, nothing is replaced'],
    ['holdfast restore latest --table orders', 'one table, beside the living one'],
    ['holdfast restore latest --table orders --to-file orders.sql', 'one table, to a file'],
    ['holdfast restore --file old/app.sql.gz', 'a dump that an old script made'],
    ['gpg --decrypt old/app.dump.gpg | holdfast restore --file - --yes', 'an encrypted one'],
    ['holdfast restore --drop-replaced', 'remove what earlier restores kept'],
    ['holdfast restore latest --in-place', 'where no database can be created: in one transaction'],
    ['holdfast restore latest --globals --to postgres://me@new/postgres', 'roles and settings, to a new server'],
    ['holdfast restore latest --map-role app=app_staging', 'for a role that is called otherwise here'],
  ],
  exits: [10, 13, 15, 16],
  addFlags: (command) => {
    command
      .optionsGroup('Restore:')
      .option('--into <NAME>', 'under another name, which must be free (SQLite: a path)')
      .option('--to <URL>', 'into another server or database')
      .option('--no-owner', 'everything belongs to the user who restores')
      .option('--no-acl', 'without privileges')
      .option('--jobs <N>', 'parallel jobs (default: by the machine)', parseCount)
      .option(...fileFlag)
      .option('--in-place', 'in the present database itself, in one transaction (hosted servers)')
      .option('--safety-backup', 'back up the present state first, labelled safety (with --in-place: always)')
      .option('--no-safety-backup', 'with --in-place: keep nothing of the present state')
      .option('--no-hooks', 'do not run the steps of hooks:')
      .option('--undo-on-failure', 'swap back when an afterSwap step fails')
      .optionsGroup('Tables:')
      .option('--table <NAME>', 'only this table (repeatable)', collectWhole)
      .option('--to-file <FILE>', 'write the tables to a file')
      .option('--replace', 'in the place of the living ones, which are kept (with --globals: change roles that differ)')
      .optionsGroup('Server:')
      .option('--globals', 'only roles, their settings and tablespaces: no database is touched (PostgreSQL)')
      .option('--map-role <OLD=NEW>', 'a role that has another name here (repeatable)', collectWhole)
      .option('--no-tablespaces', 'with --globals: without tablespaces')
      .optionsGroup('Afterwards:')
      .option('--undo', 'swap the newest replaced database back')
      .option('--drop-replaced [NAME]', 'remove the databases that restores kept');
  },
  run: async (words, flags, context) => {
    const mode = modeOf(flags);
    const chosen = await choose(words, context);
    const target = await destinationTarget(flags, chosen, context);
    await announce(context, chosen.configuration, chosen.settings, target);
    return runMode(mode, flags, chosen, target, context);
  },
});

async function runMode(
  mode: ReturnType<typeof modeOf>,
  flags: RestoreFlags,
  chosen: Chosen,
  target: TargetSpec,
  context: Context,
): Promise<ExitCode> {
  if (mode === 'undo') return undoRestore(target, flags, context);
  if (mode === 'drop-replaced') return dropReplacedDatabases(target, flags, context);
  if (flags.file !== undefined) return restoreFile(flags.file, mode, flags, chosen, target, context);
  const backup = chosen.backup ?? (await pickBackup(chosen, context));
  const wanted = { database: chosen.database, backup };
  if (mode === 'globals') return restoreServerGlobals(target, wanted, flags, context);
  return mode === 'tables'
    ? restoreChosenTables(target, wanted, flags, context)
    : restoreDatabase(target, { ...wanted, ...settingsFor(flags, chosen) }, flags, context);
}

function settingsFor(flags: RestoreFlags, chosen: Chosen): Pick<WantedRestore, 'hooks' | 'safety'> {
  const elsewhere = flags.to !== undefined || flags.into !== undefined;
  const { hooks, safetyBackup } = flags;
  return restoreSettings({ hooks, safetyBackup, inPlace: flags.inPlace === true, elsewhere }, chosen);
}

async function restoreFile(
  path: string,
  mode: ReturnType<typeof modeOf>,
  flags: RestoreFlags,
  chosen: Chosen,
  target: TargetSpec,
  context: Context,
): Promise<ExitCode> {
  await using file = await openNamedFile(path, chosen, 'restore', context);
  const inside: Context = { ...context, parts: () => Promise.resolve(file.parts) };
  const wanted = wantedFromFile(file, settingsFor(flags, chosen), chosen, await context.parts());
  return mode === 'tables'
    ? await restoreChosenTables(target, wanted, flags, inside)
    : await restoreDatabase(target, wanted, flags, inside);
}

async function destinationTarget(flags: RestoreFlags, chosen: Chosen, context: Context): Promise<TargetSpec> {
  if (flags.to !== undefined) return targetFromArgument(flags.to, '--to', context.loadRequest);
  // `restore app latest --url …`: the words name the backup, the flag the place.
  const place = chosen.configuration.databases[0]?.target ?? null;
  if (chosen.settings === null && context.common.url !== undefined && place !== null) return place;
  const target = targetOf(chosen);
  refuseRivals(chosen);
  return target;
}
