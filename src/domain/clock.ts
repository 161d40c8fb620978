/** Time is injected: nothing but `system/wall-clock.ts` asks the machine. */
export interface Clock {
  now(): Date;
  /** Milliseconds from a fixed point that never jumps; only differences mean something. */
  monotonicMs(): number;
  /** Resolves after so many milliseconds; rejects with the signal's reason when it aborts. */
  sleep(ms: number, signal: AbortSignal): Promise<void>;
}

/** `20261121T020000Z`: a time as backup folders and files carry it (UTC, seconds). */
export function compactTime(time: Date): string {
  return time.toISOString().replaceAll(/[-:]|\.\d+/g, '');
}

/** Reads what `compactTime` wrote; null when it is something else. */
export function parseCompactTime(text: string): Date | null {
  const parts = /^(\d{4})(\d{2})(\d{2})T(\d{2})(\d{2})(\d{2})Z$/.exec(text);
  if (parts === null) return null;
  const [, year, month, day, hour, minute, second] = parts;
  const time = new Date(`${year}-${month}-${day}T${hour}:${minute}:${second}Z`);
  return Number.isNaN(time.getTime()) || compactTime(time) !== text ? null : time;
}
