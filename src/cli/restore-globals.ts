/** `restore --globals`: roles, settings and tablespaces of the server, without touching a database. */

import { globalsAnswer, globalsPlanAnswer } from '../answers/globals.ts';
import { formatDuration } from '../domain/amounts.ts';
import type { ExitCode } from '../domain/error.ts';
import { exitCodeOf } from '../domain/exit-code.ts';
import { hasBlocking } from '../domain/finding.ts';
import type { GlobalItem, TargetSpec } from '../engine/engine.ts';
import { executeRestoreGlobals, planRestoreGlobals, type RestoreGlobalsPlan } from '../operations/restore-globals.ts';
import type { Context } from './command.ts';
import { counted, printable } from './output/format.ts';
import type { Style } from './output/style.ts';
import { renderFacts } from './output/table.ts';
import { rolesOf, type RestoreFlags } from './restore-flags.ts';

interface Wanted {
  readonly database: string | null;
  readonly backup: string;
}

export async function restoreServerGlobals(
  target: TargetSpec,
  wanted: Wanted,
  flags: RestoreFlags,
  context: Context,
): Promise<ExitCode> {
  const { output, work, prompt } = context;
  const parts = await context.parts();
  const replace = flags.replace === true;
  const request = { ...wanted, target, roles: rolesOf(flags), replace, tablespaces: flags.tablespaces };
  const planned = await planRestoreGlobals(request, parts, work);
  const { items, findings } = planned.plan;
  const isBlocked = hasBlocking(findings);
  output.print(planLines(planned, output.style));
  output.emit({ type: 'plan', ...globalsPlanAnswer(planned) });
  for (const finding of findings) output.finding(finding);
  if (flags.dryRun === true) {
    const exit = isBlocked ? 1 : exitCodeOf(findings);
    output.print([output.style.dim(isBlocked ? 'this restore would be refused' : 'nothing was changed (--dry-run)')]);
    output.result('restore', exit, { dryRun: true, ...globalsPlanAnswer(planned) });
    return exit;
  }
  const changed = items.filter(({ deed }) => deed === 'change');
  if (!isBlocked && changed.length > 0) {
    const question = `${counted(changed.length, 'thing')} of ${printable(planned.plan.server)} will be changed.`;
    await prompt.confirmByName(planned.target.databaseName, question);
  }
  const result = await executeRestoreGlobals(planned, parts, work);
  const created = result.items.filter(({ deed }) => deed === 'create').length;
  output.print([
    `${output.style.good('✓')} ${output.style.bold(`${String(created)} created, ${String(changed.length)} changed`)} on ${printable(result.server)} in ${formatDuration(result.durationMs)}; compared with the backup afterwards`,
  ]);
  const exit = exitCodeOf(findings);
  output.result('restore', exit, { ...globalsAnswer(planned, result) });
  return exit;
}

function planLines({ backup, plan }: RestoreGlobalsPlan, style: Style): readonly string[] {
  const rows = plan.items.map((item) => [`  ${item.kind} ${printable(item.name)}`, itemText(item, style)] as const);
  return [
    `${style.bold(`Plan: restore roles, settings and tablespaces to ${printable(plan.server)}`)} from ${style.name(backup.manifest.id)}`,
    ...renderFacts(rows),
  ];
}

function itemText({ state, deed, what }: GlobalItem, style: Style): string {
  const differs = `differs${what === '' ? '' : ` (${printable(what)})`}`;
  if (state === 'same') return style.dim('is there, the same');
  if (deed === 'create') return style.good('missing: is created');
  if (deed === 'change') return style.warn(`${differs}: is changed`);
  return style.warn(`${state === 'missing' ? 'missing' : differs}: stays as it is`);
}
