import { describe, expect, it } from 'vitest';
import { deletableFrom, holdOf, nextHoldTime } from './backup-hold.ts';
import type { HoldMark, Mark } from './mark.ts';

function mark(kind: HoldMark['kind'], minute: number, reason = 'why'): Mark {
  const time = `2026-11-21T02:${String(minute).padStart(2, '0')}:00.000Z`;
  const facts = {
    format: 1,
    id: '20261121T020000Z-dump-aaaa',
    time,
    host: 'h',
    writer: 'w',
    files: [],
    reason,
  } as const;
  return kind === 'expired' ? { ...facts, kind, by: 'prune' } : { ...facts, kind };
}

function kindOf(...marks: readonly Mark[]): string {
  return holdOf(marks).kind;
}

describe('what holds a backup', () => {
  it('is the newest of pin and unpin', () => {
    expect(kindOf()).toBe('none');
    expect(kindOf(mark('pin', 1))).toBe('pinned');
    expect(kindOf(mark('unpin', 2), mark('pin', 1))).toBe('none');
    expect(kindOf(mark('pin', 3), mark('unpin', 2), mark('pin', 1))).toBe('pinned');
    expect(kindOf(mark('unpin', 1), mark('pin', 1))).toBe('pinned');
  });

  it('is a tombstone only while nobody pinned or unpinned after it, and never on a pinned one', () => {
    expect(kindOf(mark('expired', 1))).toBe('expired');
    expect(holdOf([mark('expired', 1), mark('pin', 2)])).toMatchObject({ kind: 'pinned', hasTombstone: true });
    expect(holdOf([mark('expired', 3), mark('pin', 2)])).toMatchObject({ kind: 'pinned', hasTombstone: true });
    expect(kindOf(mark('expired', 1), mark('pin', 2), mark('unpin', 3))).toBe('none');
    expect(kindOf(mark('expired', 2), mark('pin', 1), mark('unpin', 3))).toBe('none');
    expect(kindOf(mark('pin', 1), mark('unpin', 2), mark('expired', 3))).toBe('expired');
    expect(kindOf(mark('unpin', 1), mark('expired', 1))).toBe('none');
  });

  it('counts the grace period from the newest tombstone', () => {
    const from = (...marks: readonly Mark[]): string | undefined => deletableFrom(holdOf(marks))?.toISOString();
    expect(from(mark('expired', 1), mark('expired', 5))).toBe('2026-11-22T02:05:00.000Z');
    expect(from(mark('pin', 1))).toBeUndefined();
  });

  it('is written after what is there, also when this clock is behind', () => {
    const now = new Date('2026-11-21T02:03:00.000Z');
    expect(nextHoldTime([], now)).toEqual(now);
    expect(nextHoldTime([mark('expired', 1)], now)).toEqual(now);
    expect(nextHoldTime([mark('expired', 9), mark('pin', 2)], now).toISOString()).toBe('2026-11-21T02:09:00.001Z');
  });
});
