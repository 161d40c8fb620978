/** What a team does after `holdfast init`, with the commands filled in. */

import type { Surroundings } from '../../config/detect/look-around.ts';

export interface Situation {
  /** Null when none was found. */
  readonly database: string | null;
  /** The first backup was taken and drilled. */
  readonly hasRun: boolean;
  readonly around: Surroundings;
}

export type Step = readonly [what: string, how: string];

export function nextSteps({ database, hasRun, around }: Situation): readonly Step[] {
  if (database === null) {
    return [
      ['name the database', 'set DATABASE_URL, or fill in databases: in holdfast.yaml'],
      ['look whether all is ready', 'holdfast doctor'],
    ];
  }
  const first: readonly Step[] = hasRun
    ? []
    : [
        ['look whether all is ready', 'holdfast doctor'],
        ['take the first backup', 'holdfast backup'],
        ['prove it', 'holdfast drill'],
      ];
  return [
    ...first,
    ['do it every night', 'holdfast export cron   (or systemd, github, kubernetes)'],
    ['see what a restore would do', 'holdfast restore latest --dry-run'],
    ['be told when it fails', 'notify: in holdfast.yaml, then holdfast notify test'],
    ...oldWays(around),
  ];
}

/** Two tools that each believe they are the only one are worse than one: the old one goes when the new one has run. */
function oldWays({ scripts, crontab }: Surroundings): readonly Step[] {
  const [script] = scripts;
  if (script === undefined && crontab.length === 0) return [];
  const what = script ?? 'the crontab line';
  return [[`retire ${what}`, 'after a week of both: docs/guide/moving-from-scripts.md']];
}
