import { madeBackupAnswer } from '../../answers/made-backup.ts';
import { formatBytes, formatDuration } from '../../domain/amounts.ts';
import { exitCodeOf } from '../../domain/exit-code.ts';
import { describeScope } from '../../domain/scope.ts';
import { hasBlocking } from '../../domain/finding.ts';
import type { ExitCode } from '../../domain/error.ts';
import { backup, type BackupRequest, type BackupResult } from '../../operations/backup.ts';
import { hookSteps } from '../../operations/hooks.ts';
import { announce } from '../announce.ts';
import { backupRequestOf } from '../../requests/backup-request.ts';
import { backupWishesOf, type BackupFlags } from '../backup-flags.ts';
import { chooseTarget, settingsAndTarget } from '../../requests/choose.ts';
import type { Context } from '../command.ts';
import { parseDuration, parseFingerprint, parseFormats, parseLevel } from '../flag-values.ts';
import { backupWholeServer, demandFitting } from '../backup-whole-server.ts';
import { collect, collectWhole } from '../flags.ts';
import { contentText } from '../output/backup-text.ts';
import { expirySummary } from '../output/expiry-text.ts';
import { formatRate, printable, shortPath } from '../output/format.ts';
import type { Style } from '../output/style.ts';
import { renderFacts } from '../output/table.ts';
import { defineRun } from '../run/define-run.ts';

export const command = defineRun<BackupFlags & { readonly dryRun?: boolean }>('backup', {
  summary: 'back up a database',
  usage: '[DATABASE]',
  details:
    'Backs up a database: one read, in one snapshot, with a fingerprint of every table, so that a restored copy can be\n' +
    'compared with it row for row. PostgreSQL is dumped, a SQLite file is copied while it is in use. With --all, every\n' +
    'database of the server that the address names: one that fails stops no other, and makes the run a failure.',
  examples: [
    ['DATABASE_URL=postgres://… holdfast backup', 'into ./backups'],
    ['holdfast backup app --label pre-deploy', 'the database app of holdfast.yaml'],
    ['holdfast backup --format custom,sql.gz', 'two formats from one read'],
    ['holdfast backup --table orders --table customers', 'a partial backup'],
    ['holdfast backup --url file:prisma/dev.db', 'a SQLite file'],
    ['holdfast backup --salvage', 'what still reads of a damaged database'],
    ["holdfast backup --all --exclude-database 'test_*'", 'every database of the server, but these'],
  ],
  exits: [15, 16],
  addFlags: (command) => {
    command
      .optionsGroup('Backup:')
      .option('--format <LIST>', 'custom (default), sql.zst, sql.gz; several at once (PostgreSQL)', parseFormats)
      .option('--all', 'every database of the server (PostgreSQL), each a backup of its own')
      .option('--exclude-database <PATTERN>', 'with --all: but not these (repeatable)', collectWhole)
      .option('--schema-only', 'definitions without rows')
      .option('--data-only', 'rows without definitions')
      .option('--table <PATTERN>', 'only these tables (repeatable, or a list)', collect)
      .option('--exclude-table <PATTERN>', 'all but these tables', collect)
      .option('--schema <PATTERN>', 'only these schemas', collect)
      .option('--exclude-schema <PATTERN>', 'all but these schemas', collect)
      .option('--no-owner', 'leave out who owns what')
      .option('--no-acl', 'leave out privileges')
      .option('--fingerprint <MODE>', 'content (default), independent, counts or off', parseFingerprint)
      .option('--label <TEXT>', 'a word to know it by: pre-deploy')
      .option('--level <N>', 'zstd level, 1 to 19 (default: 3)', parseLevel)
      .option('--salvage', 'of a damaged database: save what still reads, list what does not')
      .option('--no-hooks', 'do not run the steps of hooks:')
      .option('--lock-timeout <TIME>', 'how long to wait for a locked table (default: 30s)', parseDuration);
  },
  run: async (words, flags, context) => {
    const { output, work } = context;
    const chosen = await chooseTarget(words, context, { all: flags.all === true });
    const { settings, target } = settingsAndTarget(chosen);
    const isServer = flags.all === true || settings.all;
    demandFitting(flags, isServer);
    // The database in the address of a server is only where the others are asked for.
    await announce(context, chosen.configuration, isServer && !settings.all ? null : settings, target);
    const { findings } = chosen.configuration;
    for (const finding of findings) output.finding(finding);
    if (isServer) return backupWholeServer({ flags, settings, target, configuration: chosen.configuration }, context);
    const request = backupRequestOf(backupWishesOf(flags), settings, target, chosen.configuration);
    if (flags.salvage === true) {
      const { salvageDatabase } = await import('../salvage-database.ts');
      return salvageDatabase(flags, { request, findings }, context);
    }
    if (flags.dryRun === true) return dryRun(request, context);
    const result = await backup(request, await context.parts(), work);
    const { expiry } = result;
    for (const finding of [...result.findings, ...expiry.findings]) output.finding(finding);
    output.print([
      ...summary(result, context.cwd, output.style),
      ...(expiry.result === null ? [] : expirySummary(expiry.result, output.style).map((line) => `  ${line}`)),
    ]);
    const exit = exitCodeOf([...findings, ...result.findings, ...expiry.findings]);
    output.result('backup', exit, { ...madeBackupAnswer(result) });
    return exit;
  },
});

function summary(result: BackupResult, cwd: string, style: Style): readonly string[] {
  const { manifest } = result;
  const speed = formatRate(result.plainBytesPerSecond);
  const state = style.bold(`backed up ${manifest.database} in ${formatDuration(result.durationMs)}`);
  const files = manifest.artifacts.map(({ name, storedBytes }) => [`  ${name}`, formatBytes(storedBytes)] as const);
  return [
    `${style.good('✓')} ${state}: ${formatBytes(result.plainBytes)} became ${formatBytes(result.storedBytes)} (${result.ratio.toFixed(1)}×), ${speed}`,
    `  ${style.name(manifest.id)}  ${printable(describeScope(manifest.scope))}, ${contentText(manifest)}`,
    `  ${shortPath(result.folder, cwd)}`,
    ...renderFacts(files).map((line) => style.dim(line)),
    `  prove it: holdfast drill ${manifest.database} ${manifest.id.slice(0, 16)}`,
  ];
}

async function dryRun(request: BackupRequest, context: Context): Promise<ExitCode> {
  const { output, work } = context;
  const parts = await context.parts();
  const engine = parts.engines.forUrl(request.target.url).open(request.target);
  const inspection = await engine.inspect('backup', work);
  for (const finding of inspection.findings) output.finding(finding);
  const size = inspection.sizeBytes === null ? 'unknown size' : formatBytes(inspection.sizeBytes);
  output.print([
    `would back up ${engine.target.databaseName}: ${describeScope(request.scope)}, ${size}`,
    ...[...hookSteps(request.hooks, 'beforeBackup'), ...hookSteps(request.hooks, 'afterBackup')].map(
      (step) => `  ${step}`,
    ),
    ...renderFacts(inspection.facts.map(([label, value]) => [`  ${label}`, printable(value)])),
  ]);
  const exit = hasBlocking(inspection.findings) ? 1 : exitCodeOf(inspection.findings);
  output.result('backup', exit, {
    dryRun: true,
    target: engine.target.label,
    scope: request.scope,
    formats: request.formats,
    hooks: [...hookSteps(request.hooks, 'beforeBackup'), ...hookSteps(request.hooks, 'afterBackup')],
    product: inspection.product,
    version: inspection.version,
    sizeBytes: inspection.sizeBytes,
  });
  return exit;
}
