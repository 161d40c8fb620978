/** Several backups, read again one after the other: a damaged one does not keep the others from being read. */

import { HoldfastError } from '../domain/error.ts';
import type { Work } from '../domain/work.ts';
import { listBackups } from '../operations/list-backups.ts';
import type { Parts } from '../operations/parts.ts';
import { verify, verifyFailure, type VerifyResult } from '../operations/verify.ts';
import type { Chosen } from './choose.ts';
import { sizeLimitsOf } from './size-limits.ts';

export interface NamedBackup {
  readonly database: string | null;
  readonly backup: string;
}

export interface VerifyListener {
  /** Called after each that could be read. */
  verified(result: VerifyResult): void;
  /** Called for each whose manifest itself is damaged. */
  unreadable(backup: string, error: HoldfastError): void;
}

export interface VerifiedEach {
  readonly results: readonly VerifyResult[];
  /** Of the first that is damaged. */
  readonly failure: HoldfastError | null;
}

/** Every backup that was finished, readable or not. */
export async function everyBackup(database: string | null, parts: Parts, work: Work): Promise<readonly NamedBackup[]> {
  const found = await listBackups({ database, limit: null }, parts, work);
  const readable = found.backups.map(({ manifest }) => ({ database: manifest.database, backup: manifest.id }));
  return [...readable, ...found.unreadable.map(({ database: owner, id }) => ({ database: owner, backup: id }))];
}

/** Throws what stops the reading; damage is in the result, unless only one was wanted and its manifest is damaged. */
export async function verifyEach(
  wanted: readonly NamedBackup[],
  { configuration }: Pick<Chosen, 'configuration'>,
  listener: VerifyListener,
  parts: Parts,
  work: Work,
): Promise<VerifiedEach> {
  const sizeLimits = sizeLimitsOf(configuration.sizes);
  const results: VerifyResult[] = [];
  let failure: HoldfastError | null = null;
  for (const each of wanted) {
    try {
      const result = await verify({ ...each, sizeLimits }, parts, work);
      results.push(result);
      listener.verified(result);
      failure ??= verifyFailure(result);
    } catch (thrown) {
      if (wanted.length === 1 || !(thrown instanceof HoldfastError) || thrown.exit !== 15) throw thrown;
      failure ??= thrown;
      listener.unreadable(each.backup, thrown);
    }
  }
  return { results, failure };
}
