/** Bytes into a program's standard input, at the program's pace. */

import type { RunningChild } from '../../../../system/child-process.ts';

/**
 * Reads `bytes` to their end even when the program has heard enough, because only then its owner knows that they were
 * the right ones; stops early when the program has ended. Closes the program's input. What the program thinks of it is
 * told by its exit code, not here.
 */
export async function feedChild(child: RunningChild, bytes: AsyncIterable<Uint8Array>): Promise<void> {
  const { stdin } = child;
  if (stdin === null) throw new TypeError('the program was started without an input');
  const state = { failed: false, open: true };
  void child.ended.then(({ code }) => {
    state.failed = code !== 0;
    state.open = false;
  });
  const settle = new Set<() => void>();
  stdin.once('close', () => {
    state.open = false;
    for (const resolve of settle) resolve();
  });
  for await (const chunk of bytes) {
    if (state.failed) break;
    if (!state.open || stdin.destroyed) continue;
    // The chunk is the source's again at its next pull: it has to be with the system by then.
    await new Promise<void>((resolve) => {
      settle.add(resolve);
      stdin.write(chunk, () => {
        settle.delete(resolve);
        resolve();
      });
    });
  }
  stdin.end();
}
