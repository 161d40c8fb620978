/** `restore --table`: chosen tables to a file, beside the living ones, or in their place. */

import { resolve } from 'node:path';
import { tablesAnswer, tablesPlanAnswer } from '../answers/restore.ts';
import { formatDuration } from '../domain/amounts.ts';
import type { ExitCode } from '../domain/error.ts';
import { exitCodeOf } from '../domain/exit-code.ts';
import { hasBlocking } from '../domain/finding.ts';
import type { RestoredTable, TableDestination, TargetSpec } from '../engine/engine.ts';
import { executeRestoreTables, planRestoreTables, type TablesPlan } from '../operations/restore-tables.ts';
import type { WantedRestore } from '../requests/restore-request.ts';
import type { Context } from './command.ts';
import { counted, formatAge, printable } from './output/format.ts';
import type { Style } from './output/style.ts';
import type { RestoreFlags } from './restore-flags.ts';

export async function restoreChosenTables(
  target: TargetSpec,
  wanted: WantedRestore,
  flags: RestoreFlags,
  context: Context,
): Promise<ExitCode> {
  const { output, work, prompt } = context;
  const parts = await context.parts();
  const destination = destinationOf(flags, context.cwd);
  const tables = flags.table ?? [];
  const { database, backup } = wanted;
  const request = { database, backup, target, tables, destination, owners: flags.owner, privileges: flags.acl };
  const plan = await planRestoreTables(request, parts, work);
  output.print(planLines(plan, output.style));
  const planFacts = tablesPlanAnswer(plan);
  output.emit({ type: 'plan', ...planFacts });
  for (const finding of plan.findings) output.finding(finding);
  if (flags.dryRun === true) {
    const exit = hasBlocking(plan.findings) ? 1 : exitCodeOf(plan.findings);
    output.result('restore', exit, { dryRun: true, ...planFacts });
    return exit;
  }
  if (destination.kind === 'replace' && !hasBlocking(plan.findings)) {
    const question = `${tables.map(printable).join(', ')} in ${printable(plan.target.label)} will be replaced.`;
    await prompt.confirmByName(plan.target.databaseName, question);
  }
  const result = await executeRestoreTables(plan, parts, work);
  for (const finding of result.findings) output.finding(finding);
  const heading = `${counted(result.tables.length, 'table')} restored in ${formatDuration(result.durationMs)}`;
  output.print([
    `${output.style.good('✓')} ${output.style.bold(heading)}`,
    ...result.tables.map((table) => tableLine(table, output.style)),
  ]);
  const exit = exitCodeOf(result.findings);
  output.result('restore', exit, { ...tablesAnswer(result) });
  return exit;
}

function destinationOf(flags: RestoreFlags, cwd: string): TableDestination {
  if (flags.toFile !== undefined) return { kind: 'file', path: resolve(cwd, flags.toFile) };
  return flags.replace === true ? { kind: 'replace' } : { kind: 'beside' };
}

function planLines(plan: TablesPlan, style: Style): readonly string[] {
  const { manifest, state } = plan.backup;
  return [
    `${style.bold(`Plan: restore ${plan.request.tables.map(printable).join(', ')}`)} from ${style.name(manifest.id)}`,
    `  taken ${formatAge(plan.ageMs)}, ${state}`,
    ...plan.steps.map((step, index) => `  ${String(index + 1)}. ${printable(step)}`),
  ];
}

function tableLine(table: RestoredTable, style: Style): string {
  const rows = `${counted(table.rows, 'row')}, ${counted(table.indexes, 'index', 'indexes')}`;
  const kept = table.keptAs === null ? '' : `; the replaced one is kept as ${printable(table.keptAs)}`;
  return `  ${printable(table.table)} → ${style.name(printable(table.restoredAs))} (${rows})${kept}`;
}
