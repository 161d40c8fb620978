/** Amounts as people write them: `30s`, `26h`, `1.5GB`, `50%`. Null when the text is none. */

const msPerUnit: Readonly<Record<string, number>> = {
  ms: 1,
  s: 1000,
  m: 60_000,
  min: 60_000,
  h: 3_600_000,
  d: 86_400_000,
  w: 604_800_000,
};

const dayMs = 86_400_000;

/** Months and years at their longest: who keeps a backup for a month does not mean to lose it on its last day. */
const ageMsPerUnit: Readonly<Record<string, number>> = {
  h: 3_600_000,
  d: dayMs,
  w: 7 * dayMs,
  mo: 31 * dayMs,
  y: 366 * dayMs,
};

const bytesPerUnit: Readonly<Record<string, number>> = {
  '': 1,
  b: 1,
  k: 1e3,
  kb: 1e3,
  kib: 1024,
  m: 1e6,
  mb: 1e6,
  mib: 1024 ** 2,
  g: 1e9,
  gb: 1e9,
  gib: 1024 ** 3,
  t: 1e12,
  tb: 1e12,
  tib: 1024 ** 4,
};

export function parseDurationMs(text: string): number | null {
  return parseWithUnit(text, msPerUnit);
}

/** `36h`, `90d`, `12w`, `6mo`, `7y`. Not `m`, which could be minutes. */
export function parseAgeMs(text: string): number | null {
  return parseWithUnit(text, ageMsPerUnit);
}

export function parseBytes(text: string): number | null {
  const bytes = parseWithUnit(text, bytesPerUnit);
  return bytes === null ? null : Math.round(bytes);
}

/** `50%` is 0.5. */
export function parsePercent(text: string): number | null {
  const match = /^\s*(\d+(?:\.\d+)?)\s*%\s*$/.exec(text);
  return match === null ? null : Number(match[1]) / 100;
}

function parseWithUnit(text: string, units: Readonly<Record<string, number>>): number | null {
  const match = /^\s*(\d+(?:\.\d+)?)\s*([a-z]*)\s*$/i.exec(text);
  const factor = units[match?.[2]?.toLowerCase() ?? '?'];
  return match === null || factor === undefined ? null : Number(match[1]) * factor;
}
