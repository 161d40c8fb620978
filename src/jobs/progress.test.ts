import { describe, expect, it } from 'vitest';
import { makeClock } from '../../test/harness/clock.ts';
import { startProgressMeter } from './progress.ts';

describe('startProgressMeter', () => {
  it('tells rate and time left from the bytes that passed', () => {
    const clock = makeClock();
    const meter = startProgressMeter(clock);
    expect(meter.figures()).toBeNull();
    meter.take({ kind: 'step', text: 'reading app' });
    for (let second = 1; second <= 5; second += 1) {
      clock.advance(1000);
      meter.take({ kind: 'bytes', doneBytes: second * 100, totalBytes: 1000 });
    }
    expect(meter.figures()).toMatchObject({ step: 'reading app', fraction: 0.5, bytesPerSecond: 100, secondsLeft: 5 });
  });

  it('follows a change of speed within seconds', () => {
    const clock = makeClock();
    const meter = startProgressMeter(clock);
    meter.take({ kind: 'step', text: 'reading' });
    let doneBytes = 0;
    for (let second = 0; second < 30; second += 1) {
      clock.advance(1000);
      doneBytes += second < 10 ? 1000 : 100;
      meter.take({ kind: 'bytes', doneBytes, totalBytes: null });
    }
    const rate = meter.figures()?.bytesPerSecond ?? 0;
    expect(rate).toBeGreaterThan(99);
    expect(rate).toBeLessThan(120);
  });

  it('shows a stall as a falling rate although no event comes', () => {
    const clock = makeClock();
    const meter = startProgressMeter(clock);
    meter.take({ kind: 'step', text: 'reading' });
    clock.advance(1000);
    meter.take({ kind: 'bytes', doneBytes: 1000, totalBytes: 2000 });
    clock.advance(20_000);
    expect(meter.figures()?.bytesPerSecond).toBeLessThan(10);
  });

  it('begins anew with every step', () => {
    const clock = makeClock();
    const meter = startProgressMeter(clock);
    meter.take({ kind: 'step', text: 'one' });
    clock.advance(1000);
    meter.take({ kind: 'bytes', doneBytes: 1000, totalBytes: 1000 });
    meter.take({ kind: 'step', text: 'two' });
    expect(meter.figures()).toMatchObject({
      step: 'two',
      doneBytes: 0,
      bytesPerSecond: null,
      secondsLeft: null,
      elapsedMs: 0,
    });
  });

  it('tells no time left when nothing moves', () => {
    const clock = makeClock();
    const meter = startProgressMeter(clock);
    meter.take({ kind: 'step', text: 'reading' });
    clock.advance(5000);
    meter.take({ kind: 'bytes', doneBytes: 0, totalBytes: 10 });
    expect(meter.figures()?.secondsLeft).toBeNull();
  });
});
