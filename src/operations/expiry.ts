/**
 * Applies the rules for keeping backups to one database (docs/format.md, "Expiry"): what no rule keeps gets a tombstone, and
 * is hidden; bytes go in a later run, when the grace period is over and everything was read again. No lock is held: two
 * runs at once write a tombstone twice, or find deleted what they meant to delete.
 */

import type { Backup, Catalog, UnfinishedBackup, UnreadableBackup } from '../domain/backup.ts';
import { nextHoldTime } from '../domain/backup-hold.ts';
import type { Finding } from '../domain/finding.ts';
import { planRetention, type Fate, type Verdict } from '../domain/retention-plan.ts';
import { findBrakes } from '../domain/retention/brakes.ts';
import { candidateOf, type Candidate } from '../domain/retention/candidate.ts';
import type { KeepRules } from '../domain/retention/keep-rules.ts';
import { judgeLeftover } from '../domain/retention/leftover.ts';
import type { Work } from '../domain/work.ts';
import type { Repository } from '../repository/repository.ts';
import type { Removed } from '../repository/sweep.ts';
import { nothingExpires } from './findings.ts';
import type { Parts } from './parts.ts';
import { markFacts } from './write-mark.ts';

export interface ExpiryRequest {
  readonly database: string;
  /** Null: nothing goes, and the findings say so. */
  readonly rules: KeepRules | null;
  /** The command, for the tombstones: `backup`, `prune`. */
  readonly by: string;
  /** The id of the backup that this run made; null for none. */
  readonly justMade: string | null;
  /** Goes on where a brake would stop. */
  readonly force: boolean;
  readonly dryRun: boolean;
}

export interface Decision {
  readonly backup: Backup;
  readonly fate: Fate;
  readonly reasons: readonly string[];
}

export interface SweptFolder {
  readonly id: string;
  readonly folder: string;
  readonly storedBytes: number;
  readonly reason: string;
}

export interface ExpiryResult {
  readonly database: string;
  readonly dryRun: boolean;
  /** Every backup with a readable manifest, newest first, and what was decided. */
  readonly decisions: readonly Decision[];
  /** Their manifests cannot be read: they stay, whatever the rules say. */
  readonly unreadable: readonly UnreadableBackup[];
  /** Why nothing of it was done; empty when it was. */
  readonly stopped: readonly Finding[];
  /** Ids that got a tombstone (in a dry run: would get one). */
  readonly expired: readonly string[];
  /** Ids whose bytes went. */
  readonly removed: readonly string[];
  readonly removedBytes: number;
  /** Unfinished folders that went. */
  readonly swept: readonly SweptFolder[];
  /** Backups that are neither expired nor removed. */
  readonly kept: number;
  readonly findings: readonly Finding[];
}

export async function expire(
  repository: Repository,
  request: ExpiryRequest,
  parts: Parts,
  work: Work,
): Promise<ExpiryResult> {
  const { database, rules, force, dryRun } = request;
  work.report({ kind: 'step', text: `applying the rules for keeping backups of ${database}` });
  const catalog = await repository.list({ database, newest: null }, work.signal);
  const now = parts.clock.now();
  const { candidates, verdicts } = await plan(repository, catalog, { request, now, timeZone: parts.timeZone }, work);
  const decisions = decide(catalog.backups, verdicts);
  const stopped =
    rules === null || force ? [] : findBrakes({ database, verdicts, candidates, justMade: request.justMade, now });
  const goesOn = rules !== null && stopped.length === 0;
  const doing: Doing = { repository, request, parts, work, isReal: goesOn && !dryRun };
  const wanted = (fate: Fate): readonly Backup[] =>
    goesOn ? decisions.filter((one) => one.fate === fate).map(({ backup }) => backup) : [];
  const expired = await entomb(wanted('expires'), decisions, doing);
  const removed = await remove(wanted('goes'), doing);
  return {
    database,
    dryRun,
    decisions,
    unreadable: catalog.unreadable,
    stopped,
    expired,
    ...removed,
    swept: goesOn ? await sweepLeftovers(catalog.unfinished, now, doing) : [],
    kept: decisions.filter(({ backup }) => backup.hold.kind !== 'expired').length - expired.length,
    findings: [...(rules === null ? [nothingExpires(database)] : []), ...ignoredTombstones(catalog.backups)],
  };
}

