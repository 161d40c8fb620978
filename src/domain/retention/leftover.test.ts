import { expect, it } from 'vitest';
import { dayMs, hourMs, someNow as now } from '../../../test/harness/retention.ts';
import type { UnfinishedBackup } from '../backup.ts';
import { judgeLeftover } from './leftover.ts';

function goes(overrides: Partial<UnfinishedBackup>): boolean {
  const unfinished: UnfinishedBackup = {
    id: '20261101T020000Z-dump-aaaa',
    database: 'app',
    folder: 'memory/app/backups/20261101T020000Z-dump-aaaa',
    begin: null,
    files: 2,
    storedBytes: 1000,
    process: 'dead',
    ageMs: 25 * hourMs,
    idleMs: 25 * hourMs,
    hold: { kind: 'none' },
    ...overrides,
  };
  return judgeLeftover(unfinished, now).goes;
}

it('a folder goes a day after its process died, and a week when nobody knows', () => {
  expect(goes({})).toBe(true);
  expect(goes({ ageMs: 23 * hourMs })).toBe(false);
  expect(goes({ idleMs: 23 * hourMs })).toBe(false);
  expect(goes({ process: 'running', ageMs: 99 * dayMs, idleMs: 99 * dayMs })).toBe(false);
  expect(goes({ process: 'unknown', ageMs: 6 * dayMs, idleMs: 6 * dayMs })).toBe(false);
  expect(goes({ process: 'unknown', ageMs: 8 * dayMs, idleMs: 8 * dayMs })).toBe(true);
  expect(goes({ ageMs: null })).toBe(false);
  expect(goes({ idleMs: null })).toBe(false);
});

it('a half deleted folder goes when the grace period is over, and a pinned one stays', () => {
  const expired = (ageMs: number): UnfinishedBackup['hold'] => {
    return { kind: 'expired', since: new Date(now.getTime() - ageMs).toISOString(), reason: 'a rule' };
  };
  expect(goes({ process: 'unknown', ageMs: 0, hold: expired(25 * hourMs) })).toBe(true);
  expect(goes({ hold: expired(23 * hourMs) })).toBe(false);
  expect(goes({ hold: { kind: 'pinned', since: now.toISOString(), reason: null, hasTombstone: true } })).toBe(false);
});
