/** Values of flags that are more than text. Throws what commander turns into a usage error. */

import { InvalidArgumentError } from 'commander';
import { parseDurationMs } from '../config/quantity.ts';
import { formatOf } from '../config/database-settings.ts';
import type { FingerprintMode } from '../domain/fingerprint.ts';
import type { DumpFormat } from '../engine/engine.ts';

export function parseCount(text: string): number {
  const count = Number(text);
  if (/^\d{1,9}$/.test(text) && count > 0) return count;
  throw new InvalidArgumentError('It must be a whole number above 0.');
}

export function parseLevel(text: string): number {
  const level = Number(text);
  if (/^\d{1,2}$/.test(text) && level >= 1 && level <= 19) return level;
  throw new InvalidArgumentError('It must be a number from 1 to 19.');
}

export function parseDuration(text: string): number {
  const ms = parseDurationMs(/^\d+$/.test(text) ? `${text}s` : text);
  if (ms !== null) return ms;
  throw new InvalidArgumentError('It must be a time such as 30s or 5m.');
}

export function parseFormats(text: string, before: readonly DumpFormat[] | undefined): readonly DumpFormat[] {
  const added = text.split(',').map((word) => {
    const trimmed = word.trim();
    if (trimmed === 'custom' || trimmed === 'sql' || trimmed === 'sql.zst' || trimmed === 'sql.gz')
      return formatOf(trimmed);
    throw new InvalidArgumentError('It must be custom, sql.zst or sql.gz.');
  });
  return [...new Set([...(before ?? []), ...added])];
}

export function parseFingerprint(text: string): FingerprintMode {
  if (text === 'content' || text === 'independent' || text === 'counts' || text === 'off') return text;
  throw new InvalidArgumentError('It must be content, independent, counts or off.');
}

export function parseWhole(text: string): number {
  if (/^\d{1,9}$/.test(text)) return Number(text);
  throw new InvalidArgumentError('It must be a whole number.');
}

/** With its unit: of a bare number nobody knows whether hours or seconds are meant. */
export function parseAge(text: string): number {
  const ms = parseDurationMs(text);
  if (ms !== null) return ms;
  throw new InvalidArgumentError('It must be a time such as 25h or 8d.');
}
