import { expect, it } from 'vitest';
import { databaseNameOf } from './database-name.ts';

it.each([
  ['postgres://u:p@h:5432/app', 'app'],
  ['postgresql://u:p@h/My%20Shop?schema=public', 'my-shop'],
  ['postgres://u:p/a@ss?#@h/App', 'app'],
  ['postgres:///Servers', 'servers-db'],
  ['host=db dbname=App_1', 'app_1'],
  ['file:./prisma/dev.db?connection_limit=1', 'dev'],
  ['sqlite:/srv/data/Main.sqlite3', 'main'],
  ['postgres://h', 'database'],
])('names the database of %s %s', (url, name) => {
  expect(databaseNameOf(url)).toBe(name);
});
