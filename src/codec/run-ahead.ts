/**
 * Work on several items of a stream at a time, results in order. The source is read while the reader is busy with
 * earlier results; never more than `limit` items are begun and not yet handed over.
 */

import { Channel } from './channel.ts';

/**
 * Errors of the source or of an item, and the signal's reason, are thrown to the reader at once, before results that
 * are queued. A reader that leaves closes the source, and waits for that unless the source is just being read: such a
 * read may never end, and the source is closed when it does.
 */
export async function* runAhead<T, R>(
  items: AsyncIterable<T>,
  limit: number,
  start: (item: T) => Promise<R>,
  signal: AbortSignal,
): AsyncGenerator<R, undefined, undefined> {
  signal.throwIfAborted();
  // One result more is in the reader's hands (or awaited by it) than the queue holds.
  const channel = new Channel<Promise<R>>(limit - 1);
  const source = items[Symbol.asyncIterator]();
  const state = { reading: false };
  const pump = async (): Promise<void> => {
    try {
      for (;;) {
        state.reading = true;
        const next = await source.next();
        state.reading = false;
        if (next.done === true) {
          channel.end();
          return;
        }
        const result = start(next.value);
        // The reader awaits it later, in its turn; until then it must not count as unhandled.
        result.catch(() => undefined);
        if (!(await channel.push(result))) break;
      }
      await source.return?.();
    } catch (reason) {
      channel.fail(reason);
    } finally {
      state.reading = false;
    }
  };
  const onAbort = (): void => {
    channel.fail(signal.reason);
  };
  signal.addEventListener('abort', onAbort, { once: true });
  const pumping = pump();
  try {
    for await (const result of channel) yield await result;
  } finally {
    signal.removeEventListener('abort', onAbort);
    channel.close();
    if (!state.reading) await pumping;
  }
  return undefined;
}
