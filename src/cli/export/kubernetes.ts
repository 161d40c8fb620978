/** A CronJob for each job, the claim that holds the backups, and the name of the Secret with the address. */

import { stringify } from 'yaml';
import { cronForm } from '../../domain/cron-form.ts';
import { requestErrors } from '../../requests/errors.ts';
import type { ExportKind } from './export-kind.ts';
import { planExport, type ExportedDatabase, type ExportPlan, type Job } from './export-plan.ts';
import { shellLine } from './shell-words.ts';
import { weekdayTest } from './weekday-guard.ts';
import { weighMachineSettings } from './weigh-settings.ts';

export const kubernetesExport: ExportKind = {
  name: 'kubernetes',
  summary: 'CronJobs, the claim for the backups, the reference to a Secret',
  render: async (context, request) => {
    const plan = await planExport(context, request);
    weighMachineSettings(plan, 'Kubernetes', request);
    return [{ name: 'holdfast.yaml', content: manifests(plan) }];
  },
};

type KubernetesObject = Readonly<Record<string, unknown>>;

/** Of the image that `holdfast export docker` makes. */
const user = 10001;
const claim = 'holdfast-backups';
const secret = 'holdfast';

export function manifests(plan: ExportPlan): string {
  const secrets = [...new Set(plan.databases.flatMap((database) => database.secrets.names))];
  const jobs = plan.databases.flatMap((database) => database.jobs.map((job) => cronJob(job, database, plan.version)));
  const names = jobs.map(({ name }) => name);
  const doubled = names.find((name, index) => names.indexOf(name) !== index);
  if (doubled !== undefined) throw requestErrors.make('usage', `two databases would share the name ${doubled}`);
  const create = secrets.map((name) => `--from-literal=${name}=…`).join(' ');
  const head = [
    '# Holdfast, by `holdfast export kubernetes`. The image is built from `holdfast export docker`.',
    ...(create === '' ? [] : [`# Before: kubectl create secret generic ${secret} ${create}`]),
    '# Settings, if there are any: kubectl create configmap holdfast --from-file=holdfast.yaml',
    '',
  ].join('\n');
  return (
    head +
    [volumeClaim, ...jobs.map(({ object }) => object)]
      .map((each) => stringify(each, { lineWidth: 0, aliasDuplicateObjects: false }))
      .join('---\n')
  );
}

const volumeClaim: KubernetesObject = {
  apiVersion: 'v1',
  kind: 'PersistentVolumeClaim',
  metadata: { name: claim },
  spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '20Gi' } } },
};

function cronJob(
  job: Job,
  database: ExportedDatabase,
  version: string,
): { readonly name: string; readonly object: KubernetesObject } {
  const { fields, askedWeekdays } = cronForm(job.schedule.rule);
  const name = objectName(job);
  const template = podTemplate(script(job, askedWeekdays), job.schedule.timeZone, database, version);
  const spec = {
    schedule: fields,
    timeZone: job.schedule.timeZone,
    concurrencyPolicy: 'Forbid',
    startingDeadlineSeconds: 3600,
    successfulJobsHistoryLimit: 3,
    failedJobsHistoryLimit: 3,
    jobTemplate: { spec: { backoffLimit: 1, template } },
  };
  return { name, object: { apiVersion: 'batch/v1', kind: 'CronJob', metadata: { name }, spec } };
}

/** RFC 1123, and the 11 characters that a CronJob's jobs add to 63. */
function objectName({ operation, database }: Job): string {
  return `holdfast-${operation}-${database.replaceAll('_', '-')}`.slice(0, 52).replace(/-+$/, '');
}

/** 3 is done, with warnings, which the log shows. */
function script({ words }: Job, askedWeekdays: readonly number[] | null): string {
  const guard = askedWeekdays === null ? [] : [`${weekdayTest(askedWeekdays)} || exit 0`];
  const command = shellLine(['holdfast', ...words, '--repository', '/backups', '--quiet']);
  return [...guard, `${command}; code=$?`, '[ "$code" = 3 ] && exit 0', 'exit "$code"'].join('\n');
}

function podTemplate(
  shellScript: string,
  timeZone: string,
  { secrets }: ExportedDatabase,
  version: string,
): KubernetesObject {
  const env = [
    { name: 'TZ', value: timeZone },
    { name: 'HOME', value: '/tmp' },
    { name: 'HOLDFAST_STATE_DIR', value: '/tmp/holdfast' },
    ...secrets.names.map((name) => ({
      name,
      valueFrom: { secretKeyRef: { name: secret, key: name, ...(isOptional(name) ? { optional: true } : {}) } },
    })),
  ];
  const container = {
    name: 'holdfast',
    image: `holdfast:${version}`,
    workingDir: '/settings',
    command: ['/bin/sh', '-c', shellScript],
    env,
    securityContext: {
      allowPrivilegeEscalation: false,
      readOnlyRootFilesystem: true,
      capabilities: { drop: ['ALL'] },
    },
    resources: { requests: { cpu: '250m', memory: '256Mi' }, limits: { memory: '1Gi' } },
    volumeMounts: [
      { name: 'backups', mountPath: '/backups' },
      { name: 'settings', mountPath: '/settings', readOnly: true },
      { name: 'tmp', mountPath: '/tmp' },
    ],
  };
  return {
    spec: {
      restartPolicy: 'Never',
      securityContext: {
        runAsNonRoot: true,
        runAsUser: user,
        runAsGroup: user,
        fsGroup: user,
        seccompProfile: { type: 'RuntimeDefault' },
      },
      containers: [container],
      volumes: [
        { name: 'backups', persistentVolumeClaim: { claimName: claim } },
        { name: 'settings', configMap: { name: 'holdfast', optional: true } },
        { name: 'tmp', emptyDir: {} },
      ],
    },
  };
}

/** Ports and hosts have defaults; a database without a password exists. */
function isOptional(name: string): boolean {
  return /^(?:DB_|PG)(?:HOST|PORT|USER|PASSWORD)$/.test(name);
}
