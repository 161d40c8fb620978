/** What the copy reader and its worker threads say to each other. */

import type { PgAddress } from '../../connection/address.ts';
import type { HashableTable } from './copy-query.ts';
import type { SentError } from '../sent-error.ts';

export interface CopyWorkerData {
  readonly address: PgAddress;
  /** An exported snapshot to read in; null reads in one of its own. */
  readonly snapshot: string | null;
  readonly encoding: string;
}

export type CopyRequest =
  | { readonly kind: 'measure'; readonly tables: readonly HashableTable[] }
  | { readonly kind: 'hash'; readonly index: number; readonly table: HashableTable }
  | { readonly kind: 'close' }
  | { readonly kind: 'stop'; readonly reason: string };

export type CopyReply =
  | { readonly kind: 'measured'; readonly bytes: readonly number[] }
  | { readonly kind: 'hashed'; readonly index: number; readonly rows: number; readonly sum: bigint }
  | { readonly kind: 'failed'; readonly error: SentError };
