/** `restore` of a whole database: plan, question, restore, outcome. */

import { restoreAnswer, restorePlanAnswer } from '../answers/restore.ts';
import { formatBytes, formatDuration } from '../domain/amounts.ts';
import type { ExitCode } from '../domain/error.ts';
import { exitCodeOf } from '../domain/exit-code.ts';
import { hasBlocking, isAmong } from '../domain/finding.ts';
import type { RestoreDestination, TargetSpec } from '../engine/engine.ts';
import {
  executeRestore,
  planRestore,
  restoreFailure,
  type RestorePlan,
  type RestoreResult,
} from '../operations/restore.ts';
import type { WantedRestore } from '../requests/restore-request.ts';
import type { Context } from './command.ts';
import { comparisonLines } from './output/comparison-text.ts';
import { formatAge, formatTime, printable } from './output/format.ts';
import type { Style } from './output/style.ts';
import { rolesOf, type RestoreFlags } from './restore-flags.ts';

export async function restoreDatabase(
  target: TargetSpec,
  wanted: WantedRestore,
  flags: RestoreFlags,
  context: Context,
): Promise<ExitCode> {
  const { output, work, prompt } = context;
  const parts = await context.parts();
  const destination = destinationOf(flags);
  const request = {
    ...wanted,
    target,
    destination,
    owners: flags.owner,
    privileges: flags.acl,
    jobs: flags.jobs ?? null,
    ...(flags.mapRole === undefined ? {} : { roles: rolesOf(flags) }),
    undoOnFailure: flags.undoOnFailure === true,
  };
  const plan = await planRestore(request, parts, work);
  const isBlocked = hasBlocking(plan.findings);
  output.print(planLines(plan, parts.timeZone, output.style));
  output.emit({ type: 'plan', ...restorePlanAnswer(plan) });
  for (const finding of plan.findings) output.finding(finding);
  if (flags.dryRun === true) {
    const exit = isBlocked ? 1 : exitCodeOf(plan.findings);
    output.print([output.style.dim(isBlocked ? 'this restore would be refused' : 'nothing was changed (--dry-run)')]);
    output.result('restore', exit, { dryRun: true, ...restorePlanAnswer(plan) });
    return exit;
  }
  if (!isBlocked && destination.kind !== 'into') {
    const { databaseName, label } = plan.target;
    await prompt.confirmByName(databaseName, question(plan, label));
  }
  const result = await executeRestore(plan, parts, work);
  // Those of the plan were said before the question.
  const fresh = result.findings.filter((finding) => !isAmong(finding, plan.findings));
  for (const finding of fresh) output.finding(finding);
  output.print(resultLines(result, parts.timeZone, output.style));
  const failure = restoreFailure(result);
  if (failure !== null) {
    output.emit({ type: 'restore', ...restoreAnswer(result) });
    throw failure;
  }
  const exit = exitCodeOf([...plan.findings, ...fresh]);
  output.result('restore', exit, { ...restoreAnswer(result) });
  return exit;
}

function destinationOf(flags: RestoreFlags): RestoreDestination {
  if (flags.inPlace === true) return { kind: 'in-place' };
  return flags.into === undefined ? { kind: 'replace' } : { kind: 'into', name: flags.into };
}

function question({ request }: RestorePlan, label: string): string {
  if (request.destination.kind === 'replace') return `${printable(label)} will be replaced.`;
  const kept = request.safety === undefined ? ', AND NOTHING OF IT IS KEPT' : '';
  return `Everything in ${printable(label)} will be replaced${kept}.`;
}

function planLines(plan: RestorePlan, timeZone: string, style: Style): readonly string[] {
  const { manifest, state } = plan.backup;
  const { enginePlan, estimate } = plan;
  const taken = `${formatTime(new Date(manifest.finished), timeZone)} ${timeZone}`;
  const time =
    estimate === null
      ? 'no restore was measured yet'
      : `about ${formatDuration(estimate.restoreMs)}, ${estimate.basis}`;
  return [
    `${style.bold(`Plan: restore ${manifest.database}`)} ${style.name(manifest.id)}`,
    `  taken ${taken} (${formatAge(plan.ageMs)}), ${state}`,
    `  ${formatBytes(enginePlan.plainBytes)} to load; ${formatBytes(plan.checkedBytes)} stored, checked just now`,
    `  time: ${time}`,
    ...migrationLines(enginePlan.migrations),
    ...plan.steps.map((step, index) => `  ${String(index + 1)}. ${printable(step)}`),
    ...(enginePlan.keptAs === null
      ? []
      : [`  the present database stays as ${style.name(printable(enginePlan.keptAs))}`]),
  ];
}

type Migrations = NonNullable<RestorePlan['enginePlan']['migrations']>;

function migrationLines(migrations: Migrations | undefined): readonly string[] {
  if (migrations === undefined || (migrations.backup === null && migrations.present === null)) return [];
  const { backup, present } = migrations;
  const name = (one: Migrations['backup']): string =>
    one === null ? 'none known' : printable(`${one.name} (${one.tool})`);
  const isSame = backup !== null && present !== null && backup.name === present.name;
  if (isSame) return [`  newest migration: ${name(backup)}, in the backup and in the present database`];
  return [`  newest migration in the backup: ${name(backup)}; in the present database: ${name(present)}`];
}

function resultLines(result: RestoreResult, timeZone: string, style: Style): readonly string[] {
  const { manifest } = result.backup;
  const comparison =
    result.comparison === null ? [] : comparisonLines(result.comparison, style).map((line) => `  ${line}`);
  if (result.name === null)
    return [style.bad('✗ the restored copy was discarded; the present database is untouched'), ...comparison];
  const saved = result.safetyBackup === null ? [] : [savedLine(result.safetyBackup, result.keptAs === null, style)];
  const steps = [
    `restored in ${formatDuration(result.restoreMs)}`,
    ...(result.comparison === null ? [] : [`compared in ${formatDuration(result.compareMs)}`]),
    `analyzed in ${formatDuration(result.analyzeMs)}`,
    ...(result.keptAs === null ? [] : [`swapped in ${formatDuration(result.swapMs)}`]),
  ];
  return [
    `${style.good('✓')} ${style.bold(`${printable(result.name)} is back`)} as of ${formatTime(new Date(manifest.finished), timeZone)} (${formatDuration(result.durationMs)})`,
    `  ${steps.join(', ')}`,
    ...comparison,
    ...(result.keptAs === null
      ? []
      : [
          `  the replaced database is kept as ${style.name(printable(result.keptAs))}`,
          '  back to it: holdfast restore --undo; remove it: holdfast restore --drop-replaced',
        ]),
    ...saved,
  ];
}

function savedLine(id: string, isInPlace: boolean, style: Style): string {
  const command = `holdfast restore ${id}${isInPlace ? ' --in-place' : ''}`;
  return `  the state before is the safety backup ${style.name(id)}; back to it: ${command}`;
}
