import { expect, test } from 'vitest';
import { isSqliteUrl, parseSqliteUrl } from './database-url.ts';

test.each([
  ['file:dev.db', 'dev.db', null],
  ['file:./dev.db', './dev.db', null],
  ['file:../data/dev.db?connection_limit=1&mode=ro', '../data/dev.db', null],
  ['file:/srv/dev.db', '/srv/dev.db', null],
  ['file:///srv/dev.db?mode=rw#part', '/srv/dev.db', null],
  ['file://localhost/srv/dev.db', '/srv/dev.db', null],
  ['FILE:dev%20one.db', 'dev one.db', null],
  ['file:100%.db', '100%.db', null],
  ['sqlite:dev.db', 'dev.db', null],
  ['sqlite:///srv/dev.db', '/srv/dev.db', 'srv/dev.db'],
  ['sqlite:////srv/dev.db', '/srv/dev.db', null],
  ['sqlite://dev.db', 'dev.db', null],
  ['sqlite3:db/dev.sqlite3', 'db/dev.sqlite3', null],
  ['./data/app.sqlite3', './data/app.sqlite3', null],
])('%s names a file', (url, path, otherPath) => {
  expect(isSqliteUrl(url)).toBe(true);
  expect(parseSqliteUrl(url)).toMatchObject({ path, otherPath });
});

test.each([
  'postgres://u:p@h/app.db',
  'mysql://h/a',
  'app',
  'postgresql://h/x?file=a.db',
  'libsql://x.db',
  'dbname=app.db',
])("%s is another engine's", (url) => {
  expect(isSqliteUrl(url)).toBe(false);
});

test.each([
  ['file:', 'sqlite-url-invalid'],
  ['file:?mode=ro', 'sqlite-url-invalid'],
  ['sqlite:///', 'sqlite-url-invalid'],
  ['file:data/', 'sqlite-url-invalid'],
  ['file:a%00b', 'sqlite-url-invalid'],
  ['sqlite::memory:', 'sqlite-in-memory'],
  ['file::memory:?cache=shared', 'sqlite-in-memory'],
  ['file:x?mode=memory', 'sqlite-in-memory'],
])('%s is refused', (url, code) => {
  expect(() => parseSqliteUrl(url)).toThrow(expect.objectContaining({ code }) as Error);
});
