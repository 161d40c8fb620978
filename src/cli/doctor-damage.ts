/** `doctor --damage`: what still reads, what the backups hold, the ways back. */

import { foundDamage } from '../domain/damage.ts';
import type { ExitCode } from '../domain/error.ts';
import { exitCodeOf } from '../domain/exit-code.ts';
import { assessDamage, type DamageResult, type GoodBackup } from '../operations/damage.ts';
import { announce } from './announce.ts';
import { settingsAndTarget, type Chosen } from '../requests/choose.ts';
import type { Context } from './command.ts';
import { damageLines } from './output/damage-text.ts';

/** 15 when something does not read, 3 when something is to be weighed. */
export async function doctorDamage(chosen: Chosen, context: Context): Promise<ExitCode> {
  const { output, work } = context;
  const { settings, target } = settingsAndTarget(chosen);
  await announce(context, chosen.configuration, settings);
  const parts = await context.parts();
  const result = await assessDamage({ target, database: settings.name }, parts, work);
  output.print(damageLines(result, output.style));
  const findings = [...chosen.configuration.findings, ...result.findings];
  for (const finding of findings) output.finding(finding);
  const isDamaged = foundDamage(result.report);
  const exit = isDamaged ? 15 : exitCodeOf(findings);
  output.result('doctor', exit, { ...facts(result), damaged: isDamaged });
  return exit;
}

function facts(result: DamageResult): Readonly<Record<string, unknown>> {
  const { report, target, database } = result;
  return {
    target: target.label,
    database,
    tables: result.tables,
    indexes: report.indexes,
    failures: report.failures,
    newestBackup: backupFacts(result.newest),
    newestProven: backupFacts(result.newestProven),
    ways: result.ways,
    readBytes: report.readBytes,
    readMs: Math.round(report.readMs),
    durationMs: Math.round(result.durationMs),
  };
}

function backupFacts(good: GoodBackup | null): Readonly<Record<string, unknown>> | null {
  if (good === null) return null;
  const { manifest, state } = good.backup;
  return { id: manifest.id, state, ageMs: good.ageMs, rows: manifest.fingerprint.rows, missingNow: good.missingNow };
}
