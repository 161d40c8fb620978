/** What the archive scanner and its worker thread say to each other. */

import type { SentError } from '../fingerprint/sent-error.ts';
import type { WasmMemory } from '../fingerprint/row-hash/web-assembly.ts';
import type { ArchiveScan } from './archive-scan.ts';
import type { ArchiveToc } from './toc.ts';

export interface ScanWorkerData {
  readonly memory: WasmMemory;
  readonly hashRows: boolean;
}

export type ScanRequest =
  | { readonly kind: 'take'; readonly slot: number; readonly position: number; readonly length: number }
  | { readonly kind: 'finish' };

export type ScanReply =
  | { readonly kind: 'taken'; readonly slot: number }
  | { readonly kind: 'toc'; readonly toc: ArchiveToc }
  | { readonly kind: 'scan'; readonly scan: ArchiveScan }
  | { readonly kind: 'failed'; readonly error: SentError };
