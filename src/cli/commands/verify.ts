import { formatBytes, formatDuration } from '../../domain/amounts.ts';
import type { ExitCode } from '../../domain/error.ts';
import { exitCodeOf } from '../../domain/exit-code.ts';
import type { Finding } from '../../domain/finding.ts';
import { listBackups } from '../../operations/list-backups.ts';
import { verify, verifyFailure, type VerifyResult } from '../../operations/verify.ts';
import { announce } from '../announce.ts';
import { choose, type Chosen } from '../choose.ts';
import type { Context } from '../command.ts';
import { cliErrors } from '../errors.ts';
import { fileFlag, openNamedFile } from '../foreign-file.ts';
import { fileFacts } from '../output/file-text.ts';
import { stateText } from '../output/backup-text.ts';
import { counted, printable } from '../output/format.ts';
import type { Style } from '../output/style.ts';
import { defineRun } from '../run/define-run.ts';
import { sizeLimitsOf } from '../size-limits.ts';

interface VerifyFlags {
  readonly all?: boolean;
  readonly file?: string;
  readonly dryRun?: boolean;
}

interface Wanted {
  readonly database: string | null;
  readonly backup: string;
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
    return verifyEach(wanted, chosen, context);
  },
});

async function verifyFile(path: string, flags: VerifyFlags, chosen: Chosen, context: Context): Promise<ExitCode> {
  const { output } = context;
  if (flags.all === true) throw cliErrors.make('usage', '--all and --file exclude each other');
  if (flags.dryRun === true) {
    output.print([`would verify ${printable(path)}`]);
    output.result('verify', 0, { dryRun: true, file: path });
    return 0;
  }
  await using file = await openNamedFile(path, chosen, 'verify', context);
  const { findings } = file.manifest;
  for (const finding of findings) output.finding(finding);
  const exit = exitCodeOf(findings);
  output.result('verify', exit, { outcome: 'verified', ...fileFacts(file) });
  return exit;
}

async function wantedBackups(chosen: Chosen, all: boolean, context: Context): Promise<readonly Wanted[]> {
  if (!all) return [{ database: chosen.database, backup: chosen.backup ?? 'latest' }];
  if (chosen.backup !== null) throw cliErrors.make('usage', '--all and the name of a backup exclude each other');
  const found = await listBackups({ database: chosen.database, limit: null }, await context.parts(), context.work);
  const readable = found.backups.map(({ manifest }) => ({ database: manifest.database, backup: manifest.id }));
  return [...readable, ...found.unreadable.map(({ database, id }) => ({ database, backup: id }))];
}

async function verifyEach(wanted: readonly Wanted[], chosen: Chosen, context: Context): Promise<ExitCode> {
  const { output, work } = context;
  const parts = await context.parts();
  const sizeLimits = sizeLimitsOf(chosen.configuration.sizes);
  const findings: Finding[] = [];
  const results: VerifyResult[] = [];
  let failure: ReturnType<typeof verifyFailure> = null;
  for (const each of wanted) {
    const result = await verify({ ...each, sizeLimits }, parts, work).catch((thrown: unknown) => {
      if (wanted.length === 1 || !isDamage(thrown)) throw thrown;
      failure ??= thrown;
      output.print([`${output.style.bad('✗')} ${each.backup}: ${printable(thrown.message)}`]);
      return null;
    });
    if (result === null) continue;
    results.push(result);
    findings.push(...result.findings);
    for (const finding of result.findings) output.finding(finding);
    output.print(describe(result, output.style));
    output.emit({ type: 'verified', ...factsOf(result) });
    failure ??= verifyFailure(result);
  }
  if (failure !== null) throw failure;
  const exit = exitCodeOf(findings);
  const bytes = results.reduce((sum, { storedBytes }) => sum + storedBytes, 0);
  output.result('verify', exit, { backups: results.map(factsOf), storedBytes: bytes });
  return exit;
}

type Damage = NonNullable<ReturnType<typeof verifyFailure>>;

function isDamage(thrown: unknown): thrown is Damage {
  return thrown instanceof Error && 'exit' in thrown && thrown.exit === 15;
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

function factsOf(result: VerifyResult): Readonly<Record<string, unknown>> {
  return {
    id: result.backup.manifest.id,
    database: result.backup.manifest.database,
    outcome: result.outcome,
    state: result.backup.state,
    problems: result.problems,
    storedBytes: result.storedBytes,
    plainBytes: result.plainBytes,
    frames: result.frames,
    files: result.files,
    durationMs: Math.round(result.durationMs),
  };
}
