/** One execution of an operation, whoever started it: what it worked on, how it ended, what it left to weigh. */

import type { BackupState } from './backup.ts';
import type { ExitCode } from './error.ts';
import { hasWarnings, type Finding } from './finding.ts';

export const runVerbs = ['backup', 'verify', 'drill', 'restore', 'prune'] as const;
export type RunVerb = (typeof runVerbs)[number];

/**
 * - `done`, `warnings`: it did what it should;
 * - `failed`: it did not, for the reason in `error`;
 * - `interrupted`: a signal stopped it;
 * - `refused`: declined at the question, or mistyped: nothing was begun, and nobody has to be told.
 */
export type RunOutcome = 'done' | 'warnings' | 'failed' | 'interrupted' | 'refused';

/** What is known when a run begins. */
export interface RunStart {
  /** `20261121T020000Z-backup-k3f9` */
  readonly id: string;
  readonly verb: RunVerb;
  /** The name in the repository; null until it is known. */
  readonly database: string | null;
  readonly repository: string | null;
  /** ISO 8601, UTC. */
  readonly started: string;
  readonly host: string;
  readonly writer: string;
  readonly pid: number;
  /** Clock ticks from the machine's start to the process's; null where the system does not tell. */
  readonly startedTicks: number | null;
}

/** What a run worked on; null is not known, or does not apply. */
export interface RunSubject {
  readonly database: string | null;
  /** Address without a password. */
  readonly target: string | null;
  /** The backup's id. */
  readonly backup: string | null;
  /** What is known of that backup at the end of the run. */
  readonly state: BackupState | null;
  readonly plainBytes: number | null;
  readonly storedBytes: number | null;
  readonly files: number | null;
  /** Of a restore: what it did. */
  readonly did: RestoreDeed | null;
}

/** `aside`: nothing was replaced; `globals`: roles and settings of the server only; `undone`, `dropped`: with what an earlier restore had kept. */
export const restoreDeeds = ['replaced', 'aside', 'tables', 'globals', 'undone', 'dropped'] as const;
export type RestoreDeed = (typeof restoreDeeds)[number];

export interface RunError {
  readonly code: string;
  readonly message: string;
  readonly hint: string;
}

export interface RunRecord extends RunStart, RunSubject {
  /** ISO 8601, UTC. */
  readonly finished: string;
  readonly durationMs: number;
  readonly outcome: RunOutcome;
  readonly exit: ExitCode;
  readonly error: RunError | null;
  readonly findings: readonly Finding[];
}

export const unknownSubject: RunSubject = {
  database: null,
  target: null,
  backup: null,
  state: null,
  plainBytes: null,
  storedBytes: null,
  files: null,
  did: null,
};

/** It did what it should, perhaps with warnings. */
export function isSuccess({ outcome }: Pick<RunRecord, 'outcome'>): boolean {
  return outcome === 'done' || outcome === 'warnings';
}

/** The record with what was noticed after the work itself was over; that never makes a failure of a success. */
export function withFindings(record: RunRecord, added: readonly Finding[]): RunRecord {
  const findings = [...record.findings, ...added];
  if (record.outcome !== 'done' || !hasWarnings(added)) return { ...record, findings };
  return { ...record, findings, outcome: 'warnings', exit: 3 };
}
