/**
 * The rules, applied after a backup was made. The backup stands whatever comes of it: what goes wrong here is a warning
 * beside a good backup, never a failed one.
 */

import { HoldfastError, messageOf } from '../domain/error.ts';
import type { Finding } from '../domain/finding.ts';
import type { Manifest } from '../domain/manifest.ts';
import type { KeepRules } from '../domain/retention/keep-rules.ts';
import type { Work } from '../domain/work.ts';
import type { Repository } from '../repository/repository.ts';
import { expire, type ExpiryResult } from './expiry.ts';
import { nothingExpires } from './findings.ts';
import type { Parts } from './parts.ts';

export interface ExpiryAfterBackup {
  /** Null: no rule is set, or it failed; the findings say which. */
  readonly result: ExpiryResult | null;
  readonly findings: readonly Finding[];
}

export async function expireAfterBackup(
  repository: Repository,
  { database, id }: Manifest,
  rules: KeepRules | null,
  parts: Parts,
  work: Work,
): Promise<ExpiryAfterBackup> {
  if (rules === null) return { result: null, findings: [nothingExpires(database)] };
  try {
    const request = { database, rules, by: 'backup', justMade: id, force: false, dryRun: false };
    const result = await expire(repository, request, parts, work);
    return { result, findings: [...result.stopped, ...result.findings] };
  } catch (thrown) {
    work.signal.throwIfAborted();
    return { result: null, findings: [failed(thrown)] };
  }
}

function failed(thrown: unknown): Finding {
  return {
    severity: 'warning',
    code: 'expiry-failed',
    message: `the backup is made, but older ones could not be let go: ${messageOf(thrown)}`,
    hint: thrown instanceof HoldfastError ? thrown.hint : 'Try it by itself: holdfast prune.',
  };
}
