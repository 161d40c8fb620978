import { describe, expect, it } from 'vitest';
import { collected, silent } from '../../test/harness/stream-bytes.ts';
import { Channel, fanOut, readTogether } from './pipeline.ts';
import { runAhead } from './run-ahead.ts';

const never = new AbortController().signal;

async function* numbers(count: number, onClose?: () => void): AsyncGenerator<Uint8Array> {
  try {
    for (let value = 0; value < count; value += 1) yield await Promise.resolve(Uint8Array.of(value));
  } finally {
    onClose?.();
  }
}

async function values(branch: AsyncIterable<Uint8Array>): Promise<number[]> {
  return (await collected(branch)).map((chunk) => chunk[0] ?? -1);
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

describe('Channel', () => {
  it('gives what was pushed, in order, and then the end', async () => {
    const channel = new Channel<number>(2);
    const writing = (async () => {
      for (const value of [1, 2, 3, 4, 5]) expect(await channel.push(value)).toBe(true);
      channel.end();
    })();
    expect(await collected(channel)).toEqual([1, 2, 3, 4, 5]);
    await writing;
  });

  it('lets the writer wait while it is full', async () => {
    const channel = new Channel<number>(2);
    let pushed = 0;
    const writing = (async () => {
      for (; pushed < 10; pushed += 1) if (!(await channel.push(pushed))) return;
    })();
    await pause(5);
    expect(pushed).toBe(1);
    channel.close();
    await writing;
    expect(pushed).toBe(1);
  });

  it('tells writers that the reader left', async () => {
    const channel = new Channel<number>(1);
    const waiting = channel.push(1);
    for await (const value of channel) {
      expect(value).toBe(1);
      break;
    }
    expect(await waiting).toBe(true);
    expect(await channel.push(2)).toBe(false);
  });

  it('gives a failure instead of what is queued, and never an end after it', async () => {
    const channel = new Channel<number>(5);
    await channel.push(1);
    channel.fail(new Error('broken'));
    await expect(collected(channel)).rejects.toThrow('broken');
    await expect(collected(channel)).rejects.toThrow('broken');
  });

  it('wakes a waiting reader at the end and at a failure', async () => {
    const ended = new Channel<number>(1);
    const reading = collected(ended);
    ended.end();
    expect(await reading).toEqual([]);
    const failed = new Channel<number>(1);
    const failing = collected(failed);
    failed.fail(new Error('broken'));
    await expect(failing).rejects.toThrow('broken');
  });
});

describe('fanOut', () => {
  it('gives every branch everything, at the pace of the slowest', async () => {
    const { branches } = fanOut(numbers(20), 3);
    const seen = [0, 0, 0];
    const results = await Promise.all(
      branches.map(async (branch, index) => {
        const all: number[] = [];
        for await (const chunk of branch) {
          all.push(chunk[0] ?? -1);
          seen[index] = all.length;
          if (index === 1) await pause(1);
          expect(Math.max(...seen) - Math.min(...seen)).toBeLessThanOrEqual(1);
        }
        return all;
      }),
    );
    const expected = Array.from({ length: 20 }, (_, index) => index);
    expect(results).toEqual([expected, expected, expected]);
  });

  it('lets a source reuse its buffer', async () => {
    const buffer = new Uint8Array(1);
    async function* source(): AsyncGenerator<Uint8Array> {
      for (let value = 0; value < 10; value += 1) {
        buffer[0] = value;
        yield await Promise.resolve(buffer);
      }
    }
    const read = async (branch: AsyncIterable<Uint8Array>): Promise<number[]> => {
      const all: number[] = [];
      for await (const chunk of branch) {
        await pause(1);
        all.push(chunk[0] ?? -1);
      }
      return all;
    };
    const [first, second] = await readTogether(source(), [read, read]);
    expect(first).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
    expect(second).toEqual(first);
  });

  it('gives the error of the source to every branch', async () => {
    async function* source(): AsyncGenerator<Uint8Array> {
      yield await Promise.resolve(Uint8Array.of(1));
      throw new Error('source broke');
    }
    const { branches } = fanOut(source(), 2);
    const outcomes = await Promise.allSettled(branches.map((branch) => collected(branch)));
    expect(outcomes.map((one) => (one.status === 'rejected' ? String(one.reason) : one.status))).toEqual([
      'Error: source broke',
      'Error: source broke',
    ]);
  });

  it('never ends in silence for the others when one branch is left early, and closes the source', async () => {
    let closed = false;
    const { branches } = fanOut(
      numbers(20, () => {
        closed = true;
      }),
      2,
    );
    const [first, second] = branches;
    const reading = values(second ?? silent);
    for await (const chunk of first ?? silent) {
      if (chunk[0] === 3) break;
    }
    await expect(reading).rejects.toMatchObject({ code: 'branch-left' });
    expect(closed).toBe(true);
  });

  it('does not wait for a branch that is given up before it was read', async () => {
    await using shared = fanOut(numbers(3), 2);
    const [first] = shared.branches;
    const reading = values(first ?? silent);
    await shared[Symbol.asyncDispose]();
    await expect(reading).rejects.toMatchObject({ code: 'branch-left' });
  });

  it('can be left although the source is silent', async () => {
    const shared = fanOut(silent, 2);
    const readings = Promise.allSettled(shared.branches.map((branch) => collected(branch)));
    await shared[Symbol.asyncDispose]();
    expect((await readings).map((one) => one.status)).toEqual(['rejected', 'rejected']);
  });
});

describe('readTogether', () => {
  it('gives the results of the readers in their order', async () => {
    const results = await readTogether(numbers(3), [values, async (branch) => (await values(branch)).length]);
    expect(results).toEqual([[0, 1, 2], 3]);
  });

  it.each([0, 1, 2])('throws the error that began it, when reader %i fails', async (failing) => {
    const readers = [0, 1, 2].map((index) => async (branch: AsyncIterable<Uint8Array>) => {
      let count = 0;
      for await (const chunk of branch) {
        count += chunk.length;
        if (index === failing && count === 4) throw new Error('reader broke');
      }
      return count;
    });
    await expect(readTogether(numbers(9), readers)).rejects.toThrow('reader broke');
  });

  it('throws when a reader fails before it reads anything', async () => {
    const broken = (): Promise<never> => Promise.reject(new Error('never began'));
    await expect(readTogether(numbers(9), [values, broken])).rejects.toThrow('never began');
  });

  it('does not take a part for the whole when a reader ends early', async () => {
    const early = (): Promise<string> => Promise.resolve('enough');
    await expect(readTogether(numbers(9), [values, early])).rejects.toMatchObject({ code: 'branch-left' });
  });
});

describe('runAhead', () => {
  it('keeps the order although later items are ready first', async () => {
    const start = async (chunk: Uint8Array): Promise<number> => {
      await pause(10 - (chunk[0] ?? 0));
      return chunk[0] ?? -1;
    };
    expect(await collected(runAhead(numbers(10), 4, start, never))).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
  });

  it('never has more items in work than its limit', async () => {
    let running = 0;
    let most = 0;
    const start = async (): Promise<void> => {
      running += 1;
      most = Math.max(most, running);
      await pause(2);
      running -= 1;
    };
    await collected(runAhead(numbers(12), 3, start, never));
    expect(most).toBe(3);
  });

  it('throws the error of an item and closes the source', async () => {
    let closed = false;
    const source = numbers(20, () => {
      closed = true;
    });
    const start = (chunk: Uint8Array): Promise<number> =>
      chunk[0] === 5 ? Promise.reject(new Error('item broke')) : Promise.resolve(0);
    await expect(collected(runAhead(source, 3, start, never))).rejects.toThrow('item broke');
    expect(closed).toBe(true);
  });
});
