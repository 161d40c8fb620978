import { describe, expect, it } from 'vitest';
import type { ArtifactRecord } from './artifact.ts';
import { checkSizes, limitsForScope, usualSizeLimits } from './size-check.ts';
import { wholeScope } from './scope.ts';

function archive(plainBytes: number, role: ArtifactRecord['role'] = 'archive'): readonly ArtifactRecord[] {
  return [{ name: `a.${role}`, role, compression: 'zstd', frames: 1, plainBytes, storedBytes: 10, sha256: '' }];
}

function codes(plainBytes: number, previous: readonly number[] = [], limits = usualSizeLimits): readonly string[] {
  return checkSizes(
    archive(plainBytes),
    previous.map((bytes) => archive(bytes)),
    limits,
  ).map(({ code }) => code);
}

describe('checking sizes', () => {
  it('fails a backup that is empty or below the minimum', () => {
    expect(codes(0)).toEqual(['backup-too-small']);
    expect(codes(999)).toEqual(['backup-too-small']);
    expect(checkSizes(archive(999), [], usualSizeLimits)[0]?.severity).toBe('blocking');
    expect(codes(1000)).toEqual(['backup-small']);
  });

  it('warns below a megabyte, and not from there on', () => {
    expect(codes(999_999)).toEqual(['backup-small']);
    expect(codes(1_000_000)).toEqual([]);
  });

  it('warns of a change by more than half against the usual size', () => {
    expect(codes(4_900_000, [10_000_000, 10_100_000, 9_900_000])).toEqual(['backup-size-changed']);
    expect(codes(5_100_000, [10_000_000])).toEqual([]);
    expect(codes(15_100_000, [10_000_000])).toEqual(['backup-size-changed']);
    expect(codes(10_000_000, [10_000_000, 2_000_000, 10_000_000])).toEqual([]);
  });

  it('warns of a change by more than a gigabyte, however small a part that is', () => {
    expect(codes(51_100_000_000, [50_000_000_000])).toEqual(['backup-size-changed']);
    expect(codes(51_100_000_000, [50_000_000_000], { ...usualSizeLimits, changeBytes: null })).toEqual([]);
  });

  it('switches every limit off on request', () => {
    const none = { minimumBytes: null, smallBytes: null, changeRatio: null, changeBytes: null };
    expect(codes(0, [10_000_000], none)).toEqual([]);
  });

  it('looks at content only, not at roles or fingerprints', () => {
    expect(checkSizes([...archive(1, 'globals'), ...archive(1, 'fingerprint')], [], usualSizeLimits)).toEqual([]);
  });

  it('lets a part of a database be small, but not empty', () => {
    const limits = limitsForScope(usualSizeLimits, { ...wholeScope, kind: 'tables' });
    expect(codes(10, [], limits)).toEqual([]);
    expect(codes(0, [], limits)).toEqual(['backup-too-small']);
  });
});
