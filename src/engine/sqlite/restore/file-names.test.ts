import { expect, test } from 'vitest';
import { keptName, parseKeptName, parseRestoringName, restoringName } from './file-names.ts';

const time = new Date('2026-11-21T02:00:00Z');

test('a kept file carries the time, and a number when that is taken', () => {
  expect(keptName('/srv/dev.db', time)).toBe('/srv/dev.db.before_restore_20261121_020000');
  expect(keptName('/srv/dev.db', time, 1)).toBe('/srv/dev.db.before_restore_20261121_020000_2');
  expect(parseKeptName('/srv/dev.db', 'dev.db.before_restore_20261121_020000')).toEqual({
    replacedAt: time,
    number: 0,
  });
  expect(parseKeptName('/srv/dev.db', 'dev.db.before_restore_20261121_020000_2')).toEqual({
    replacedAt: time,
    number: 1,
  });
});

test.each([
  'dev.db',
  'dev.db.before_restore_20261121_020000-wal',
  'dev.db.before_restore_20261321_020000',
  'other.db.before_restore_20261121_020000',
  'dev.db.before_restore_',
])('%s is no kept file', (name) => {
  expect(parseKeptName('/srv/dev.db', name)).toBeNull();
});

test('an unfinished file tells whose it is, with its side files', () => {
  expect(restoringName('/srv/dev.db', 42, 'k3f9')).toBe('/srv/.dev.db.restoring-42-k3f9');
  expect(parseRestoringName('/srv/dev.db', '.dev.db.restoring-42-k3f9')).toBe(42);
  expect(parseRestoringName('/srv/dev.db', '.dev.db.restoring-42-k3f9-wal')).toBe(42);
  expect(parseRestoringName('/srv/dev.db', '.other.db.restoring-42-k3f9')).toBeNull();
});

test('a very long name is shortened so that the file system takes it, and is found again', () => {
  const path = `/srv/${'ü'.repeat(120)}.db`;
  const name = keptName(path, time).slice('/srv/'.length);
  expect(Buffer.byteLength(`${name}-journal`)).toBeLessThanOrEqual(255);
  expect(parseKeptName(path, name)?.replacedAt).toEqual(time);
});
