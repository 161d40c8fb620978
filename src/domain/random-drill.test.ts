import { describe, expect, it } from 'vitest';
import { sampleBackups, type SampleBackup } from '../../test/harness/sample-catalog.ts';
import { chooseOlderBackup } from './random-drill.ts';

const now = new Date('2026-11-21T12:00:00Z');

/** The ages in hours of those drawn, for fractions spread evenly. */
async function drawn(samples: readonly SampleBackup[], count = 1000): Promise<ReadonlyMap<number, number>> {
  const backups = await sampleBackups(samples, now);
  const found = new Map<number, number>();
  for (let index = 0; index < count; index += 1) {
    const backup = chooseOlderBackup(backups, now, index / count);
    if (backup === null) continue;
    const hours = Math.round((now.getTime() - Date.parse(backup.manifest.started)) / 3_600_000);
    found.set(hours, (found.get(hours) ?? 0) + 1);
  }
  return found;
}

describe('a backup drawn at random', () => {
  it('is never the newest, and none when there is no other', async () => {
    expect([...(await drawn([{ hours: 1 }])).keys()]).toEqual([]);
    expect([...(await drawn([])).keys()]).toEqual([]);
    expect([...(await drawn([{ hours: 1 }, { hours: 25 }])).keys()]).toEqual([25]);
  });

  it('is whole, not damaged, and not one made for safety', async () => {
    const others = [
      { hours: 30, damaged: true },
      { hours: 40, partial: true },
      { hours: 50, label: 'safety' },
    ];
    expect([...(await drawn([{ hours: 1 }, ...others, { hours: 60 }])).keys()]).toEqual([60]);
  });

  it('can be every older one, and rather one that was never proven or not for long', async () => {
    const found = await drawn([
      { hours: 1 },
      { hours: 240 },
      { hours: 241, proven: true, provenHours: 240 },
      { hours: 242, proven: true, provenHours: 24 },
    ]);
    const [never = 0, long = 0, lately = 0] = [240, 241, 242].map((hours) => found.get(hours));
    expect(Math.min(never, long, lately)).toBeGreaterThan(0);
    expect(never).toBeGreaterThan(long * 3);
    expect(long).toBeGreaterThan(lately * 3);
  });
});
