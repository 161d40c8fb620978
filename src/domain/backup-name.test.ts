import { describe, expect, it } from 'vitest';
import {
  backupId,
  checkDatabaseName,
  databaseNameFrom,
  isDatabaseName,
  isFileName,
  parseBackupId,
} from './backup-name.ts';

describe('names in a repository', () => {
  it('accepts names of databases and refuses those of other folders', () => {
    expect(['app', '0', 'a_b-c', 'x'.repeat(63)].every(isDatabaseName)).toBe(true);
    expect(['', 'App', '-a', 'a/b', '..', 'servers', 'audit', 'config', 'x'.repeat(64), 'ä'].some(isDatabaseName)).toBe(
      false,
    );
    expect(() => checkDatabaseName('config')).toThrow(/reserved/);
  });

  it('makes a name from any name a database has', () => {
    expect(databaseNameFrom('My App')).toBe('my-app');
    expect(databaseNameFrom('config')).toBe('config-db');
    expect(databaseNameFrom('__x')).toBe('x');
    expect(databaseNameFrom('ÄÖ')).toBe('database');
    expect(isDatabaseName(databaseNameFrom('Y'.repeat(200)))).toBe(true);
  });

  it('makes ids and reads them back', () => {
    const time = new Date('2026-11-21T02:00:00.999Z');
    const id = backupId(time, 'dump', 'k3f7');
    expect(id).toBe('20261121T020000Z-dump-k3f7');
    expect(parseBackupId(id)).toEqual({ time: new Date('2026-11-21T02:00:00Z'), kind: 'dump' });
    expect(['20261341T020000Z-dump-k3f7', '20261121T020000Z-copy-k3f7', `${id}x`, '..'].map(parseBackupId)).toEqual([
      null,
      null,
      null,
      null,
    ]);
  });

  it('lets no file name leave its folder', () => {
    expect(['a.dump.zst', 'SHA256SUMS'].every(isFileName)).toBe(true);
    expect(['', '.', '..', '../a', 'a/b', '.hidden', 'a b', 'a\n', 'a\\b'].some(isFileName)).toBe(false);
  });
});
