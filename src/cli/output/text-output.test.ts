import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { Clock } from '../../domain/clock.ts';
import { declareErrors } from '../../domain/error.ts';
import { openJsonOutput } from './json-output.ts';
import type { TextSink } from './output.ts';
import { makeStyle, wantsColours } from './style.ts';
import { openTextOutput, type TextOptions } from './text-output.ts';

const errors = declareErrors({
  'no-room': { exit: 1, meaning: 'The disk is full.', remedy: 'Make room.' },
});

let nowMs = 0;
const clock: Clock = { now: () => new Date(nowMs), monotonicMs: () => nowMs, sleep: () => Promise.resolve() };

interface TestSink extends TextSink {
  text(): string;
}

function sink(columns: number | null): TestSink {
  let text = '';
  return {
    isTerminal: columns !== null,
    columns: () => columns,
    write: (part) => {
      text += part;
    },
    text: () => text,
  };
}

function open(columns: number | null, changes: Partial<TextOptions> = {}) {
  const [out, err] = [sink(columns), sink(columns)];
  const style = makeStyle(false);
  const output = openTextOutput({
    out,
    err,
    log: out,
    style,
    errorStyle: style,
    clock,
    quiet: false,
    verbose: false,
    ...changes,
  });
  return { out, err, output };
}

beforeEach(() => {
  nowMs = 0;
  vi.useFakeTimers();
});

afterEach(() => {
  vi.useRealTimers();
});

function pass(ms: number): void {
  // In small steps, so that timers see a clock that runs.
  for (let passed = 0; passed < ms; passed += 100) {
    nowMs += 100;
    vi.advanceTimersByTime(100);
  }
}

describe('text output', () => {
  it('writes plain [INFO] lines where no terminal is, and progress at most every ten seconds', () => {
    const { out, err, output } = open(null);
    output.info('repository /srv/backups');
    output.report({ kind: 'step', text: 'reading app' });
    for (let second = 1; second <= 24; second += 1) {
      pass(1000);
      output.report({ kind: 'bytes', doneBytes: second * 1_000_000, totalBytes: 40_000_000 });
    }
    output.print(['done']);
    output.close();
    expect(out.text().split('\n')).toEqual([
      '[INFO] repository /srv/backups',
      '[INFO] reading app',
      '[INFO] reading app  9.00 MB of 40.0 MB  22 %  1.00 MB/s  31.0 s left',
      '[INFO] reading app  19.0 MB of 40.0 MB  47 %  1.00 MB/s  21.0 s left',
      'done',
      '',
    ]);
    expect(err.text()).toBe('');
  });

  it('rewrites one line on a terminal, cut to its width, and takes it away before other text', () => {
    const { out, output } = open(35);
    output.report({ kind: 'step', text: 'reading app' });
    output.report({ kind: 'bytes', doneBytes: 500, totalBytes: 1000 });
    pass(1000);
    output.print(['done']);
    output.close();
    const shown = out.text();
    expect(shown).toContain('\r\u001B[Kreading a…  500 B of 1.00 kB  50 %');
    expect(shown.endsWith('\r\u001B[Kdone\n')).toBe(true);
    expect(shown).not.toContain('[INFO]');
  });

  it('puts warnings and errors with their hints on standard error', () => {
    const { out, err, output } = open(null);
    output.finding({ severity: 'warning', code: 'x', message: 'a small backup', hint: 'Look at it.' });
    output.error(errors.make('no-room', 'no room on \u001B[31m/srv'));
    output.close();
    expect(out.text()).toBe('');
    expect(err.text()).toBe(
      '[WARN] a small backup\n  hint: Look at it.\nerror: no room on \u{FFFD}[31m/srv\nhint: Make room.\n',
    );
  });

  it('says only results, warnings and errors when quiet', () => {
    const { out, err, output } = open(null, { quiet: true });
    output.info('repository /srv');
    output.report({ kind: 'step', text: 'reading' });
    pass(20_000);
    output.finding({ severity: 'note', code: 'x', message: 'by the way', hint: '' });
    output.print(['done']);
    output.close();
    expect(out.text()).toBe('done\n');
    expect(err.text()).toBe('');
  });
});

describe('JSON output', () => {
  it('writes one object per line and nothing else', () => {
    const out = sink(80);
    const output = openJsonOutput(out, clock);
    output.info('for people');
    output.print(['for people']);
    output.report({ kind: 'step', text: 'reading app' });
    nowMs = 2000;
    output.report({ kind: 'bytes', doneBytes: 10, totalBytes: 20 });
    output.finding({ severity: 'warning', code: 'small', message: 'm', hint: 'h' });
    output.result('backup', 3, { id: 'x' });
    output.error(errors.make('no-room', 'full'));
    expect(
      out
        .text()
        .trimEnd()
        .split('\n')
        .map((line): unknown => JSON.parse(line)),
    ).toEqual([
      { type: 'step', text: 'reading app' },
      { type: 'progress', step: 'reading app', doneBytes: 10, totalBytes: 20, bytesPerSecond: 5, secondsLeft: 2 },
      { type: 'finding', severity: 'warning', code: 'small', message: 'm', hint: 'h' },
      { type: 'result', command: 'backup', exit: 3, id: 'x' },
      { type: 'error', code: 'no-room', message: 'full', hint: 'Make room.', exit: 1 },
    ]);
  });
});

describe('wantsColours', () => {
  it('follows --no-color, FORCE_COLOR, NO_COLOR and the terminal, in this order', () => {
    expect(wantsColours({ FORCE_COLOR: '1' }, true, true)).toBe(false);
    expect(wantsColours({ FORCE_COLOR: '1', NO_COLOR: '1' }, false, false)).toBe(true);
    expect(wantsColours({ FORCE_COLOR: '0' }, true, false)).toBe(false);
    expect(wantsColours({ NO_COLOR: '1' }, true, false)).toBe(false);
    expect(wantsColours({ NO_COLOR: '' }, true, false)).toBe(true);
    expect(wantsColours({}, false, false)).toBe(false);
  });
});
