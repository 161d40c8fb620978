import { expect, test } from 'vitest';
import { renameIndex, renameTrigger, terminated } from './sql-tokens.ts';

test.each([
  ['CREATE VIEW v AS SELECT 1', 'CREATE VIEW v AS SELECT 1;'],
  ['CREATE VIEW v AS SELECT 1 -- end', 'CREATE VIEW v AS SELECT 1 -- end\n;'],
  ['CREATE VIEW v AS SELECT 1 -- end\n', 'CREATE VIEW v AS SELECT 1 -- end\n;'],
  ['CREATE VIEW v AS SELECT 1 /* open', 'CREATE VIEW v AS SELECT 1 /* open*/;'],
  ['CREATE VIEW v AS SELECT 1 /* shut */', 'CREATE VIEW v AS SELECT 1 /* shut */;'],
  ['CREATE VIEW v AS SELECT \'-- no\', "/* no", [--], `--`', 'CREATE VIEW v AS SELECT \'-- no\', "/* no", [--], `--`;'],
])('%j ends with a semicolon that counts', (sql, expected) => {
  expect(terminated(sql)).toBe(expected);
});

test.each([
  ['CREATE INDEX i ON t (a)', 'CREATE INDEX "n" ON t (a)'],
  ['CREATE UNIQUE INDEX "index" on t (a)', 'CREATE UNIQUE INDEX "n" on t (a)'],
  ['CREATE INDEX[i j]ON t (a)', 'CREATE INDEX"n"ON t (a)'],
  ['CREATE INDEX /* INDEX x */ größe ON t (a)', 'CREATE INDEX /* INDEX x */ "n" ON t (a)'],
])('%s gets another name', (sql, expected) => {
  expect(renameIndex(sql, '"n"')).toBe(expected);
});

test.each([
  [
    'CREATE TRIGGER g AFTER INSERT ON t BEGIN DELETE FROM t; END',
    'CREATE TRIGGER "n" AFTER INSERT ON "k" BEGIN DELETE FROM t; END',
  ],
  [
    'CREATE TRIGGER "on" UPDATE OF "on", b ON [t u] BEGIN SELECT 1; END',
    'CREATE TRIGGER "n" UPDATE OF "on", b ON "k" BEGIN SELECT 1; END',
  ],
  [
    'CREATE TRIGGER trigger -- on\n BEFORE DELETE /* on */ on "t"BEGIN SELECT 1; END',
    'CREATE TRIGGER "n" -- on\n BEFORE DELETE /* on */ on "k"BEGIN SELECT 1; END',
  ],
])('%j goes to another table', (sql, expected) => {
  expect(renameTrigger(sql, '"n"', '"k"')).toBe(expected);
});
