/** Holds a backup against every rule, or leaves it to the rules again. A pin also rescues one that is on its way out. */

import type { Backup } from '../domain/backup.ts';
import { nextHoldTime } from '../domain/backup-hold.ts';
import { HoldfastError } from '../domain/error.ts';
import type { Finding } from '../domain/finding.ts';
import type { Work } from '../domain/work.ts';
import type { Repository } from '../repository/repository.ts';
import { operationErrors } from './errors.ts';
import type { Parts } from './parts.ts';
import { markFacts } from './write-mark.ts';

export interface PinRequest {
  readonly kind: 'pin' | 'unpin';
  /** Null: the only one there is. */
  readonly database: string | null;
  readonly backup: string;
  /** In a person's words. */
  readonly reason: string | null;
  readonly dryRun: boolean;
}

export interface PinResult {
  /** As it is now; in a dry run as it was. */
  readonly backup: Backup;
  /** False: it was so already, and nothing was written. */
  readonly changed: boolean;
  readonly findings: readonly Finding[];
}

/** Throws `no-repository` (10), `backup-not-found` (13), `manifest-damaged` (15), `pin-lost` (1). */
export async function pin(request: PinRequest, parts: Parts, work: Work): Promise<PinResult> {
  const { kind, database, reason, dryRun } = request;
  const repository = await parts.repository({ create: false });
  const found = await repository.find({ name: request.backup, database, timeZone: parts.timeZone }, work.signal);
  const { manifest, marks, hold } = found;
  if (!changes(request, found)) return { backup: found, changed: false, findings: [] };
  const findings = kind === 'pin' && hold.kind === 'expired' ? [rescued(found)] : [];
  if (dryRun) return { backup: found, changed: true, findings };
  const time = nextHoldTime(marks, parts.clock.now()).toISOString();
  await repository.addMark(
    manifest.database,
    { ...markFacts(manifest, parts), time, files: [], kind, reason },
    work.signal,
  );
  return { backup: await findAgain(repository, found, parts, work), changed: true, findings };
}

/** A second pin says something only with another reason. */
function changes({ kind, reason }: PinRequest, { hold }: Backup): boolean {
  if (kind === 'unpin') return hold.kind === 'pinned';
  return hold.kind !== 'pinned' || (reason !== null && reason !== hold.reason);
}

/** Another run may have begun to delete it just before the pin was there. */
async function findAgain(repository: Repository, { manifest }: Backup, parts: Parts, work: Work): Promise<Backup> {
  const { id: name, database } = manifest;
  try {
    return await repository.find({ name, database, timeZone: parts.timeZone }, work.signal);
  } catch (thrown) {
    if (!(thrown instanceof HoldfastError) || thrown.code !== 'backup-not-found') throw thrown;
    throw operationErrors.make('pin-lost', `${name} was deleted while it was being pinned`, { cause: thrown });
  }
}

function rescued({ folder }: Backup): Finding {
  const message = `${folder} was on its way out: its tombstone is ignored from now on`;
  return { severity: 'note', code: 'tombstone-ignored', message, hint: '' };
}
