import { describe, expect, test } from 'vitest';
import { timeInName } from './time-in-name.ts';

describe('timeInName', () => {
  test.each([
    ['globalrx_backup_20261120_020000.sql', '2026-11-20T01:00:00.000Z'],
    ['globalrx_backup_20261120_020000_compressed.sql.gz', '2026-11-20T01:00:00.000Z'],
    ['2026/11/20/globalrx_backup_20261120_020000_custom.dump', '2026-11-20T01:00:00.000Z'],
    ['joffre_backup_20261120-020000.sql.gz', '2026-11-20T01:00:00.000Z'],
    ['schema_2026-11-20_02-00-00.sql.gz', '2026-11-20T01:00:00.000Z'],
    ['daily/nutrivault_backup_20261120_020000.dump.gz', '2026-11-20T01:00:00.000Z'],
    ['pre_deploy_20260720_020000.dump', '2026-07-20T00:00:00.000Z'],
    ['chaindb_20261120T020000Z.dump.gz', '2026-11-20T02:00:00.000Z'],
    ['chaindb_20261120020000.dump', '2026-11-20T01:00:00.000Z'],
    ['backup_postgres_2026-11-20T02-00-00-000Z.sql.gz', '2026-11-20T02:00:00.000Z'],
    ['backup_sqlite_2026-11-20T02-00-00.db.gz', '2026-11-20T01:00:00.000Z'],
    ['backup_postgres_2026-11-20T02:00:00.000Z.sql.gz', '2026-11-20T02:00:00.000Z'],
    ['dev.db.before_restore_20261120_0200', '2026-11-20T01:00:00.000Z'],
    ['app-2026-11-20.sql', '2026-11-19T23:00:00.000Z'],
    ['app_1763600000.sql', '2025-11-20T00:53:20.000Z'],
    ['app_1763600000123.sql', '2025-11-20T00:53:20.123Z'],
    ['2026/11/20/app.sql', '2026-11-19T23:00:00.000Z'],
  ])('reads %s', (path, expected) => {
    expect(timeInName(path, 'Europe/Berlin')?.toISOString()).toBe(expected);
  });

  test.each(['app.sql', 'app-v12.dump', 'app_20261399_990000.sql', 'order-12345678901.sql', '99999999/app.sql'])(
    'finds no time in %s',
    (path) => {
      expect(timeInName(path, 'UTC')).toBeNull();
    },
  );

  test('takes a time that a clock change makes double as it stands', () => {
    expect(timeInName('app_20261025_023000.sql', 'Europe/Berlin')?.toISOString()).toBe('2026-10-25T02:30:00.000Z');
  });
});
