import { definedOf } from '../../config/defined.ts';
import { healthLimitsOf } from '../../config/health-settings.ts';
import type { HealthLimits } from '../../domain/health.ts';
import { health, type HealthResult } from '../../operations/health.ts';
import { announce } from '../announce.ts';
import { choose, databasesMeant } from '../../requests/choose.ts';
import { defineCommand } from '../command.ts';
import { parseAge, parseWhole } from '../flag-values.ts';
import type { Output } from '../output/output.ts';
import { healthLines } from '../output/status-text.ts';

interface HealthFlags {
  readonly maxAge?: number;
  readonly minCount?: number;
  readonly maxProofAge?: number;
}

export const command = defineCommand<HealthFlags>({
  summary: 'check that backups are new enough, and proven',
  usage: '[DATABASE]',
  details:
    'Ends with 14 unless the newest whole backup, the number of them in the last 24 hours and the newest proven one are within\n' +
    'their limits, for every configured database. Damaged and partial backups, and those labelled safety, never count.\n' +
    'Without flags the limits are those of holdfast.yaml (health:), of ALERT_IF_OLDER_THAN_HOURS, MAX_AGE_HOURS and\n' +
    'EXPECTED_DAILY_BACKUPS, else 26 h, 1 and 8 days.',
  examples: [
    ['holdfast health', 'every configured database'],
    ['holdfast health app --max-age 25h --min-count 1 --max-proof-age 8d', 'with limits of its own'],
    ['holdfast health --quiet || mail -s "backups" ops@example.org', 'in a script'],
  ],
  exits: [10, 14],
  addFlags: (command) => {
    command
      .optionsGroup('Limits:')
      .option('--max-age <TIME>', 'how old the newest whole backup may be (26h)', parseAge)
      .option('--min-count <N>', 'how many there must be in the last 24 hours (1)', parseWhole)
      .option('--max-proof-age <TIME>', 'how old the newest proven backup may be (8d)', parseAge);
  },
  run: async (words, flags, context) => {
    const { output, work } = context;
    const { database, configuration, settings } = await choose(words, context, { all: true });
    await announce(context, configuration, settings);
    const given: Partial<HealthLimits> = definedOf({
      maxAgeMs: flags.maxAge,
      minCount: flags.minCount,
      maxProofAgeMs: flags.maxProofAge,
    });
    const request = {
      database,
      configured: await databasesMeant(context),
      limitsOf: (name: string) => ({ ...healthLimitsOf(configuration.health, name), ...given }),
    };
    const found = await health(request, await context.parts(), work);
    say(found, output);
    const exit = found.healthy ? 0 : 14;
    output.result('health', exit, {
      repository: found.repository,
      healthy: found.healthy,
      databases: found.databases.map(({ database: name, healthy }) => ({ database: name, healthy })),
      others: found.others,
    });
    return exit;
  },
});

function say(found: HealthResult, output: Output): void {
  const { style } = output;
  const others = `in the repository and not configured, so not judged: ${found.others.join(', ')}`;
  output.print([
    ...found.databases.flatMap((each) => healthLines(each, style)),
    ...(found.databases.length === 0 ? [style.bad('✗ there is no backup of any database')] : []),
    ...(found.others.length === 0 ? [] : [style.dim(others)]),
  ]);
  for (const each of found.databases) {
    output.emit({ type: 'health', ...each });
    for (const { check, ok, message, hint } of each.checks) {
      if (ok) continue;
      output.emit({
        type: 'finding',
        severity: 'blocking',
        code: `unhealthy-${check}`,
        message: `${each.database}: ${message}`,
        hint,
      });
    }
  }
}
