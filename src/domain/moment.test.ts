import { describe, expect, it } from 'vitest';
import { parseMoment } from './moment.ts';

function iso(text: string, zone = 'Europe/Berlin'): string {
  return parseMoment(text, zone).toISOString();
}

describe('reading a time', () => {
  it('takes a time without a zone in the configured one', () => {
    expect(iso('2026-11-20T14:30')).toBe('2026-11-20T13:30:00.000Z');
    expect(iso('2026-07-20 14:30:15')).toBe('2026-07-20T12:30:15.000Z');
    expect(iso('2026-11-20')).toBe('2026-11-19T23:00:00.000Z');
    expect(iso('2026-11-20T14:30', 'UTC')).toBe('2026-11-20T14:30:00.000Z');
    expect(iso('2026-11-20T14:30', 'Pacific/Kiritimati')).toBe('2026-11-20T00:30:00.000Z');
  });

  it('takes what is written with a zone as it is', () => {
    expect(iso('2026-11-20T14:30Z')).toBe('2026-11-20T14:30:00.000Z');
    expect(iso('2026-11-20T14:30:01.5+05:30')).toBe('2026-11-20T09:00:01.500Z');
    expect(iso('2026-11-20T14:30-0330')).toBe('2026-11-20T18:00:00.000Z');
  });

  it('refuses a time that the clocks make double', () => {
    expect(() => parseMoment('2026-10-25T02:30', 'Europe/Berlin')).toThrow(/exists twice/);
    expect(iso('2026-10-25T02:30+01:00')).toBe('2026-10-25T01:30:00.000Z');
    expect(iso('2026-10-25T03:00')).toBe('2026-10-25T02:00:00.000Z');
  });

  it('refuses a time that the clocks skip', () => {
    expect(() => parseMoment('2026-03-29T02:30', 'Europe/Berlin')).toThrow(/does not exist/);
  });

  it('refuses what is no time', () => {
    for (const text of [
      '',
      'yesterday',
      '2026-13-01',
      '2026-02-30',
      '2026-11-20T25:00',
      '2026-11-20T14:60',
      '20261120',
      '2026-11-20T14:30+25:00',
      '2026-11-20T14:30+01:60',
    ]) {
      expect(() => parseMoment(text, 'UTC'), text).toThrow(/time/);
    }
  });
});
