/** The workflow, held against GitHub's own schema and expressions (@actions/workflow-parser), and its scripts run in bash. */

import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { parse, stringify } from 'yaml';
import { deploymentSteps, workflow } from '../../../src/cli/export/github.ts';
import { makeTestDirectory, type TestDirectory } from '../../harness/temporary.ts';
import { workflowComplaints as complaints } from '../../harness/workflow-schema.ts';
import { planOf } from './plan.ts';
import { putDate, putProgram, runShell } from '../../harness/shell.ts';

interface Step {
  readonly name: string;
  readonly uses?: string;
  readonly run?: string;
  readonly if?: string;
  readonly env?: Readonly<Record<string, string>>;
}

interface Workflow {
  readonly on: { readonly schedule?: readonly { readonly cron: string }[] };
  readonly jobs: Readonly<Record<string, { readonly steps: readonly Step[] }>>;
}

let directory: TestDirectory;

beforeAll(async () => {
  directory = await makeTestDirectory('github');
  await putDate(directory.path);
  await putProgram(directory.path, 'holdfast', 'echo "holdfast $*"; exit "$ENDS"');
});

afterAll(async () => {
  await directory[Symbol.asyncDispose]();
});

function stepsOf(text: string, job: string): readonly Step[] {
  return (parse(text) as Workflow).jobs[job]?.steps ?? [];
}

test('the workflow is what the schema asks for', async () => {
  const text = workflow(planOf());
  expect(await complaints(text)).toEqual([]);
  expect((parse(text) as Workflow).on.schedule).toEqual([{ cron: '0 2 * * *' }, { cron: '0 4 1-7 * *' }]);
  expect(await complaints(workflow(planOf({})))).toEqual([]);
});

test('the schema would complain', async () => {
  const text = workflow(planOf());
  expect(await complaints(text.replace('runs-on', 'run-on'))).not.toEqual([]);
  expect(await complaints(text.replace('cron: 0 2 * * *', 'cron: 0 25 * * *'))).not.toEqual([]);
  expect(await complaints(text.replace('inputs.drill', 'inputs.drill ==='))).not.toEqual([]);
});

test('steps for before a deployment fit into a job', async () => {
  const steps = parse(deploymentSteps(planOf())) as readonly Step[];
  const whole = stringify({ on: 'push', jobs: { deploy: { 'runs-on': 'ubuntu-latest', steps } } });
  expect(await complaints(whole)).toEqual([]);
  expect(steps.filter(({ run }) => run?.includes('--label pre-deploy'))).toHaveLength(2);
  expect(steps.filter(({ name }) => name === 'PostgreSQL')).toHaveLength(1);
});

test('secrets stand by name only, and only SQLite needs no PostgreSQL', () => {
  const text = workflow(planOf());
  const backup = stepsOf(text, 'holdfast-shop').find(({ name }) => name === 'Back up shop');
  expect(backup?.env).toEqual({ BACKUP_DIR: 'backups', SHOP_URL: '${{ secrets.SHOP_URL }}' });
  expect(stepsOf(text, 'holdfast-shop').map(({ name }) => name)).toContain('PostgreSQL');
  expect(stepsOf(text, 'holdfast-notes').map(({ name }) => name)).not.toContain('PostgreSQL');
});

test('what makes no sense on a runner is named and left out', () => {
  const text = workflow(planOf({ backup: 'daily 02:00', verify: 'sunday 03:00', prune: 'daily 05:00' }));
  expect(text).toMatch(/^# Not here, .*: verify, prune\.$/m);
  expect((parse(text) as Workflow).on.schedule).toEqual([{ cron: '0 2 * * *' }]);
});

test('a schedule of another zone is said in UTC, or refused', () => {
  const text = workflow(planOf({ backup: 'daily 02:00 Europe/Berlin' }));
  expect(text).toContain('# daily 02:00 of Europe/Berlin is "0 1 * * *" in UTC; summer time does not move it.');
  expect(() => workflow(planOf({ backup: 'first sunday 00:30 Europe/Berlin' }))).toThrow(/no single schedule/);
});

describe('in bash, as GitHub runs it', () => {
  const run = (name: string, ends: number, now = '2026-12-06T04:00Z', schedule = ''): [number | null, string] => {
    const step = stepsOf(workflow(planOf()), 'holdfast-shop').find((each) => each.name === name);
    const script = (step?.run ?? '').replaceAll('${{ github.event.schedule }}', schedule);
    const shell = ['/bin/bash', '--noprofile', '--norc', '-eo', 'pipefail', '-c'];
    const { code, output } = runShell(shell, script, directory.path, { ENDS: String(ends), NOW: now });
    return [code, output.trim()];
  };

  test.each([
    [0, 0],
    [3, 0],
    [1, 1],
    [16, 16],
  ])('holdfast that ends with %d makes the step end with %d', (ends, code) => {
    expect(run('Back up shop', ends)).toEqual([code, 'holdfast backup shop']);
  });

  test('the drill of the first Sunday rests on other days, unless somebody asks for it', () => {
    const cron = '0 4 1-7 * *';
    expect(run('Prove shop', 0, '2026-12-06T04:00Z', cron)).toEqual([0, 'holdfast drill shop']);
    expect(run('Prove shop', 0, '2026-12-05T04:00Z', cron)).toEqual([0, 'not today']);
    expect(run('Prove shop', 0, '2026-12-05T04:00Z')).toEqual([0, 'holdfast drill shop']);
  });
});
