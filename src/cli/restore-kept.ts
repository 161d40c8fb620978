/** What comes after a restore: back to the replaced database, or away with it. */

import { formatBytes, formatDuration } from '../domain/amounts.ts';
import type { ExitCode } from '../domain/error.ts';
import { exitCodeOf } from '../domain/exit-code.ts';
import type { KeptDatabase, TargetSpec } from '../engine/engine.ts';
import { dropReplaced, listKept, undo, type KeptResult } from '../operations/undo.ts';
import type { Context } from './command.ts';
import { requestErrors } from '../requests/errors.ts';
import { counted, formatTime, printable } from './output/format.ts';
import type { RestoreFlags } from './restore-flags.ts';

export async function undoRestore(target: TargetSpec, flags: RestoreFlags, context: Context): Promise<ExitCode> {
  const { output, work, prompt } = context;
  const parts = await context.parts();
  const present = await listKept({ target }, parts, work);
  const [newest] = present.kept;
  if (newest !== undefined) {
    output.print([
      `${output.style.bold('Plan: swap back')} ${keptText(newest, parts.timeZone)}`,
      `  the present ${printable(present.target.databaseName)} stays under a dated name`,
    ]);
    output.emit({ type: 'plan', target: present.target.label, kept: newest });
    if (flags.dryRun === true) return endDryRun(present, context);
    await prompt.confirmByName(
      present.target.databaseName,
      `${printable(present.target.label)} will be swapped with it.`,
    );
  }
  const result = await undo({ target }, parts, work);
  for (const finding of result.findings) output.finding(finding);
  const kept = result.keptAs === null ? '' : `; what it replaced is kept as ${printable(result.keptAs)}`;
  output.print([
    `${output.style.good('✓')} ${printable(result.name)} is as it was before the restore${kept} (${formatDuration(result.durationMs)})`,
  ]);
  const exit = exitCodeOf(result.findings);
  const facts = { name: result.name, keptAs: result.keptAs, durationMs: Math.round(result.durationMs) };
  output.result('restore', exit, { undone: true, target: result.target.label, ...facts });
  return exit;
}

export async function dropReplacedDatabases(
  target: TargetSpec,
  flags: RestoreFlags,
  context: Context,
): Promise<ExitCode> {
  const { output, work, prompt } = context;
  const parts = await context.parts();
  const present = await listKept({ target }, parts, work);
  const wanted = typeof flags.dropReplaced === 'string' ? flags.dropReplaced : null;
  const chosen = present.kept.filter(({ name }) => wanted === null || name === wanted);
  if (wanted !== null && chosen.length === 0) {
    throw requestErrors.make('usage', `${wanted} is no database that a restore kept`, {
      hint:
        present.kept.length === 0 ? 'Nothing is kept.' : `Kept: ${present.kept.map(({ name }) => name).join(', ')}.`,
    });
  }
  if (chosen.length > 0) {
    output.print([
      output.style.bold(`Plan: drop for good ${counted(chosen.length, 'replaced database')}`),
      ...chosen.map((each) => `  ${keptText(each, parts.timeZone)}`),
    ]);
    output.emit({ type: 'plan', target: present.target.label, drop: chosen });
    if (flags.dryRun === true) return endDryRun({ ...present, kept: chosen }, context);
    await prompt.confirmByName(
      present.target.databaseName,
      `What was replaced in ${printable(present.target.label)} will be gone.`,
    );
  }
  const result = await dropReplaced({ target, names: chosen.map(({ name }) => name) }, parts, work);
  output.print([`${output.style.good('✓')} dropped ${result.dropped.map(({ name }) => printable(name)).join(', ')}`]);
  output.result('restore', 0, { target: result.target.label, dropped: result.dropped });
  return 0;
}

function endDryRun(present: KeptResult, { output }: Context): ExitCode {
  output.print([output.style.dim('nothing was changed (--dry-run)')]);
  output.result('restore', 0, { dryRun: true, target: present.target.label, kept: present.kept });
  return 0;
}

function keptText({ name, replacedAt, sizeBytes }: KeptDatabase, timeZone: string): string {
  const size = sizeBytes === null ? '' : `, ${formatBytes(sizeBytes)}`;
  return `${printable(name)} (replaced ${formatTime(replacedAt, timeZone)}${size})`;
}
