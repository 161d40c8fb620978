import { appendFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { makeProject } from './project.ts';

describe('the check of types', () => {
  test('fails on a wrong type and passes without it', async () => {
    await using project = await makeProject('smallest');
    const tsconfig = { extends: './tsconfig.json', include: ['src'] };
    await project.write({ 'tsconfig.small.json': JSON.stringify(tsconfig) });
    const tsc = ['node_modules/typescript/bin/tsc', '-p', 'tsconfig.small.json'] as const;
    expect(await project.run(...tsc)).toEqual({ code: 0, output: '' });
    await project.write({ 'src/domain/bad.ts': "export const sizeBytes: number = 'many';\n" });
    const outcome = await project.check('types');
    expect(outcome.code).toBe(1);
    expect(outcome.output).toContain(
      "src/domain/bad.ts(1,14): error TS2322: Type 'string' is not assignable to type 'number'",
    );
  });
});

describe('the check of the format', () => {
  test('fails on an unformatted file and passes without it', async () => {
    await using project = await makeProject('smallest');
    await project.write({ 'only/good.ts': "export const x = 'y';\n" });
    const biome = ['node_modules/@biomejs/biome/bin/biome', 'format', 'only'] as const;
    expect((await project.run(...biome)).code).toBe(0);
    await project.write({ 'only/bad.ts': 'export  const x = "y"\n' });
    expect((await project.run(...biome)).code).toBe(1);
    const outcome = await project.check('format');
    expect(outcome.code).toBe(1);
    expect(outcome.output).toContain('only/bad.ts');
  });
});

describe('the check of unused code', () => {
  test('names an unused export, an unused file, an unused package and an unlisted one', async () => {
    await using project = await makeProject('smallest');
    const manifest = { name: 'fixture', type: 'module', dependencies: { commander: '15.1.0' } };
    await project.write({
      'package.json': JSON.stringify(manifest),
      'src/cli/main.ts': "import pg from 'pg';\nimport { used } from './one.ts';\n\nused(pg);\n",
      'src/cli/one.ts': 'export function used(_x: unknown): void {}\nexport const nobodyUsesThis = 1;\n',
      'src/cli/nobody-imports-this.ts': 'export const x = 1;\n',
    });
    const outcome = await project.check('unused');
    expect(outcome.code).toBe(1);
    expect(outcome.output).toMatch(/Unused files[^]*src\/cli\/nobody-imports-this\.ts/);
    expect(outcome.output).toMatch(/Unused exports[^]*nobodyUsesThis/);
    expect(outcome.output).toMatch(/Unused dependencies[^]*commander/);
    expect(outcome.output).toMatch(/Unlisted dependencies[^]*pg/);
    expect(outcome.output).not.toMatch(/\bused\b.*one\.ts/);
  });
});

describe('the check of generated files', () => {
  test('fails on an outdated document, an outdated binary and an error code that is declared twice', async () => {
    await using project = await makeProject('everything');
    expect((await project.run('scripts/generate.ts')).code).toBe(0);
    const document = 'docs/errors.md';
    const binary = 'src/engine/postgres/fingerprint/row-hash/row-hash.generated.ts';
    for (const path of [document, binary]) await appendFile(join(project.path, path), '// written by hand\n');
    const outdated = await project.check('generated');
    expect(outdated.code).toBe(1);
    for (const path of [document, binary]) expect(outdated.output).toContain(`${path} is not what its source gives`);

    await project.write({
      'src/bad/errors.ts': [
        "import { declareErrors } from '../domain/error.ts';",
        "export const twice = declareErrors({ locked: { exit: 1, meaning: 'A.', remedy: 'B.' } });",
      ].join('\n'),
    });
    const twice = await project.check('generated');
    expect([twice.code, twice.output]).toEqual([1, expect.stringContaining('error code locked is declared in')]);
  });
});

describe('the check of the architecture', () => {
  test('fails when a forbidden import is added to a copy of the sources', async () => {
    await using project = await makeProject('everything');
    await project.write({ 'src/domain/bad.ts': "export { wallClock } from '../system/wall-clock.ts';\n" });
    const outcome = await project.check('architecture');
    expect(outcome.code).toBe(1);
    expect(outcome.output).toContain('src/domain/bad.ts:1: domain may not import system');
  });
});

test('a check that does not exist is an error, not a pass', async () => {
  await using project = await makeProject('smallest');
  expect((await project.check('typos')).code).toBe(2);
});
