/**
 * `npm run check [-- STEP...]`: everything that can be said about the code without running it. Prints one line per step,
 * and what a failing step said; ends with 1 when any failed.
 */

import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { wallClock } from '../src/system/wall-clock.ts';

interface Step {
  readonly name: string;
  readonly args: readonly string[];
}

const root = join(import.meta.dirname, '..');
const steps: readonly Step[] = [
  { name: 'types', args: ['node_modules/typescript/bin/tsc', '-p', '.'] },
  { name: 'lint', args: ['node_modules/eslint/bin/eslint.js', '--max-warnings', '0', '.'] },
  { name: 'format', args: ['node_modules/@biomejs/biome/bin/biome', 'format', '--error-on-warnings', '.'] },
  {
    name: 'architecture',
    args: ['node_modules/vitest/vitest.mjs', 'run', '--project', 'unit', 'test/architecture.test.ts'],
  },
  { name: 'unused', args: ['node_modules/knip/bin/knip.js', '--no-progress', '--treat-config-hints-as-errors'] },
  { name: 'generated', args: ['scripts/generate.ts', '--check'] },
];

const chosen = process.argv.slice(2);
const unknown = chosen.filter((name) => !steps.some((step) => step.name === name));
if (unknown.length > 0) {
  process.stderr.write(`no such step: ${unknown.join(' ')}; there are ${steps.map((step) => step.name).join(' ')}\n`);
  process.exit(2);
}
const selected = steps.filter((step) => chosen.length === 0 || chosen.includes(step.name));
const failed: string[] = [];
for (const step of selected) {
  if (!(await passes(step))) failed.push(step.name);
}
const verdict = failed.length === 0 ? `${selected.length} checks passed` : `failed: ${failed.join(', ')}`;
process.stdout.write(`check: ${verdict}\n`);
process.exitCode = failed.length === 0 ? 0 : 1;

async function passes(step: Step): Promise<boolean> {
  const begunMs = wallClock.monotonicMs();
  const child = spawn(process.execPath, [...step.args], {
    cwd: root,
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, NO_COLOR: '1' },
  });
  const ended = new Promise<number | null>((resolve, reject) => {
    child.once('close', resolve);
    child.once('error', reject);
  });
  const [out, complaint, code] = await Promise.all([text(child.stdout), text(child.stderr), ended]);
  const seconds = ((wallClock.monotonicMs() - begunMs) / 1000).toFixed(1);
  process.stdout.write(`check: ${step.name.padEnd(13)} ${code === 0 ? 'ok' : 'FAILED'}  ${seconds} s\n`);
  if (code !== 0) process.stdout.write(`${out}${complaint}\n`);
  return code === 0;
}
