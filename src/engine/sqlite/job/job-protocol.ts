/**
 * Work on a SQLite file happens in a process of its own. A call into SQLite cannot be interrupted from JavaScript, and
 * POSIX locks belong to a process: any open-and-close of the same file elsewhere in it would drop the locks that a running
 * copy relies on (https://sqlite.org/howtocorrupt.html, 2.2). A process can be killed at any moment, and locks alone.
 *
 * Over the pipes: one line of JSON in (the job), lines of JSON out (messages, the last a result or an error).
 */

import type { Clock } from '../../../domain/clock.ts';
import type { Finding } from '../../../domain/finding.ts';
import type { Fingerprint, TableFingerprint } from '../../../domain/fingerprint.ts';
import type { ProgressEvent } from '../../../domain/work.ts';
import type { DamageRequest, DamageResult } from '../damage/damage-job.ts';
import type { CopyRequest, CopyResult } from '../image/copy-database.ts';
import type { Description } from '../image/describe-database.ts';
import type { SwapRequest, SwapResult } from '../restore/swap-files.ts';
import type { TablesRequest, TablesResult } from '../tables/table-job.ts';

/** A private file that nobody writes is read without locks and side files; any other the ordinary way. */
export interface ReadRequest {
  readonly path: string;
  readonly isPrivate: boolean;
}

export interface FingerprintRequest extends ReadRequest {
  readonly mode: Fingerprint['mode'];
  /** Whose columns, in their order, are hashed; null for every table's own. */
  readonly expected: readonly TableFingerprint[] | null;
}

export interface FingerprintResult {
  readonly fingerprint: Fingerprint;
  /** Tables that could be read in part or not at all. */
  readonly findings: readonly Finding[];
}

export interface QueryRequest extends ReadRequest {
  readonly sql: string;
}

export type QueryRows = readonly (readonly (string | null)[])[];

export interface Jobs {
  readonly describe: { readonly request: ReadRequest; readonly result: Description };
  readonly copy: { readonly request: CopyRequest; readonly result: CopyResult };
  readonly fingerprint: { readonly request: FingerprintRequest; readonly result: FingerprintResult };
  readonly check: { readonly request: ReadRequest; readonly result: readonly Finding[] };
  readonly query: { readonly request: QueryRequest; readonly result: QueryRows };
  readonly dump: { readonly request: ReadRequest; readonly result: null };
  readonly tidy: { readonly request: { readonly path: string }; readonly result: null };
  readonly swap: { readonly request: SwapRequest; readonly result: SwapResult };
  readonly damage: { readonly request: DamageRequest; readonly result: DamageResult };
  readonly tables: { readonly request: TablesRequest; readonly result: TablesResult };
}

export type JobName = keyof Jobs;

export type JobCall = { readonly [N in JobName]: { readonly name: N; readonly request: Jobs[N]['request'] } }[JobName];

export type JobMessage =
  | { readonly type: 'progress'; readonly event: ProgressEvent }
  /** A piece of the text that the job makes. */
  | { readonly type: 'text'; readonly text: string }
  | { readonly type: 'result'; readonly value: unknown }
  | { readonly type: 'error'; readonly code: string; readonly message: string; readonly hint: string | null };

/** What a job has besides its request. */
export interface JobReport {
  readonly clock: Clock;
  progress(event: ProgressEvent): void;
  text(text: string): void;
}
