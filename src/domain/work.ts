/** How a long action talks to whoever started it: it reports, and it stops when asked. */

export type ProgressEvent =
  /** A new step begins, in words: `reading app`, `comparing 26 tables`. */
  | { readonly kind: 'step'; readonly text: string }
  /** Bytes of the present step; `totalBytes` is null when nobody can know it. */
  | { readonly kind: 'bytes'; readonly doneBytes: number; readonly totalBytes: number | null }
  /** A line worth keeping in the log. */
  | { readonly kind: 'note'; readonly level: 'info' | 'warn'; readonly text: string };

export interface Work {
  /** Aborted by Ctrl-C, a deadline or a failure beside us. Whoever holds something releases it in `finally`. */
  readonly signal: AbortSignal;
  report(event: ProgressEvent): void;
}
