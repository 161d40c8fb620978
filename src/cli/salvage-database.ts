/** `backup --salvage`: what still reads of a damaged database. */

import { formatBytes, formatDuration } from '../domain/amounts.ts';
import { describeSalvage, lostSomething, salvageTotals } from '../domain/damage.ts';
import type { ExitCode } from '../domain/error.ts';
import { exitCodeOf } from '../domain/exit-code.ts';
import type { Finding } from '../domain/finding.ts';
import type { BackupRequest } from '../operations/backup.ts';
import { salvage, type SalvageResult } from '../operations/salvage.ts';
import type { BackupFlags } from './backup-flags.ts';
import type { Context } from './command.ts';
import { requestErrors } from '../requests/errors.ts';
import { sizesOf } from '../answers/stored-backup.ts';
import { contentText } from './output/backup-text.ts';
import { shortPath } from './output/format.ts';
import type { Style } from './output/style.ts';
import { renderFacts } from './output/table.ts';

/** 15 when something was lost. */
export async function salvageDatabase(
  flags: BackupFlags & { readonly dryRun?: boolean },
  { request, findings }: { readonly request: BackupRequest; readonly findings: readonly Finding[] },
  context: Context,
): Promise<ExitCode> {
  refuseUnfitting(flags);
  const { output, work } = context;
  const { target, database, label, owners, privileges, zstdLevel, lockTimeoutMs } = request;
  const wanted = { target, database, label, owners, privileges, zstdLevel, lockTimeoutMs };
  const result = await salvage(wanted, await context.parts(), work);
  for (const finding of result.findings) output.finding(finding);
  const totals = salvageTotals(result.salvage);
  const isLoss = lostSomething(totals);
  output.print(summary(result, context.cwd, output.style));
  const exit = isLoss ? 15 : exitCodeOf([...findings, ...result.findings]);
  output.result('backup', exit, resultFacts(result));
  return exit;
}

function refuseUnfitting(flags: BackupFlags & { readonly dryRun?: boolean }): void {
  const unfit: readonly (readonly [string, boolean])[] = [
    ['--schema-only', flags.schemaOnly === true],
    ['--data-only', flags.dataOnly === true],
    ['--table', flags.table !== undefined],
    ['--exclude-table', flags.excludeTable !== undefined],
    ['--schema', flags.schema !== undefined],
    ['--exclude-schema', flags.excludeSchema !== undefined],
    ['--format', flags.format !== undefined],
    ['--fingerprint', flags.fingerprint !== undefined],
  ];
  const given = unfit.find(([, isGiven]) => isGiven);
  if (given !== undefined) {
    const hint = 'A salvage takes everything that reads, in one form; choose tables when it is restored.';
    throw requestErrors.make('usage', `--salvage and ${given[0]} exclude each other`, { hint });
  }
  if (flags.dryRun !== true) return;
  const hint = '`holdfast doctor --damage` reads everything and writes nothing.';
  throw requestErrors.make('usage', '--salvage has no dry run', { hint });
}

function summary(result: SalvageResult, cwd: string, style: Style): readonly string[] {
  const { manifest } = result;
  const totals = salvageTotals(result.salvage);
  const mark = lostSomething(totals) ? style.warn('!') : style.good('✓');
  const files = manifest.artifacts.map(({ name, storedBytes }) => [`  ${name}`, formatBytes(storedBytes)] as const);
  return [
    `${mark} ${style.bold(`salvaged ${manifest.database} in ${formatDuration(result.durationMs)}`)}: ${describeSalvage(totals)}`,
    `  ${style.name(manifest.id)}  salvaged, ${contentText(manifest)}`,
    `  ${shortPath(result.folder, cwd)}`,
    ...renderFacts(files).map((line) => style.dim(line)),
    '  it is never `latest` and replaces nothing; look into it beside the present database:',
    `  holdfast restore ${manifest.database} ${manifest.id} --into NAME; keep it: holdfast pin ${manifest.id}`,
  ];
}

function resultFacts(result: SalvageResult): Readonly<Record<string, unknown>> {
  const { manifest, salvage: record } = result;
  return {
    id: manifest.id,
    database: manifest.database,
    target: result.target.label,
    origin: result.target.origin,
    repository: result.repository,
    repositoryCreated: result.repositoryCreated,
    folder: result.folder,
    scope: manifest.scope,
    label: manifest.label,
    durationMs: Math.round(result.durationMs),
    ...sizesOf(manifest),
    plainBytesPerSecond: Math.round(result.plainBytesPerSecond),
    fingerprint: manifest.fingerprint,
    artifacts: manifest.artifacts,
    salvage: {
      ...salvageTotals(record),
      definitions: record.definitions,
      list: record.tables,
      notRead: record.failures,
    },
  };
}
