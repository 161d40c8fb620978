import { databaseStatusAnswer } from '../../answers/coverage.ts';
import { healthLimitsOf } from '../../config/health-settings.ts';
import { exitCodeOf } from '../../domain/exit-code.ts';
import { status } from '../../operations/status.ts';
import { announce } from '../announce.ts';
import { choose, databasesMeant } from '../../requests/choose.ts';
import { defineCommand } from '../command.ts';
import { statusLines } from '../output/status-text.ts';
import { showRecentFailures } from '../recent-failures.ts';

export const command = defineCommand<object>({
  summary: 'one screen: newest backups, counts, room, health',
  usage: '[DATABASE]',
  details:
    'Shows the newest backup of each kind with age, size and state, the newest that was proven, in how many days, weeks,\n' +
    'months and years there is a backup, the room on the disk, what is damaged or unfinished, and whether the database is\n' +
    'healthy. It only tells: `holdfast health` is the check that ends with 14.',
  examples: [
    ['holdfast status', 'every database'],
    ['holdfast status app --json', 'for scripts'],
  ],
  exits: [10],
  addFlags: () => undefined,
  run: async (words, _flags, context) => {
    const { output, work } = context;
    const chosen = await choose(words, context, { all: true });
    const { configuration } = chosen;
    await announce(context, configuration, chosen.settings);
    const request = {
      database: chosen.database,
      configured: await databasesMeant(context),
      limitsOf: (name: string) => healthLimitsOf(configuration.health, name),
    };
    const found = await status(request, await context.parts(), work);
    output.print(statusLines(found, output.style));
    for (const each of found.databases) output.emit({ type: 'database', ...databaseStatusAnswer(each) });
    await showRecentFailures(chosen.database, context);
    for (const finding of found.findings) output.finding(finding);
    const exit = exitCodeOf(found.findings);
    output.result('status', exit, {
      repository: found.repository,
      databases: found.databases.length,
      usedBytes: found.usedBytes,
      freeBytes: found.freeBytes,
    });
    return exit;
  },
});
