export interface RestoreEstimate {
  readonly restoreMs: number;
  /** How it is known: `from 3 earlier proofs of app`. */
  readonly basis: string;
}
