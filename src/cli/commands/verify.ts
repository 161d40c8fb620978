import { fileAnswer } from '../../answers/foreign-file.ts';
import { verifyAnswer } from '../../answers/proofs.ts';
import { formatBytes, formatDuration } from '../../domain/amounts.ts';
import type { ExitCode } from '../../domain/error.ts';
import { exitCodeOf } from '../../domain/exit-code.ts';
import type { VerifyResult } from '../../operations/verify.ts';
import { announce } from '../announce.ts';
import { choose, type Chosen } from '../../requests/choose.ts';
import type { Context } from '../command.ts';
import { requestErrors } from '../../requests/errors.ts';
import { fileFlag, openNamedFile } from '../foreign-file.ts';
import { stateText } from '../output/backup-text.ts';
import { counted, printable } from '../output/format.ts';
import type { Style } from '../output/style.ts';
import { defineRun } from '../run/define-run.ts';
import { everyBackup, verifyEach, type NamedBackup, type VerifyListener } from '../../requests/verify-each.ts';

interface VerifyFlags {
  readonly all?: boolean;
  readonly file?: string;
  readonly dryRun?: boolean;
}

export const command = defineRun<VerifyFlags>('verify', {
  summary: 'read a backup again and check every byte',
  usage: '[DATABASE] [BACKUP | --all | --file PATH]',
  details:
    'Reads every stored byte of a backup again: hashes, frames, the archive inside, its table of contents, the rows in it\n' +
    'against the fingerprint, sizes against the previous backups. The result is recorded beside the backup. With --file: a\n' +
    'dump or database that another program made, known by its content; nothing is recorded beside it.',
  examples: [
    ['holdfast verify', 'the newest backup'],
    ['holdfast verify --all', 'every backup in the repository'],
    ['holdfast verify --file old/app.sql.gz', 'a dump that an old script made'],
    ['holdfast verify app @2026-11-20', 'the newest one finished by then'],
  ],
  exits: [10, 13, 15],
  addFlags: (command) => {
    command
      .optionsGroup('Verify:')
      .option('--all', 'every backup')
      .option(...fileFlag);
  },
  run: async (words, flags, context) => {
    const { output } = context;
    const chosen = await choose(words, context, { all: flags.all === true || flags.file !== undefined });
    await announce(context, chosen.configuration, chosen.settings);
    if (flags.file !== undefined) return verifyFile(flags.file, flags, chosen, context);
    const wanted = await wantedBackups(chosen, flags.all === true, context);
    if (flags.dryRun === true) {
      output.print(wanted.map(({ database, backup }) => `would verify ${database ?? ''} ${backup}`));
      output.result('verify', 0, { dryRun: true, backups: wanted });
      return 0;
    }
    return verifyWanted(wanted, chosen, context);
  },
});

async function verifyFile(path: string, flags: VerifyFlags, chosen: Chosen, context: Context): Promise<ExitCode> {
  const { output } = context;
  if (flags.all === true) throw requestErrors.make('usage', '--all and --file exclude each other');
  if (flags.dryRun === true) {
    output.print([`would verify ${printable(path)}`]);
    output.result('verify', 0, { dryRun: true, file: path });
    return 0;
  }
  await using file = await openNamedFile(path, chosen, 'verify', context);
  const { findings } = file.manifest;
  for (const finding of findings) output.finding(finding);
  const exit = exitCodeOf(findings);
  output.result('verify', exit, { outcome: 'verified', ...fileAnswer(file) });
  return exit;
}

async function wantedBackups(chosen: Chosen, all: boolean, context: Context): Promise<readonly NamedBackup[]> {
  if (!all) return [{ database: chosen.database, backup: chosen.backup ?? 'latest' }];
  if (chosen.backup !== null) throw requestErrors.make('usage', '--all and the name of a backup exclude each other');
  return everyBackup(chosen.database, await context.parts(), context.work);
}

async function verifyWanted(wanted: readonly NamedBackup[], chosen: Chosen, context: Context): Promise<ExitCode> {
  const { output, work } = context;
  const listener: VerifyListener = {
    verified: (result) => {
      for (const finding of result.findings) output.finding(finding);
      output.print(describe(result, output.style));
      output.emit({ type: 'verified', ...verifyAnswer(result) });
    },
    unreadable: (backup, { message }) => {
      output.print([`${output.style.bad('✗')} ${backup}: ${printable(message)}`]);
    },
  };
  const { results, failure } = await verifyEach(wanted, chosen, listener, await context.parts(), work);
  if (failure !== null) throw failure;
  const exit = exitCodeOf(results.flatMap(({ findings }) => findings));
  const bytes = results.reduce((sum, { storedBytes }) => sum + storedBytes, 0);
  output.result('verify', exit, { backups: results.map(verifyAnswer), storedBytes: bytes });
  return exit;
}

function describe(result: VerifyResult, style: Style): readonly string[] {
  const { manifest } = result.backup;
  const state = result.outcome === 'verified' ? style.good('✓') : style.bad('✗');
  const read = `${formatBytes(result.storedBytes)} in ${counted(result.files, 'file')} and ${counted(result.frames, 'frame')}`;
  return [
    `${state} ${manifest.database} ${style.name(manifest.id)} ${stateText(result.backup.state, style)}: read ${read} in ${formatDuration(result.durationMs)}`,
    ...result.problems.map(({ file, message }) => `  ${style.bad(printable(file))}: ${printable(message)}`),
  ];
}
