/** `backup --salvage`: what still reads of a damaged database. */

import { formatBytes, formatDuration } from '../domain/amounts.ts';
import { describeSalvage } from '../domain/damage.ts';
import type { ExitCode } from '../domain/error.ts';
import { exitCodeOf } from '../domain/exit-code.ts';
import type { Finding } from '../domain/finding.ts';
import type { BackupRequest } from '../operations/backup.ts';
import { salvage, type SalvageResult } from '../operations/salvage.ts';
import type { BackupFlags } from './backup-flags.ts';
import type { Context } from './command.ts';
import { salvageRequestOf } from '../requests/backup-request.ts';
import { requestErrors } from '../requests/errors.ts';
import { salvageAnswer, type SalvageAnswer } from '../answers/damage.ts';
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
  const result = await salvage(salvageRequestOf(request), await context.parts(), work);
  for (const finding of result.findings) output.finding(finding);
  const answer = salvageAnswer(result);
  output.print(summary(result, answer, context.cwd, output.style));
  const exit = answer.lost ? 15 : exitCodeOf([...findings, ...result.findings]);
  output.result('backup', exit, { ...answer });
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

function summary(
  { manifest, folder, durationMs }: SalvageResult,
  answer: SalvageAnswer,
  cwd: string,
  style: Style,
): readonly string[] {
  const mark = answer.lost ? style.warn('!') : style.good('✓');
  const files = manifest.artifacts.map(({ name, storedBytes }) => [`  ${name}`, formatBytes(storedBytes)] as const);
  return [
    `${mark} ${style.bold(`salvaged ${manifest.database} in ${formatDuration(durationMs)}`)}: ${describeSalvage(answer.salvage)}`,
    `  ${style.name(manifest.id)}  salvaged, ${contentText(manifest)}`,
    `  ${shortPath(folder, cwd)}`,
    ...renderFacts(files).map((line) => style.dim(line)),
    '  it is never `latest` and replaces nothing; look into it beside the present database:',
    `  holdfast restore ${manifest.database} ${manifest.id} --into NAME; keep it: holdfast pin ${manifest.id}`,
  ];
}
