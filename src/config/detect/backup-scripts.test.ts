import { describe, expect, it } from 'vitest';
import { findBackupLines, makesBackups } from './backup-scripts.ts';

describe('makesBackups', () => {
  it.each([
    'set -e\npg_dump "$DATABASE_URL" | gzip > x.sql.gz',
    'docker exec db pg_dumpall > x',
    `sqlite3 dev.db ".backup x.db"`,
  ])('sees it in %j', (text) => {
    expect(makesBackups(text)).toBe(true);
  });

  it.each(['# pg_dump was here', 'npm test', 'sqlite3 dev.db "select 1"'])('does not see it in %j', (text) => {
    expect(makesBackups(text)).toBe(false);
  });
});

describe('findBackupLines', () => {
  it('gives the lines that make backups', () => {
    const crontab = `MAILTO=ops@example.com\n# 0 1 * * * backup.sh\n0 2 * * * /srv/backup.sh daily\n@daily pg_dump app > /x\n5 4 * * * certbot renew\n`;
    expect(findBackupLines(crontab)).toEqual(['0 2 * * * /srv/backup.sh daily', '@daily pg_dump app > /x']);
  });
});
