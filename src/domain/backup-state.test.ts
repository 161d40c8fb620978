import { describe, expect, it } from 'vitest';
import { damagedFiles, sortMarks, stateOf } from './backup-state.ts';
import type { DamagedMark, Mark, ProofMark, ProofOutcome, VerifiedMark } from './mark.ts';

function facts(
  minute: number,
  files: readonly string[],
): Pick<Mark, 'format' | 'id' | 'time' | 'host' | 'writer' | 'files'> {
  const time = `2026-11-21T02:${String(minute).padStart(2, '0')}:00.000Z`;
  return { format: 1, id: '20261121T020000Z-dump-aaaa', time, host: 'h', writer: 'w', files };
}

const all = ['a.dump.zst', 'a.sql.gz'];

function verified(minute: number): VerifiedMark {
  return { ...facts(minute, all), kind: 'verified', durationMs: 1, storedBytes: 1, findings: [] };
}

function damaged(minute: number, files = ['a.dump.zst']): DamagedMark {
  return { ...facts(minute, files), kind: 'damaged', foundBy: 'verify', problems: [] };
}

function proof(minute: number, outcome: ProofOutcome, files = ['a.dump.zst']): ProofMark {
  const times = { restoreMs: 1, compareMs: 1, checksMs: 1 };
  return {
    ...facts(minute, files),
    kind: 'proof',
    outcome,
    scope: 'whole',
    place: 'p',
    comparison: null,
    checks: [],
    findings: [],
    ...times,
  };
}

function state(...marks: readonly Mark[]): string {
  return stateOf(sortMarks(marks));
}

describe('the state of a backup', () => {
  it('is stored without marks, then what the marks say', () => {
    expect(state()).toBe('stored');
    expect(state(verified(1))).toBe('verified');
    expect(state(verified(1), proof(2, 'proven'))).toBe('proven');
    expect(state(proof(1, 'proven'), verified(2))).toBe('proven');
  });

  it('follows the newest of contradicting marks', () => {
    expect(state(verified(1), damaged(2))).toBe('damaged');
    expect(state(damaged(1), verified(2))).toBe('verified');
    expect(state(proof(1, 'proven'), damaged(2), verified(3))).toBe('proven');
    expect(state(proof(1, 'proven'), proof(2, 'different'))).toBe('stored');
    expect(state(proof(1, 'proven'), proof(2, 'checks-failed'), verified(0))).toBe('verified');
    expect(state(proof(1, 'different'), proof(2, 'proven'))).toBe('proven');
  });

  it('stays damaged when a newer proof did not read the damaged file', () => {
    expect(state(damaged(1, ['a.sql.gz']), proof(2, 'proven', ['a.dump.zst']))).toBe('damaged');
    expect(state(damaged(1, ['a.dump.zst']), proof(2, 'proven', ['a.dump.zst']))).toBe('proven');
  });

  it('believes the worse of two marks of the same moment', () => {
    expect(state(verified(1), damaged(1))).toBe('damaged');
    expect(state(proof(1, 'proven'), proof(1, 'different'))).toBe('stored');
  });

  it('takes a restore without comparison for no statement about content', () => {
    expect(state(proof(1, 'proven'), proof(2, 'restored'))).toBe('proven');
    expect(state(proof(2, 'restored'))).toBe('stored');
  });

  it('names the files that are damaged', () => {
    expect(damagedFiles(sortMarks([damaged(1, all), proof(2, 'different', ['a.dump.zst'])]))).toEqual(['a.sql.gz']);
  });
});
