/**
 * `npm run test:full`: every promise at full size, as tables. `--write` keeps them in `docs/proof/`. Parts can be chosen:
 * `--only versions,failures,malformed,figures`. Anything that does not hold makes the exit code 1.
 */

import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { parseArgs } from 'node:util';
import { spawn } from 'node:child_process';
import { root, runNode } from './run-node.ts';

interface Report {
  readonly testResults: readonly {
    readonly assertionResults: readonly {
      readonly fullName: string;
      readonly title: string;
      readonly status: string;
    }[];
  }[];
}

const majors = [15, 17, 18, 13];
const { values } = parseArgs({
  options: {
    only: { type: 'string', default: 'versions,failures,malformed,figures' },
    size: { type: 'string', default: '3GB' },
    runs: { type: 'string', default: '5' },
    write: { type: 'boolean', default: false },
  },
});
const wanted = new Set(values.only.split(','));
let failures = 0;

failures += await runNode('scripts/ensure-postgres.mjs', []);
if (wanted.has('versions')) failures += await runNode('scripts/test-servers.ts', majors.map(String));
if (wanted.has('versions')) await publish('versions.md', await versionsTable());
if (wanted.has('failures')) await publish('failures.md', await failuresTable());
if (wanted.has('malformed')) await publish('malformed.md', await malformedTable());
if (wanted.has('figures')) await publish('figures.md', await figuresTable());
process.stdout.write(failures === 0 ? '\nEverything holds.\n' : '\n**Something does not hold.**\n');
process.exitCode = failures === 0 ? 0 : 1;

async function publish(name: string, page: string): Promise<void> {
  process.stdout.write(`\n${page}\n`);
  if (!values.write) return;
  const folder = join(root, 'docs/proof');
  await mkdir(folder, { recursive: true });
  await writeFile(join(folder, name), `${page}\n`);
}

async function versionsTable(): Promise<string> {
  const byMajor = new Map<number, Report>();
  for (const major of majors)
    byMajor.set(major, await vitest(['--project', 'versions', '--project', 'long'], String(major)));
  const titles = new Set<string>();
  for (const report of byMajor.values()) for (const { title } of cases(report)) titles.add(title);
  const cell = (major: number, title: string): string => {
    const found = cases(byMajor.get(major)).filter((each) => each.title === title);
    if (found.length === 0) return '';
    return found.every(({ status }) => status === 'passed') ? 'yes' : '**no**';
  };
  const rows = [...titles].map(
    (title) => `| ${escape(title)} | ${majors.map((major) => cell(major, title)).join(' | ')} |`,
  );
  return [
    '# On each version of PostgreSQL',
    '',
    'A database with every kind of object goes round. An empty cell: that test is not for that version.',
    '',
    `| test | ${majors.join(' | ')} |`,
    `|---|${majors.map(() => '---').join('|')}|`,
    ...rows,
  ].join('\n');
}

async function failuresTable(): Promise<string> {
  const report = await vitest(['--project', 'small', 'test/e2e', 'test/crash'], '');
  const rows = cases(report).map(
    ({ fullName, status }) => `| ${escape(fullName)} | ${status === 'passed' ? 'yes' : '**no**'} |`,
  );
  return [
    '# Whatever goes wrong',
    '',
    'Each of these was made to happen to the real program.',
    '',
    '| what happened | as promised |',
    '|---|---|',
    ...rows,
  ].join('\n');
}

async function malformedTable(): Promise<string> {
  const report = await vitest(['--project', 'small', 'test/e2e/malformed.test.ts'], '', {
    HOLDFAST_TEST_MALFORMED: 'all',
  });
  const rows = cases(report).map(
    ({ title, status }) => `| ${escape(title)} | ${status === 'passed' ? 'yes' : '**no**'} |`,
  );
  return [
    '# Malformed inputs',
    '',
    'Each was put before the real program, once for people and once with `--json`: one error line and a hint, the right exit code, no stack of calls, an answer',
    'within 10 seconds, no password said, nothing harmed that was there.',
    '',
    '| what was wrong | as promised |',
    '|---|---|',
    ...rows,
  ].join('\n');
}

async function figuresTable(): Promise<string> {
  const child = spawn(process.execPath, [join(root, 'bench/run.ts'), '--size', values.size, '--runs', values.runs], {
    cwd: root,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const ended = new Promise<number>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code) => {
      resolve(code ?? 1);
    });
  });
  const [table, code] = await Promise.all([text(child.stdout), ended]);
  failures += code;
  return `# Figures\n\n${table.trim()}`;
}

async function vitest(
  args: readonly string[],
  tested: string,
  extra: Readonly<Record<string, string>> = {},
): Promise<Report> {
  const folder = await mkdtemp(join(tmpdir(), 'holdfast-proof-'));
  try {
    const file = join(folder, 'report.json');
    const { DATABASE_URL, ...environment } = process.env;
    const chosen = tested === '' ? {} : { HOLDFAST_TEST_MAJORS: tested };
    failures += await runNode(
      'node_modules/vitest/vitest.mjs',
      ['run', ...args, '--reporter=default', '--reporter=json', `--outputFile.json=${file}`],
      { HOLDFAST_TEST_MOMENTS: '20', ...environment, ...chosen, ...extra },
    );
    return JSON.parse(await readFile(file, 'utf8')) as Report;
  } finally {
    await rm(folder, { recursive: true });
  }
}

function cases(report: Report | undefined): Report['testResults'][number]['assertionResults'] {
  return report?.testResults.flatMap(({ assertionResults }) => assertionResults) ?? [];
}

function escape(cell: string): string {
  return cell.replaceAll('|', '\\|');
}
