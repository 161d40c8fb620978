import { describe, expect, test } from 'vitest';
import { makeProject } from './project.ts';

/** Rule → a file that breaks it and nothing else. */
const bad: Readonly<Record<string, readonly [path: string, text: string]>> = {
  '@typescript-eslint/no-floating-promises': [
    'src/domain/floating.ts',
    'async function store(): Promise<void> {}\nexport function run(): void {\n  store();\n}\n',
  ],
  '@typescript-eslint/no-explicit-any': ['src/domain/any.ts', 'export type Loose = any;\n'],
  '@typescript-eslint/no-non-null-assertion': [
    'src/domain/assertion.ts',
    'export function first(x: readonly string[]): string {\n  return x[0]!;\n}\n',
  ],
  '@typescript-eslint/switch-exhaustiveness-check': [
    'src/domain/exhaustive.ts',
    "export function name(x: 'a' | 'b'): void {\n  switch (x) {\n    case 'a':\n      break;\n  }\n}\n",
  ],
  '@typescript-eslint/no-misused-promises': [
    'src/domain/misused.ts',
    'export function run(xs: readonly string[]): void {\n  xs.forEach(async (x) => {\n    await Promise.resolve(x);\n  });\n}\n',
  ],
  'no-console': ['src/domain/console.ts', "export function say(): void {\n  console.log('x');\n}\n"],
  'no-empty': [
    'src/domain/swallowed.ts',
    'export function run(f: () => void): void {\n  try {\n    f();\n  } catch {}\n}\n',
  ],
  eqeqeq: ['src/domain/equal.ts', 'export function same(a: number, b: number): boolean {\n  return a == b;\n}\n'],
  complexity: [
    'src/domain/complex.ts',
    `export function pick(x: number): number {\n${Array.from({ length: 12 }, (_, n) => `  if (x === ${n}) return ${n + 1};\n`).join('')}  return 0;\n}\n`,
  ],
  'max-lines': [
    'src/domain/long-file.ts',
    Array.from({ length: 401 }, (_, n) => `export const x${n} = ${n};\n`).join(''),
  ],
  'max-lines-per-function': [
    'src/domain/long-function.ts',
    `export function run(f: () => void): void {\n${'  f();\n'.repeat(60)}}\n`,
  ],
};

/** Every way to ask for the time, and to leave a test out. */
const restricted: Readonly<Record<string, readonly [path: string, text: string]>> = {
  'Date.now()': ['src/domain/date-now.ts', 'export const time = Date.now();\n'],
  'new Date()': ['src/domain/new-date.ts', 'export const time = new Date();\n'],
  'Date()': ['src/domain/date-text.ts', 'export const time = Date();\n'],
  'performance.now()': ['src/domain/performance-now.ts', 'export const time = performance.now();\n'],
  'process.hrtime': ['src/domain/hrtime.ts', 'export const time = process.hrtime.bigint();\n'],
  'a skipped test': [
    'src/domain/skipped.test.ts',
    "import { test } from 'vitest';\n\ntest.skip('x', () => undefined);\n",
  ],
  'a test that runs alone': [
    'src/domain/only.test.ts',
    "import { test } from 'vitest';\n\ntest.only('x', () => undefined);\n",
  ],
};

describe('the lint', () => {
  test('passes on sources without a fault', async () => {
    await using project = await makeProject('smallest');
    await project.write({ 'src/domain/good.ts': 'export const time = new Date(0);\n' });
    expect((await project.check('lint')).output).toContain('1 checks passed');
  });

  test('fails on one bad file per rule, each for its own rule', async () => {
    await using project = await makeProject('smallest');
    await project.write(Object.fromEntries(Object.values(bad)));
    const outcome = await project.check('lint');
    expect(outcome.code).toBe(1);
    for (const [rule, [path]] of Object.entries(bad))
      expect([path, rulesOf(outcome.output, path)]).toEqual([path, [rule]]);
  });

  test('fails on every way to ask for the time and to leave a test out', async () => {
    await using project = await makeProject('smallest');
    await project.write(Object.fromEntries(Object.values(restricted)));
    const outcome = await project.check('lint');
    expect(outcome.code).toBe(1);
    for (const [path] of Object.values(restricted)) {
      expect([path, rulesOf(outcome.output, path)]).toEqual([path, ['no-restricted-syntax']]);
    }
  });
});

/** The rules that the lint's report names under a file. */
function rulesOf(output: string, path: string): readonly string[] {
  const start = output.indexOf(`/${path}\n`);
  const lines = start < 0 ? [] : output.slice(start).split('\n').slice(1);
  const end = lines.indexOf('');
  return lines.slice(0, end).flatMap((line) => /error .* ([@a-z/-]+)$/.exec(line)?.[1] ?? []);
}
