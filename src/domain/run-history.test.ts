import { describe, expect, it } from 'vitest';
import { foldRuns, type Onlooker } from './run-history.ts';
import { parseJournalLine, type JournalEntry } from './run-schema.ts';
import { unknownSubject, type RunRecord, type RunStart } from './run.ts';

const start: RunStart = {
  id: '20261121T020000Z-backup-aaaa',
  verb: 'backup',
  database: 'app',
  repository: '/srv/backups',
  started: '2026-11-21T02:00:00.000Z',
  host: 'db1',
  writer: 'holdfast 0.1.0',
  pid: 4711,
  startedTicks: 99,
};
const record: RunRecord = {
  ...start,
  ...unknownSubject,
  database: 'app',
  finished: '2026-11-21T02:00:04.000Z',
  durationMs: 4000,
  outcome: 'done',
  exit: 0,
  error: null,
  findings: [],
};
const began: JournalEntry = { event: 'start', ...start };
const ended: JournalEntry = { event: 'end', ...record };

function onlooker(changes: Partial<Onlooker> = {}): Onlooker {
  return { host: 'db1', now: new Date('2026-11-21T03:00:00Z'), isAlive: () => false, ...changes };
}

function outcomes(entries: readonly JournalEntry[], changes: Partial<Onlooker> = {}): readonly string[] {
  return foldRuns(entries, onlooker(changes)).map(({ outcome }) => outcome);
}

describe('foldRuns', () => {
  it('sees how a run ended, also when its beginning was rotated away', () => {
    expect(outcomes([began, ended])).toEqual(['done']);
    expect(outcomes([ended])).toEqual(['done']);
  });

  it('sees a run without an end as running while its process lives, and as died afterwards', () => {
    const seen: (readonly [number, number | null])[] = [];
    const isAlive = (pid: number, ticks: number | null): boolean => {
      seen.push([pid, ticks]);
      return true;
    };
    expect(outcomes([began], { isAlive })).toEqual(['running']);
    expect(seen).toEqual([[4711, 99]]);
    expect(outcomes([began])).toEqual(['died']);
  });

  it('takes a run of another machine for dead after a day', () => {
    const elsewhere = { host: 'db2', isAlive: () => true };
    expect(outcomes([began], elsewhere)).toEqual(['running']);
    expect(outcomes([began], { ...elsewhere, now: new Date('2026-11-22T03:00:00Z') })).toEqual(['died']);
  });

  it('adds what was found when people were told', () => {
    const finding = { severity: 'warning', code: 'message-not-sent', message: 'slack was not told', hint: '' } as const;
    const [run] = foldRuns([began, ended, { event: 'told', id: start.id, exit: 3, findings: [finding] }], onlooker());
    expect(run?.record).toMatchObject({ outcome: 'warnings', exit: 3, findings: [finding] });
  });

  it('never makes a success of a failure by a warning', () => {
    const failed: JournalEntry = { ...ended, outcome: 'failed', exit: 1 };
    const warning = { severity: 'warning', code: 'x', message: 'x', hint: '' } as const;
    const [run] = foldRuns([failed, { event: 'told', id: start.id, exit: 1, findings: [warning] }], onlooker());
    expect(run?.record).toMatchObject({ outcome: 'failed', exit: 1 });
  });

  it('gives the newest first', () => {
    const later: JournalEntry = { ...began, id: 'later', started: '2026-11-21T02:30:00.000Z' };
    expect(foldRuns([began, later], onlooker()).map((run) => run.start.id)).toEqual(['later', start.id]);
  });
});

describe('parseJournalLine', () => {
  it('reads back what was written', () => {
    for (const entry of [began, ended]) expect(parseJournalLine(JSON.stringify(entry))).toEqual(entry);
  });

  it('passes over every cut-off line', () => {
    const line = JSON.stringify(ended);
    for (let length = 0; length < line.length; length += 1) expect(parseJournalLine(line.slice(0, length))).toBeNull();
  });
});