interface Doing {
  readonly repository: Repository;
  readonly request: ExpiryRequest;
  readonly parts: Parts;
  readonly work: Work;
  /** False: only says what it would do. */
  readonly isReal: boolean;
}

interface Circumstances {
  readonly request: ExpiryRequest;
  readonly now: Date;
  readonly timeZone: string;
}

/** Reads every `begin.json` only when something would go: nothing that another backup builds on may. */
async function plan(
  repository: Repository,
  catalog: Catalog,
  { request, now, timeZone }: Circumstances,
  work: Work,
): Promise<{ readonly candidates: readonly Candidate[]; readonly verdicts: readonly Verdict[] }> {
  const { rules, database } = request;
  const alone = catalog.backups.map((backup) => candidateOf(backup, null));
  const first = planRetention({ candidates: alone, rules, now, timeZone });
  if (!first.some(({ fate }) => fate === 'expires' || fate === 'goes')) return { candidates: alone, verdicts: first };
  const parents = await repository.parents(database, work.signal);
  const candidates = catalog.backups.map((backup) => candidateOf(backup, parents.neededBy(backup.manifest.id)));
  return { candidates, verdicts: planRetention({ candidates, rules, now, timeZone }) };
}

function decide(backups: readonly Backup[], verdicts: readonly Verdict[]): readonly Decision[] {
  return verdicts.flatMap(({ id, fate, reasons }) => {
    const backup = backups.find(({ manifest }) => manifest.id === id);
    return backup === undefined ? [] : [{ backup, fate, reasons }];
  });
}

async function entomb(
  backups: readonly Backup[],
  decisions: readonly Decision[],
  { repository, request, parts, work, isReal }: Doing,
): Promise<readonly string[]> {
  for (const { manifest, marks } of isReal ? backups : []) {
    const reason = decisions.find(({ backup }) => backup.manifest.id === manifest.id)?.reasons.join('; ') ?? '';
    const time = nextHoldTime(marks, parts.clock.now()).toISOString();
    const facts = { ...markFacts(manifest, parts), time, files: [] };
    await repository.addMark(request.database, { ...facts, kind: 'expired', reason, by: request.by }, work.signal);
  }
  return backups.map(({ manifest }) => manifest.id);
}

async function remove(
  backups: readonly Backup[],
  { repository, work, isReal }: Doing,
): Promise<Pick<ExpiryResult, 'removed' | 'removedBytes'>> {
  const removed: string[] = [];
  let removedBytes = 0;
  for (const { manifest } of backups) {
    const planned = manifest.artifacts.reduce((sum, { storedBytes }) => sum + storedBytes, 0);
    const gone = isReal ? await repository.removeExpired(manifest, work.signal) : { storedBytes: planned };
    if (gone === null) continue;
    removed.push(manifest.id);
    removedBytes += gone.storedBytes;
  }
  return { removed, removedBytes };
}

async function sweepLeftovers(
  unfinished: readonly UnfinishedBackup[],
  now: Date,
  { repository, work, isReal }: Doing,
): Promise<readonly SweptFolder[]> {
  const swept: SweptFolder[] = [];
  for (const one of unfinished) {
    const { goes, reason } = judgeLeftover(one, now);
    if (!goes) continue;
    const { id, folder } = one;
    const removeIt = (): Promise<Removed | null> =>
      one.hold.kind === 'expired'
        ? repository.removeExpired(one, work.signal)
        : repository.removeUnfinished(one, work.signal);
    const gone = isReal ? await removeIt() : one;
    if (gone !== null) swept.push({ id, folder, storedBytes: gone.storedBytes, reason });
  }
  return swept;
}

function ignoredTombstones(backups: readonly Backup[]): readonly Finding[] {
  return backups.flatMap(({ hold, folder, manifest }) => {
    if (hold.kind !== 'pinned' || !hold.hasTombstone) return [];
    const message = `${folder} is pinned: its tombstone is ignored`;
    return [{ severity: 'note', code: 'tombstone-ignored', message, hint: unpinHint(manifest) }];
  });
}

function unpinHint({ database, id }: Backup['manifest']): string {
  return `To leave it to the rules again: holdfast unpin ${database} ${id}`;
}
