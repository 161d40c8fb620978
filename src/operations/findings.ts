/** Lists of findings from several places, put together. */

import type { HoldfastError } from '../domain/error.ts';
import type { Finding } from '../domain/finding.ts';
import type { UnfinishedBackup } from '../domain/backup.ts';
import { countOf, formatBytes, formatDuration } from '../domain/amounts.ts';
import { operationErrors } from './errors.ts';

/** In the order given, each only once. */
export function mergeFindings(...lists: readonly (readonly Finding[])[]): readonly Finding[] {
  const seen = new Set<string>();
  return lists.flat().filter(({ code, message }) => {
    const key = `${code} ${message}`;
    if (seen.has(key)) return false;
    seen.add(key);
    return true;
  });
}

/** The error for what blocks; null when nothing does. */
export function blockingError(
  code: 'not-ready' | 'restore-blocked' | 'backup-too-small',
  findings: readonly Finding[],
): HoldfastError | null {
  const [first, ...others] = findings.filter((finding) => finding.severity === 'blocking');
  if (first === undefined) return null;
  const more = others.map(({ message }) => `; ${message}`).join('');
  return operationErrors.make(code, `${first.message}${more}`, first.hint === '' ? {} : { hint: first.hint });
}

/** What interrupted runs left in the repository, named. */
export function unfinishedFindings(unfinished: readonly UnfinishedBackup[]): readonly Finding[] {
  return unfinished
    .filter((one) => one.process !== 'running')
    .map((one) => {
      if (one.hold.kind === 'expired') return halfDeleted(one);
      const by = one.begin === null ? '' : ` by process ${String(one.begin.pid)} on ${one.begin.host}`;
      const age = one.ageMs === null ? '' : `, ${formatDuration(Math.max(0, one.ageMs))} ago`;
      const what = `${formatBytes(one.storedBytes)} in ${countOf(one.files, 'file')}`;
      return {
        severity: 'note',
        code: 'unfinished-backup',
        message: `${one.folder} was begun${by}${age} and never finished (${what})`,
        hint:
          one.process === 'dead'
            ? 'It is not a backup, and its process is gone: the folder can be deleted.'
            : 'It is not a backup. Delete the folder when you are sure that nothing is writing it any more.',
      };
    });
}

function halfDeleted({ folder }: UnfinishedBackup): Finding {
  return {
    severity: 'note',
    code: 'half-deleted',
    message: `${folder} expired, and its deletion was begun and not finished`,
    hint: 'The next backup or holdfast prune deletes the rest.',
  };
}

/** Said by whatever would apply rules and has none. */
export function nothingExpires(database: string): Finding {
  return {
    severity: 'note',
    code: 'nothing-expires',
    message: `no rule says how long backups of ${database} are kept: nothing is deleted`,
    hint: 'Set keep: in holdfast.yaml, for example keep: {daily: 30, monthly: 12}.',
  };
}
