import { describe, expect, it } from 'vitest';
import { fitName, freeKeptName, isRestoringName, keptName, keptTime, restoringName } from './names.ts';

const time = new Date('2026-11-21T02:00:00Z');

describe('names of databases a restore makes', () => {
  it('carry the time in UTC and are found again', () => {
    expect(keptName('app', time)).toBe('app_before_20261121_020000');
    expect(keptTime('app', 'app_before_20261121_020000')).toEqual(time);
    expect(restoringName('app', 'k3f9')).toBe('app_restoring_k3f9');
    expect(isRestoringName('app', 'app_restoring_k3f9')).toBe(true);
  });

  it('are cut to 63 bytes at a character and told apart by a hash', () => {
    const long = `${'ü'.repeat(31)}a`;
    const other = `${'ü'.repeat(31)}b`;
    const kept = keptName(long, time);
    expect(Buffer.byteLength(kept)).toBeLessThanOrEqual(63);
    expect(kept).not.toContain('\ufffd');
    expect(kept).not.toBe(keptName(other, time));
    expect(keptTime(long, kept)).toEqual(time);
    expect(keptTime(other, kept)).toBeNull();
    expect(isRestoringName(other, restoringName(long, 'k3f9'))).toBe(false);
  });

  it('leave a name alone that just fits', () => {
    expect(fitName('x'.repeat(60), '_yz')).toBe(`${'x'.repeat(60)}_yz`);
    expect(fitName('x'.repeat(61), '_yz')).toHaveLength(63);
  });

  it('belong to one database only, also when another begins alike', () => {
    expect(keptTime('app', 'app_two_before_20261121_020000')).toBeNull();
    expect(keptTime('app', 'app_before_20261321_020000')).toBeNull();
    expect(keptTime('app', 'app_before_yesterday')).toBeNull();
    expect(isRestoringName('app', 'app_restoring_')).toBe(false);
    expect(keptTime('app_before_20261121_020000', 'app_before_20261121_020000')).toBeNull();
  });

  it('go on to the next second when one is taken', () => {
    const taken = new Set([keptName('app', time)]);
    expect(freeKeptName('app', time, (name) => taken.has(name))).toBe('app_before_20261121_020001');
  });
});
