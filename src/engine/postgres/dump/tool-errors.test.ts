import { describe, expect, it } from 'vitest';
import { toolError, toolWarnings } from './tool-errors.ts';

function failed(stderr: string): { readonly code: number; readonly signal: null; readonly stderr: string } {
  return { code: 1, signal: null, stderr };
}

describe('what a tool says', () => {
  it.each([
    [
      'pg_dump: error: query failed: ERROR:  canceling statement due to statement timeout\npg_dump: detail: Query was: LOCK TABLE a',
      'lock-overtaken',
    ],
    [
      'pg_dump: error: query failed: ERROR:  out of shared memory\nHINT:  You might need to increase max_locks_per_transaction.',
      'lock-table-full',
    ],
    [
      'pg_dump: error: aborting because of server version mismatch\npg_dump: detail: server version: 18.1',
      'client-too-old',
    ],
    ['pg_dump: error: no matching tables were found for pattern "x"', 'nothing-in-scope'],
    [
      'pg_dump: error: Dumping the contents of table "a" failed: server closed the connection unexpectedly',
      'server-gone',
    ],
    ['pg_dump: error: could not write', 'dump-failed'],
  ])('%s is told as %s', (stderr, code) => {
    expect(toolError('dump-failed', 'pg_dump', failed(stderr)).code).toBe(code);
  });

  it('becomes one line with its detail', () => {
    const error = toolError(
      'dump-failed',
      'pg_dump',
      failed('pg_dump: error: query failed: x\npg_dump: detail: Query was: y\nmore'),
    );
    expect(error.message).toBe('pg_dump ended with exit code 1: query failed: x; Query was: y');
  });

  it('as a warning is passed on once', () => {
    const stderr =
      'pg_dump: warning: circular\npg_dump: warning: circular\npg_dump: hint: use\nWARNING:  collation version mismatch';
    expect(toolWarnings('pg_dump', stderr).map(({ severity, message }) => [severity, message])).toEqual([
      ['warning', 'pg_dump: circular'],
      ['note', 'pg_dump: collation version mismatch'],
    ]);
  });
});
