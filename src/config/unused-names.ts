/** Names that the scripts of others read and that change nothing here yet: said, never passed over in silence. */

import type { Finding } from '../domain/finding.ts';
import type { EnvSource } from './env-source.ts';

const without: readonly (readonly [purpose: string, names: readonly string[]])[] = [
  ['backups stay on this machine', ['S3_BUCKET', 'AWS_S3_BUCKET', 'BACKUP_S3_BUCKET']],
  ['no log is archived', ['WAL_ARCHIVE_DIR']],
  ['no address answers a platform’s cron', ['CRON_SECRET']],
];

export function findUnusedNames(sources: readonly EnvSource[]): readonly Finding[] {
  return without.flatMap(([purpose, names]) => {
    const given = names.flatMap((name) => {
      const source = sources.find((each) => (each.names.get(name) ?? '') !== '');
      return source === undefined ? [] : [`${name} in ${source.label}`];
    });
    if (given.length === 0) return [];
    const finding: Finding = {
      severity: 'warning',
      code: 'setting-without-effect',
      message: `${given.join(', ')}: has no effect yet, ${purpose}`,
      hint: 'Keep the script that does this for now, or remove the setting.',
    };
    return [finding];
  });
}
