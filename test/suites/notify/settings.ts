/** Runs and secrets for the tests of channels. */

import { unknownSubject, type RunRecord } from '../../../src/domain/run.ts';
import type { Secret } from '../../../src/domain/secret.ts';

export function secretOf(value: string, origin = 'the test'): Secret {
  return { origin, read: async () => Promise.resolve(value) };
}

export const doneRun: RunRecord = {
  ...unknownSubject,
  id: '20261121T020000Z-backup-aaaa',
  verb: 'backup',
  database: 'app',
  repository: '/srv/backups',
  started: '2026-11-21T02:00:00.000Z',
  host: 'db1',
  writer: 'holdfast 0.1.0',
  pid: 1,
  startedTicks: null,
  backup: '20261121T020000Z-dump-k3f9',
  state: 'stored',
  plainBytes: 57_400_000,
  storedBytes: 18_700_000,
  finished: '2026-11-21T02:00:04.200Z',
  durationMs: 4200,
  outcome: 'done',
  exit: 0,
  error: null,
  findings: [],
};

export const failedRun: RunRecord = {
  ...doneRun,
  backup: null,
  state: null,
  plainBytes: null,
  storedBytes: null,
  outcome: 'failed',
  exit: 16,
  error: { code: 'server-unreachable', message: 'db1:5432 refuses connections', hint: 'Is the server running?' },
};

export const warnedRun: RunRecord = {
  ...doneRun,
  outcome: 'warnings',
  exit: 3,
  findings: [
    { severity: 'warning', code: 'size-changed', message: 'it shrank by half', hint: 'Look at the database.' },
  ],
};
