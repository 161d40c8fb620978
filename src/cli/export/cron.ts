/** Lines for `crontab -e`: absolute paths; results go to a log, and what goes wrong to cron, which mails it. */

import { join } from 'node:path';
import { isSameZone } from '../../domain/time-zone.ts';
import type { ExportKind } from './export-kind.ts';
import { cronLine } from './cron-line.ts';
import { planExport, type ExportPlan } from './export-plan.ts';
import { shellLine, shellWord } from './shell-words.ts';
import { weighShellSettings } from './weigh-settings.ts';

export const cronExport: ExportKind = {
  name: 'cron',
  summary: 'lines for a crontab',
  render: async (context, request) => {
    const plan = await planExport(context, request);
    weighShellSettings(plan, 'cron', request);
    return [{ name: 'holdfast.crontab', content: crontab(plan) }];
  },
};

export function crontab({ databases, place, timeZone, now }: ExportPlan): string {
  const log = join(place.stateDirectory, 'cron.log');
  const lines = databases.flatMap(({ jobs }) =>
    jobs.flatMap(({ operation, database, schedule, words }) => {
      const settings = place.variables.map(([name, value]) => `${name}=${shellWord(value)} `).join('');
      const line = shellLine([...place.program, ...words, ...place.flags, '--quiet']);
      const command = `cd ${shellWord(place.folder)} && ${settings}${line} >>${shellWord(log)}`;
      const zone = isSameZone(schedule.timeZone, timeZone) ? '' : ` ${schedule.timeZone}`;
      return [
        `# ${operation} of ${database}: ${schedule.written}${zone}`,
        cronLine({ schedule, timeZone, now, command }),
        '',
      ];
    }),
  );
  return [
    '# Holdfast, by `holdfast export cron`. Add these lines with `crontab -e`.',
    '# Results go to the log; warnings and errors go to standard error, which cron mails to:',
    '# MAILTO=you@example.org',
    '',
    ...lines,
  ]
    .join('\n')
    .trimEnd()
    .concat('\n');
}
