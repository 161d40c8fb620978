/**
 * A GitHub Actions workflow: by its schedule, by hand, or as steps of another workflow. A runner begins with nothing, so each
 * run makes a backup, and a drill proves that one; the folder is kept as an artifact.
 */

import { stringify } from 'yaml';
import type { ExportKind } from './export-kind.ts';
import { planExport, type ExportedDatabase, type ExportPlan } from './export-plan.ts';
import { githubCron, type GithubCron } from './github-cron.ts';
import { databaseSteps, programSteps, type StepOptions } from './github-steps.ts';
import { weighMachineSettings } from './weigh-settings.ts';

export const githubExport: ExportKind = {
  name: 'github',
  summary: 'a GitHub Actions workflow; with --step steps for before a deployment',
  render: async (context, request) => {
    const plan = await planExport(context, request);
    weighMachineSettings(plan, 'GitHub', request);
    const content = request.step ? deploymentSteps(plan) : workflow(plan);
    return [{ name: request.step ? 'steps.yml' : 'holdfast.yml', content }];
  },
};

const head = [
  'Holdfast, by `holdfast export github`. The address comes from the secrets named below.',
  'Everybody who may read the repository may download its artifacts: keep it private.',
];

/** Without anchors: not every reader of workflows knows them. */
const yamlForm = { lineWidth: 0, aliasDuplicateObjects: false };

const ofRunner: readonly string[] = ['backup', 'drill'];

export function workflow(plan: ExportPlan): string {
  const jobs = plan.databases.map((database) => jobOf(database, plan));
  const crons = [...new Set(jobs.flatMap(({ crons: found }) => found.map(({ cron }) => cron)))];
  const notes = [...new Set(jobs.flatMap(({ crons: found }) => found.flatMap(({ note }) => note ?? [])))];
  const left = plan.databases.flatMap(({ jobs: all }) => all.map(({ operation }) => operation));
  const leftOut = [...new Set(left)].filter((operation) => !ofRunner.includes(operation));
  if (leftOut.length > 0) notes.push(`Not here, where each run begins with an empty folder: ${leftOut.join(', ')}.`);
  const document = {
    name: 'Holdfast',
    on: {
      ...(crons.length === 0 ? {} : { schedule: crons.map((cron) => ({ cron })) }),
      workflow_dispatch: {
        inputs: { drill: { description: 'prove the backup', type: 'boolean', default: true } },
      },
    },
    permissions: { contents: 'read' },
    jobs: Object.fromEntries(jobs.map(({ id, job }) => [id, job])),
  };
  return commented([...head, ...notes], stringify(document, yamlForm));
}

/** Steps to put before those that deploy: a backup labelled `pre-deploy`. When it fails nothing is deployed. */
export function deploymentSteps({ databases, version }: ExportPlan): string {
  const options: StepOptions = { label: 'pre-deploy', backup: null, drill: null };
  const steps = [
    ...programSteps(databases, version),
    ...databases.flatMap((database) => databaseSteps(database, options)),
  ];
  return commented([...head, 'Put these steps before the one that deploys.'], stringify(steps, yamlForm));
}

interface GithubJob {
  readonly id: string;
  readonly job: Readonly<Record<string, unknown>>;
  readonly crons: readonly GithubCron[];
}

function jobOf(database: ExportedDatabase, { version, now }: ExportPlan): GithubJob {
  const cronOf = (operation: 'backup' | 'drill'): GithubCron | null => {
    const job = database.jobs.find((each) => each.operation === operation);
    return job === undefined ? null : githubCron(job.schedule, now);
  };
  const [backup, drill] = [cronOf('backup'), cronOf('drill')];
  return {
    id: `holdfast-${database.name}`,
    crons: [backup, drill].flatMap((cron) => cron ?? []),
    job: {
      'runs-on': 'ubuntu-latest',
      'timeout-minutes': 360,
      concurrency: { group: `holdfast-${database.name}`, 'cancel-in-progress': false },
      steps: [
        { name: 'Settings', uses: 'actions/checkout@v4' },
        ...programSteps([database], version),
        ...databaseSteps(database, { label: null, backup, drill }),
      ],
    },
  };
}

function commented(comments: readonly string[], yaml: string): string {
  return `${comments.map((line) => `# ${line}`).join('\n')}\n${yaml}`;
}
