import { mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { locateDatabase, type DatabaseFile } from './database-file.ts';
import { hasSqliteDatasource } from './prisma-schema.ts';

const schema = `// provider = "postgresql"
datasource db {
  provider = "sqlite"
  url      = env("DATABASE_URL")
}`;
let folder = '';

beforeEach(() => {
  folder = realpathSync(mkdtempSync(join(tmpdir(), 'hft-sqlite-file-')));
});
afterEach(() => {
  rmSync(folder, { recursive: true });
});

function put(name: string, text = 'x'): void {
  mkdirSync(dirname(join(folder, name)), { recursive: true });
  writeFileSync(join(folder, name), text);
}

function locate(url: string): DatabaseFile {
  return locateDatabase({ url, origin: 'test', baseDir: folder, environment: {} });
}

test('a relative path starts at the folder of the file that names it', () => {
  put('dev.db');
  const file = locate('file:./dev.db');
  expect(file).toMatchObject({ path: join(folder, 'dev.db'), name: 'dev.db', folder, findings: [] });
  expect(file.facts).toEqual([['path', `${join(folder, 'dev.db')} (relative to ${folder})`]]);
});

test.each([
  ['prisma/schema.prisma', 'prisma/schema.prisma', null],
  ['a schema beside it', 'schema.prisma', null],
  ['a folder of schemas', 'prisma/schema/base.prisma', null],
  ['what package.json says', 'db/my.prisma', '{"prisma":{"schema":"db/my.prisma"}}'],
])('with %s a relative path starts at the schema', (_what, place, packageJson) => {
  put(place, schema);
  if (packageJson !== null) put('package.json', packageJson);
  const path = join(folder, dirname(place), 'dev.db');
  const file = locate('file:./dev.db');
  expect(file.path).toBe(path);
  expect(file.facts.join()).toContain('as Prisma reads it');
});

test("a schema for another database, or a URL that is not of Prisma's form, changes nothing", () => {
  put('prisma/schema.prisma', schema.replace('"sqlite"', '"postgresql"'));
  expect(locate('file:./dev.db').path).toBe(join(folder, 'dev.db'));
  put('prisma/schema.prisma', schema);
  expect(locate('sqlite:dev.db').path).toBe(join(folder, 'dev.db'));
});

test('where the file is at one place only, that is it; where it is at both, the rule wins with a warning', () => {
  put('prisma/schema.prisma', schema);
  put('dev.db');
  expect(locate('file:./dev.db')).toMatchObject({ path: join(folder, 'dev.db'), findings: [] });
  put('prisma/dev.db');
  const both = locate('file:./dev.db');
  expect(both.path).toBe(join(folder, 'prisma/dev.db'));
  expect(both.findings).toMatchObject([{ severity: 'warning', code: 'sqlite-path-ambiguous' }]);
  expect(both.findings[0]?.message).toContain(join(folder, 'dev.db'));
});

test('two names of one file are not two files', () => {
  put('prisma/schema.prisma', schema);
  put('dev.db');
  symlinkSync('../dev.db', join(folder, 'prisma/dev.db'));
  expect(locate('file:./dev.db')).toMatchObject({ path: join(folder, 'dev.db'), findings: [] });
});

test('a symbolic link to a file that is gone means the place of that file', () => {
  mkdirSync(join(folder, 'data'));
  symlinkSync('data/real.db', join(folder, 'link.db'));
  symlinkSync('link.db', join(folder, 'second.db'));
  expect(locate('file:./second.db').path).toBe(join(folder, 'data/real.db'));
  symlinkSync('loop.db', join(folder, 'loop.db'));
  expect(locate('file:./loop.db').path).toBe(join(folder, 'loop.db'));
});

test('three slashes mean an absolute path, or with nothing there the relative one that some ORMs mean', () => {
  put('data/dev.db');
  expect(locate('sqlite:///data/dev.db').path).toBe(join(folder, 'data/dev.db'));
  expect(locate('sqlite:///nowhere/dev.db').path).toBe('/nowhere/dev.db');
});

test('the provider is read from code, not from comments', () => {
  expect(hasSqliteDatasource(schema)).toBe(true);
  expect(hasSqliteDatasource('// datasource db { provider = "sqlite" }')).toBe(false);
  expect(hasSqliteDatasource('generator c { provider = "sqlite" }')).toBe(false);
});
