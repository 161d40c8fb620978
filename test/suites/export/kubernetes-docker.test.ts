/** What is written for clusters and images, parsed back; the container's script is run in /bin/sh. */

import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { parseAllDocuments } from 'yaml';
import { dockerfile } from '../../../src/cli/export/docker.ts';
import { manifests } from '../../../src/cli/export/kubernetes.ts';
import { makeTestDirectory, type TestDirectory } from '../../harness/temporary.ts';
import { planOf } from './plan.ts';
import { putDate, putProgram, runShell } from '../../harness/shell.ts';

interface Container {
  readonly command: readonly [string, string, string];
  readonly env: readonly Readonly<Record<string, unknown>>[];
  readonly securityContext: unknown;
}

interface KubernetesObject {
  readonly kind: string;
  readonly metadata: { readonly name: string };
  readonly spec: {
    readonly schedule: string;
    readonly timeZone: string;
    readonly concurrencyPolicy: string;
    readonly jobTemplate: {
      readonly spec: {
        readonly template: {
          readonly spec: { readonly securityContext: unknown; readonly containers: readonly [Container] };
        };
      };
    };
  };
}

let directory: TestDirectory;

beforeAll(async () => {
  directory = await makeTestDirectory('kubernetes');
  await putDate(directory.path);
  await putProgram(directory.path, 'holdfast', 'echo "holdfast $*"; exit "$ENDS"');
});

afterAll(async () => {
  await directory[Symbol.asyncDispose]();
});

function objects(...given: Parameters<typeof planOf>): readonly KubernetesObject[] {
  return parseAllDocuments(manifests(planOf(...given))).map((document) => document.toJS() as KubernetesObject);
}

function cronJob(name: string): KubernetesObject['spec'] {
  const found = objects().find((each) => each.kind === 'CronJob' && each.metadata.name === name);
  if (found === undefined) throw new Error(`no CronJob ${name}`);
  return found.spec;
}

test('there is a claim for the backups, and a CronJob for each job of each database', () => {
  expect(objects().map(({ kind, metadata }) => `${kind} ${metadata.name}`)).toEqual([
    'PersistentVolumeClaim holdfast-backups',
    'CronJob holdfast-backup-shop',
    'CronJob holdfast-drill-shop',
    'CronJob holdfast-backup-notes',
    'CronJob holdfast-drill-notes',
  ]);
});

test('a CronJob runs by the clock of its zone, alone, and not as root', () => {
  const spec = cronJob('holdfast-backup-shop');
  expect(spec).toMatchObject({ schedule: '0 2 * * *', timeZone: 'UTC', concurrencyPolicy: 'Forbid' });
  const pod = spec.jobTemplate.spec.template.spec;
  expect(pod.securityContext).toMatchObject({ runAsNonRoot: true, runAsUser: 10001 });
  expect(pod.containers[0].securityContext).toMatchObject({
    allowPrivilegeEscalation: false,
    readOnlyRootFilesystem: true,
    capabilities: { drop: ['ALL'] },
  });
});

test('the address comes from a Secret, by name', () => {
  const { env } = cronJob('holdfast-backup-shop').jobTemplate.spec.template.spec.containers[0];
  expect(env).toContainEqual({ name: 'SHOP_URL', valueFrom: { secretKeyRef: { name: 'holdfast', key: 'SHOP_URL' } } });
});

describe('the script of the container', () => {
  const run = (job: string, ends: number, now: string): [number | null, string] => {
    const [shell, flag, script] = cronJob(job).jobTemplate.spec.template.spec.containers[0].command;
    const { code, output } = runShell([shell, flag], script, directory.path, { ENDS: String(ends), NOW: now });
    return [code, output.trim()];
  };

  test.each([
    [0, 0],
    [3, 0],
    [1, 1],
    [16, 16],
  ])('holdfast that ends with %d makes it end with %d', (ends, code) => {
    const said = 'holdfast backup shop --repository /backups --quiet';
    expect(run('holdfast-backup-shop', ends, '2026-12-05T04:00Z')).toEqual([code, said]);
  });

  test('asks for the Sunday that cron cannot ask for', () => {
    expect(cronJob('holdfast-drill-shop').schedule).toBe('0 4 1-7 * *');
    expect(run('holdfast-drill-shop', 0, '2026-12-05T04:00Z')).toEqual([0, '']);
    expect(run('holdfast-drill-shop', 0, '2026-12-06T04:00Z')[1]).toContain('holdfast drill shop');
  });
});

test('two names that a cluster cannot tell apart are refused', () => {
  const plan = planOf();
  const [shop] = plan.databases;
  if (shop === undefined) throw new Error('no database');
  const renamed = ['a_b', 'a-b'].map((name) => ({
    ...shop,
    jobs: shop.jobs.map((job) => ({ ...job, database: name })),
  }));
  expect(() => manifests({ ...plan, databases: renamed })).toThrow(/share the name holdfast-backup-a-b/);
});

test('the Dockerfile takes the suite as an argument and does not run as root', () => {
  const lines = dockerfile('1.2.3').split('\n');
  const instructions = lines.filter((line) => /^[A-Z]/.test(line)).map((line) => line.split(' ')[0]);
  expect(instructions).toEqual([
    ...['ARG', 'FROM', 'RUN', 'FROM', 'RUN', 'COPY', 'COPY', 'RUN', 'ENV', 'USER', 'WORKDIR', 'VOLUME'],
    ...['ENTRYPOINT', 'CMD'],
  ]);
  expect(lines).toContain('FROM debian:${SUITE}-slim');
  expect(lines).toContain('USER 10001');
  expect(lines.join('\n')).toContain('holdfast@1.2.3');
});
