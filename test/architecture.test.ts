import { describe, expect, test } from 'vitest';
import { importTable } from './architecture/import-table.ts';
import { judge, type SourceFiles } from './architecture/judge.ts';
import { readSources } from './architecture/read-sources.ts';

const sources = await readSources();

const present = judge(sources, importTable);

/** What else is wrong once a file is added. */
function complaintsAbout(path: string, text: string): readonly string[] {
  const files: SourceFiles = new Map([...sources, [path, text]]);
  return judge(files, importTable).filter((complaint) => !present.includes(complaint));
}

test('every import of the source is listed in the import table, and every listed one is used', () => {
  expect(present).toEqual([]);
});

describe('the architecture test fails when', () => {
  test.each([
    [
      'a lower layer imports a higher one',
      'src/domain/bad.ts',
      `import { x } from '../system/wall-clock.ts';`,
      'domain may not import system',
    ],
    [
      'it does so for a type only',
      'src/domain/bad.ts',
      `import type { X } from '../storage/store.ts';`,
      'domain may not import storage',
    ],
    [
      'it does so lazily',
      'src/storage/bad.ts',
      `const x = await import('../engine/engine.ts');`,
      'storage may not import engine',
    ],
    [
      'it does so by a re-export',
      'src/codec/bad.ts',
      `export * from '../operations/parts.ts';`,
      'codec may not import operations',
    ],
    [
      'it does so inside a type',
      'src/codec/bad.ts',
      `type X = import('../storage/store.ts').Store;`,
      'codec may not import storage',
    ],
    [
      'the engine imports the repository',
      'src/engine/bad.ts',
      `import '../repository/errors.ts';`,
      'engine may not import repository',
    ],
    [
      'operations import a concrete engine',
      'src/operations/bad.ts',
      `import '../engine/postgres/errors.ts';`,
      'operations may not import engine/postgres',
    ],
    [
      'a package is used outside its home',
      'src/operations/bad.ts',
      `import pg from 'pg';`,
      'operations may not import package pg',
    ],
    [
      'a package is listed nowhere',
      'src/cli/bad.ts',
      `import x from '@scope/left-pad/deep';`,
      'cli may not import package @scope/left-pad',
    ],
    [
      'the domain asks the machine',
      'src/domain/bad.ts',
      `import { readFileSync } from 'node:fs';`,
      'domain may not import node:fs',
    ],
    [
      'an import is computed',
      'src/cli/bad.ts',
      `const x = await import(process.argv[2]);`,
      'imports something computed',
    ],
    [
      'source imports a test',
      'src/cli/bad.ts',
      `import '../../test/harness/cli.ts';`,
      'src may not import test/harness/cli.ts',
    ],
    [
      'an operation names an engine',
      'src/operations/bad.ts',
      `export const readPostgresFacts = 1;`,
      'operations may not name postgres',
    ],
    [
      'an operation names an engine in a string',
      'src/operations/bad.ts',
      'export const x = `an sqlite file ${1}`;',
      'operations may not name sqlite',
    ],
    ['a file lies outside every folder', 'src/misc/bad.ts', '', 'lies in no folder of the import table'],
    ['a file has 401 lines', 'src/cli/bad.ts', '// line\n'.repeat(401), '401 lines, 400 are allowed'],
    ['a folder gets a barrel', 'src/cli/index.ts', '', 'a file is named for its one idea'],
  ])('%s', (_case, path, text, complaint) => {
    expect(complaintsAbout(path, text)).toContainEqual(expect.stringContaining(complaint));
  });

  test('an edge is listed that nobody uses', () => {
    const table = {
      ...importTable,
      folders: { ...importTable.folders, codec: [...(importTable.folders['codec'] ?? []), 'cli'] },
    };
    expect(judge(sources, table)).toContain('codec → cli is listed, and nobody uses it');
  });

  test('a package is listed that nobody uses', () => {
    const table = { ...importTable, packages: { ...importTable.packages, 'left-pad': ['cli'] } };
    expect(judge(sources, table)).toContain('cli ⇒ left-pad is listed, and nobody uses it');
  });
});
