/** The steps of a job on a GitHub runner: programs, backup, drill, the folder as an artifact. */

import type { ExportedDatabase } from './export-plan.ts';
import type { GithubCron } from './github-cron.ts';
import { shellLine } from './shell-words.ts';
import { weekdayTest } from './weekday-guard.ts';

export interface StepOptions {
  readonly label: string | null;
  /** Null: not on a schedule. */
  readonly backup: GithubCron | null;
  readonly drill: GithubCron | null;
}

export type Step = Readonly<Record<string, unknown>>;

const folder = 'backups';

/** What the others need: once in a job. */
export function programSteps(databases: readonly ExportedDatabase[], version: string): readonly Step[] {
  return [
    { name: 'Node.js', uses: 'actions/setup-node@v4', with: { 'node-version': 24 } },
    ...(databases.some(({ fileFolder }) => fileFolder === null) ? [postgresPrograms] : []),
    { name: 'Holdfast', run: `npm install --global holdfast@${version}\n` },
  ];
}

export function databaseSteps(database: ExportedDatabase, options: StepOptions): readonly Step[] {
  const { label, backup, drill } = options;
  const { words } = database;
  const env = {
    BACKUP_DIR: folder,
    ...Object.fromEntries(database.secrets.names.map((name) => [name, `\${{ secrets.${name} }}`])),
  };
  const labelled = label === null ? [] : ['--label', label];
  return [
    {
      name: `Back up ${database.name}`,
      env,
      run: script(shellLine(['holdfast', 'backup', ...words, ...labelled]), backup),
    },
    ...(label === null
      ? [
          {
            name: `Prove ${database.name}`,
            if: drillCondition(drill),
            env,
            run: script(shellLine(['holdfast', 'drill', ...words]), drill),
          },
        ]
      : []),
    {
      name: `Keep the folder of ${database.name}`,
      uses: 'actions/upload-artifact@v4',
      if: '${{ !cancelled() }}',
      with: {
        name: `holdfast-${database.name}-\${{ github.run_id }}-\${{ github.run_attempt }}`,
        path: folder,
        'retention-days': 30,
        'if-no-files-found': 'ignore',
      },
    },
  ];
}

/** The server's programs as well: the drill's throwaway server is made of them. Of the newest version, for any server. */
const postgresPrograms: Step = {
  name: 'PostgreSQL',
  run: [
    'sudo apt-get install -y postgresql-common',
    'sudo /usr/share/postgresql-common/pgdg/apt.postgresql.org.sh -y',
    "echo 'create_main_cluster = false' | sudo tee -a /etc/postgresql-common/createcluster.conf",
    'sudo apt-get install -y postgresql-18',
    '',
  ].join('\n'),
};

/** 3 is done, with warnings, which the log shows. */
function script(command: string, cron: GithubCron | null): string {
  const asked = cron?.askedWeekdays ?? null;
  const guard =
    cron === null || asked === null
      ? []
      : [
          `if [ "\${{ github.event.schedule }}" = '${cron.cron}' ] && ! { ${weekdayTest(asked)}; }; then`,
          '  echo "not today"; exit 0',
          'fi',
        ];
  return [...guard, `code=0; ${command} || code=$?`, 'if [ "$code" -eq 3 ]; then code=0; fi', 'exit "$code"', ''].join(
    '\n',
  );
}

function drillCondition(drill: GithubCron | null): string {
  const byHand = "github.event_name == 'workflow_dispatch' && inputs.drill";
  return drill === null ? `\${{ ${byHand} }}` : `\${{ (${byHand}) || github.event.schedule == '${drill.cron}' }}`;
}
