/**
 * Which backup a person means. `latest` and `@time` choose among whole backups that are not damaged, not labelled
 * `safety` and not on their way out; an id, or the beginning of one, names any.
 */

import type { Backup } from './backup.ts';
import { parseMoment } from './moment.ts';

export type BackupChoice =
  | { readonly kind: 'latest' }
  /** The newest that was finished by then. */
  | { readonly kind: 'finished-by'; readonly time: Date }
  | { readonly kind: 'id'; readonly prefix: string };

/** Throws `bad-time`, `ambiguous-time`. */
export function parseChoice(name: string, timeZone: string): BackupChoice {
  if (name === 'latest') return { kind: 'latest' };
  if (name.startsWith('@')) return { kind: 'finished-by', time: parseMoment(name.slice(1), timeZone) };
  return { kind: 'id', prefix: name };
}

/** True for a backup that `latest`, health and retention count. */
export function countsAsLatest(backup: Backup): boolean {
  return (
    backup.manifest.scope.kind === 'whole' &&
    backup.state !== 'damaged' &&
    backup.manifest.label !== 'safety' &&
    backup.hold.kind !== 'expired' &&
    // A tombstone that cannot be read is one all the same, for whoever looks for a backup to rely on.
    !backup.strangers.some((name) => name.startsWith('expired-'))
  );
}

/** Whether the backup is one that a choice without an id may fall on. */
export function isEligible(choice: Exclude<BackupChoice, { readonly kind: 'id' }>, backup: Backup): boolean {
  if (!countsAsLatest(backup)) return false;
  return choice.kind === 'latest' || Date.parse(backup.manifest.finished) <= choice.time.getTime();
}
