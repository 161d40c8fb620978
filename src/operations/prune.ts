/** Applies the rules for keeping backups to one database because somebody asked for it. */

import type { HoldfastError } from '../domain/error.ts';
import type { KeepRules } from '../domain/retention/keep-rules.ts';
import type { Work } from '../domain/work.ts';
import { operationErrors } from './errors.ts';
import { expire, type ExpiryResult } from './expiry.ts';
import type { Parts } from './parts.ts';

export interface PruneRequest {
  readonly database: string;
  /** Null: nothing goes. */
  readonly rules: KeepRules | null;
  /** Goes on although half of all would go, or the clock jumped. */
  readonly force: boolean;
  readonly dryRun: boolean;
}

/** Throws `no-repository` (10). What stopped it is in the result. */
export async function prune(request: PruneRequest, parts: Parts, work: Work): Promise<ExpiryResult> {
  const repository = await parts.repository({ create: false });
  return expire(repository, { ...request, by: 'prune', justMade: null }, parts, work);
}

/** The error the command ends with: `expiry-stopped` (1); null when nothing stopped any of them. */
export function pruneFailure(results: readonly ExpiryResult[]): HoldfastError | null {
  const stopped = results.flatMap((result) => result.stopped);
  const [first] = stopped;
  if (first === undefined) return null;
  return operationErrors.make('expiry-stopped', stopped.map(({ message }) => message).join('; '), { hint: first.hint });
}
