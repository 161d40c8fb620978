/** How long a restore will take, from what restores took before. Nothing measured: no estimate, rather than a guess. */

export interface MeasuredRestore {
  readonly database: string;
  readonly engine: string;
  readonly plainBytes: number;
  readonly restoreMs: number;
}

export interface RestoreEstimate {
  readonly restoreMs: number;
  /** How it is known: `from 3 earlier restores of app`. */
  readonly basis: string;
}

/** Of a much smaller restore nearly all the time goes into what every restore needs: its speed says nothing. */
const comparableShare = 0.1;

/** `measured` newest first. Those of the same database count; only without any, those of the same engine. */
export function estimateRestore(
  wanted: { readonly database: string; readonly engine: string; readonly plainBytes: number },
  measured: readonly MeasuredRestore[],
): RestoreEstimate | null {
  const leastBytes = Math.max(1, wanted.plainBytes * comparableShare);
  const usable = measured.filter(
    (one) => one.engine === wanted.engine && one.restoreMs > 0 && one.plainBytes >= leastBytes,
  );
  const own = usable.filter((one) => one.database === wanted.database);
  const chosen = (own.length > 0 ? own : usable).slice(0, 5);
  const speeds = chosen.map((one) => one.plainBytes / one.restoreMs).sort((a, b) => a - b);
  // The slower of the two in the middle: better early than late.
  const bytesPerMs = speeds[Math.floor((speeds.length - 1) / 2)];
  if (bytesPerMs === undefined) return null;
  const count = chosen.length === 1 ? 'one earlier restore' : `${String(chosen.length)} earlier restores`;
  return {
    restoreMs: Math.round(wanted.plainBytes / bytesPerMs),
    basis: `from ${count} of ${own.length > 0 ? wanted.database : 'other databases'}`,
  };
}
