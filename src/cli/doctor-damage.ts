/** `doctor --damage`: what still reads, what the backups hold, the ways back. */

import { damageAnswer } from '../answers/damage.ts';
import type { ExitCode } from '../domain/error.ts';
import { exitCodeOf } from '../domain/exit-code.ts';
import { assessDamage } from '../operations/damage.ts';
import { announce } from './announce.ts';
import { oneDatabase, type Chosen } from '../requests/choose.ts';
import type { Context } from './command.ts';
import { damageLines } from './output/damage-text.ts';

/** 15 when something does not read, 3 when something is to be weighed. */
export async function doctorDamage(chosen: Chosen, context: Context): Promise<ExitCode> {
  const { output, work } = context;
  const { settings, target } = oneDatabase(chosen);
  await announce(context, chosen.configuration, settings);
  const parts = await context.parts();
  const result = await assessDamage({ target, database: settings.name }, parts, work);
  output.print(damageLines(result, output.style));
  const findings = [...chosen.configuration.findings, ...result.findings];
  for (const finding of findings) output.finding(finding);
  const answer = damageAnswer(result);
  const exit = answer.damaged ? 15 : exitCodeOf(findings);
  output.result('doctor', exit, { ...answer });
  return exit;
}
