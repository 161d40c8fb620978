/** Small objects added later beside a manifest: what was found out about a backup since it was made. */

import type { Finding } from './finding.ts';
import type { Comparison } from './fingerprint.ts';

interface MarkFacts {
  readonly format: 1;
  /** The backup it belongs to. */
  readonly id: string;
  /** ISO 8601, UTC: when it was found out. */
  readonly time: string;
  readonly host: string;
  readonly writer: string;
  /** The files of the backup it speaks about, in the order of the manifest. */
  readonly files: readonly string[];
}

/** Every byte of every file was read again and is what the manifest says. */
export interface VerifiedMark extends MarkFacts {
  readonly kind: 'verified';
  readonly durationMs: number;
  readonly storedBytes: number;
  readonly findings: readonly Finding[];
}

/** These files are not what the manifest says. */
export interface DamagedMark extends MarkFacts {
  readonly kind: 'damaged';
  /** The command that met it. */
  readonly foundBy: string;
  readonly problems: readonly DamageProblem[];
}

export interface DamageProblem {
  /** A file of the backup's folder. */
  readonly file: string;
  /** kebab-case, stable. */
  readonly code: string;
  readonly message: string;
}

/**
 * - `proven`: restored, equal to the fingerprint, every check held;
 * - `different`: restored, and not equal;
 * - `checks-failed`: restored and equal, but a check of the team's or of the engine's did not hold;
 * - `restored`: restored only: the backup has no fingerprint to compare with.
 */
export type ProofOutcome = 'proven' | 'different' | 'checks-failed' | 'restored';

/** What a team's own check asked, what it expected and what it got. */
export interface CheckResult {
  /** `SELECT count(*) FROM orders`, `newest orders.created_at`, `number of tables`. */
  readonly check: string;
  readonly expected: string;
  readonly actual: string;
  readonly ok: boolean;
}

/** The record of a drill. */
export interface ProofMark extends MarkFacts {
  readonly kind: 'proof';
  readonly outcome: ProofOutcome;
  /** `whole`, `schema only`, …: what the backup holds, and so what was proven. */
  readonly scope: string;
  /** Where it was restored: `throwaway PostgreSQL 17.11 server`. */
  readonly place: string;
  /** Null when there was nothing to compare with. */
  readonly comparison: Comparison | null;
  readonly checks: readonly CheckResult[];
  readonly findings: readonly Finding[];
  readonly restoreMs: number;
  readonly compareMs: number;
  readonly checksMs: number;
}

/** It stays, whatever the rules say. */
export interface PinMark extends MarkFacts {
  readonly kind: 'pin';
  /** In a person's words; null when none was given. */
  readonly reason: string | null;
}

/** It is left to the rules again. */
export interface UnpinMark extends MarkFacts {
  readonly kind: 'unpin';
  readonly reason: string | null;
}

/** A tombstone: hidden from now on, and gone when the grace period is over. */
export interface ExpiredMark extends MarkFacts {
  readonly kind: 'expired';
  /** Why no rule keeps it. */
  readonly reason: string;
  /** The command that put it there: `backup`, `prune`. */
  readonly by: string;
}

/** Marks that say whether a backup stays; they speak of the backup, not of its files. */
export type HoldMark = PinMark | UnpinMark | ExpiredMark;

export type Mark = VerifiedMark | DamagedMark | ProofMark | HoldMark;
