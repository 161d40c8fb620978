/** Per operation: what its success and its failure mean to somebody who only reads the message. */

import { formatBytes, formatDuration } from '../domain/amounts.ts';
import type { RestoreDeed, RunRecord, RunVerb } from '../domain/run.ts';

const actions: Readonly<Record<RunVerb, string>> = {
  backup: 'backup',
  verify: 'verification',
  drill: 'restore test',
  restore: 'restore',
  prune: 'expiry',
};

const failures: Readonly<Record<RunVerb, string>> = {
  backup: 'There is no new backup. Earlier ones are as they were.',
  verify: 'It is not known whether this backup is whole.',
  drill: 'This backup is not proven: nobody has seen it restore.',
  restore: 'The restore did not come to its end. No database was removed: a replaced one is kept under a dated name.',
  prune: 'Backups that should have gone may still be there. None that had to stay was removed.',
};

const sourceDamaged = 'The database itself is damaged: there is no new backup. Earlier ones are as they were.';
const salvaged = 'The database itself is damaged. This backup holds what still read of it, and a list of what did not.';

const restores: Readonly<Record<RestoreDeed, { readonly happened: string; readonly means: string }>> = {
  replaced: {
    happened: 'There was a restore in the place of',
    means: 'The restored database is in its place. The one it replaced is kept under a dated name.',
  },
  aside: {
    happened: 'There was a restore of',
    means: 'No database was replaced: what was restored stands beside what was there.',
  },
  tables: {
    happened: 'Tables were restored of',
    means: 'Tables that were replaced are kept under dated names.',
  },
  globals: {
    happened: 'Roles and settings of the server were restored from a backup of',
    means: 'What differed and was not to be replaced is as it was. No database was touched.',
  },
  undone: {
    happened: 'A restore was undone of',
    means: 'The database is as it was before. What the restore had put there is kept under a dated name.',
  },
  dropped: {
    happened: 'What earlier restores had kept was removed of',
    means: 'It is gone for good; the present database was not touched.',
  },
};

export function actionOf({ verb }: RunRecord): string {
  return actions[verb];
}

export function describeSuccess(run: RunRecord): string {
  const name = run.database ?? 'The database';
  const took = formatDuration(run.durationMs);
  const backup = run.backup === null ? 'the backups' : run.backup;
  switch (run.verb) {
    case 'backup':
      if (run.database === null)
        return `Every database of ${run.target ?? 'the server'} was backed up in ${took}${sizesOf(run)}.`;
      return `${name} was backed up in ${took}${sizesOf(run)}.`;
    case 'verify':
      return `Every byte of ${backup} of ${name} was read again in ${took} and is what was written.`;
    case 'drill':
      return `${run.backup ?? 'A backup'} of ${name} was restored aside and compared in ${took}.`;
    case 'restore':
      return `${restores[run.did ?? 'aside'].happened} ${name}${run.backup === null ? '' : `, from ${run.backup}`}; it took ${took}.`;
    case 'prune':
      return `Backups of ${name} expired as the rules say; it took ${took}.`;
  }
}

export function meaningOfSuccess(run: RunRecord): string {
  switch (run.verb) {
    case 'backup':
      return 'There is a new backup. It is stored, and not yet proven: a drill restores it aside and compares every row.';
    case 'verify':
      return 'The stored files are whole. Whether they restore, only a drill shows.';
    case 'drill':
      return run.state === 'proven'
        ? 'The backup is proven: what came back is equal to what was backed up.'
        : 'The backup could be restored. It is not called proven, because there was too little to compare with.';
    case 'restore':
      return restores[run.did ?? 'aside'].means;
    case 'prune':
      return 'The backups that the rules keep are all there.';
  }
}

export function meaningOfFailure(run: RunRecord): string {
  if (run.did === 'dropped')
    return 'Some of the databases that were kept may be gone. The present one was not touched.';
  if (run.exit === 15 && run.verb === 'backup') return run.backup === null ? sourceDamaged : salvaged;
  if (run.exit === 15) return 'Stored bytes of this backup are damaged: do not rely on it.';
  return failures[run.verb];
}

function sizesOf({ plainBytes, storedBytes }: RunRecord): string {
  if (plainBytes === null || storedBytes === null) return '';
  return `: ${formatBytes(plainBytes)} became ${formatBytes(storedBytes)}`;
}
