import { describe, expect, it } from 'vitest';
import { estimateRestore } from './restore-estimate.ts';

const wanted = { database: 'app', engine: 'postgres', plainBytes: 1_000_000 };

function measured(
  database: string,
  restoreMs: number,
  engine = 'postgres',
): Parameters<typeof estimateRestore>[1][number] {
  return { database, engine, plainBytes: 500_000, restoreMs };
}

describe('estimating a restore', () => {
  it('gives no estimate when nothing was measured', () => {
    expect(estimateRestore(wanted, [])).toBeNull();
    expect(estimateRestore(wanted, [measured('app', 100, 'sqlite'), measured('app', 0)])).toBeNull();
  });

  it('prefers what the same database took', () => {
    expect(estimateRestore(wanted, [measured('other', 1), measured('app', 1000)])).toEqual({
      restoreMs: 2000,
      basis: 'from one earlier restore of app',
    });
    expect(estimateRestore(wanted, [measured('other', 500)])?.basis).toBe(
      'from one earlier restore of other databases',
    );
  });

  it('does not judge a large restore by a tiny one', () => {
    expect(estimateRestore({ ...wanted, plainBytes: 5_000_001 }, [measured('app', 1000)])).toBeNull();
    expect(estimateRestore({ ...wanted, plainBytes: 1000 }, [measured('app', 1000)])?.restoreMs).toBe(2);
  });

  it('takes the middle of the newest five, so that one odd restore does not count', () => {
    const history = [1000, 1100, 900, 90_000, 1000, 1].map((restoreMs) => measured('app', restoreMs));
    expect(estimateRestore(wanted, history)?.restoreMs).toBe(2000);
  });
});
