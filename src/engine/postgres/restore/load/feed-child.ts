/** Bytes into a program's standard input, at the program's pace. */

import type { RunningChild } from '../../../../system/child-process.ts';

/** `all`: to the end also when the program has heard enough; only then their owner knows that they were the right ones. */
export type Reading = 'all' | 'while-wanted';

/**
 * Stops early when the program has failed. Closes the program's input. What the program thinks of it is told by its exit
 * code, not here.
 */
export async function feedChild(
  child: RunningChild,
  bytes: AsyncIterable<Uint8Array>,
  reading: Reading = 'all',
): Promise<void> {
  const { stdin } = child;
  if (stdin === null) throw new TypeError('the program was started without an input');
  const state = { failed: false, open: true };
  void child.ended.then(({ code }) => {
    state.failed = code !== 0;
    state.open = false;
  });
  stdin.once('close', () => {
    state.open = false;
  });
  for await (const chunk of bytes) {
    if (state.failed) break;
    const isOpen = state.open && !stdin.destroyed;
    if (!isOpen && reading === 'while-wanted') break;
    if (!isOpen) continue;
    // The chunk is the source's again at its next pull: it has to be with the system by then.
    await new Promise<void>((resolve) => {
      stdin.write(chunk, () => {
        resolve();
      });
    });
  }
  stdin.end();
}
