/**
 * Makes an address one can connect to. Most are; for a server that answers only elsewhere a relay stands for as long as
 * the work takes. Before that its address leads nowhere, never to another server of the same name here.
 */

import type { RestoredCopy } from '../../engine.ts';
import type { ReadAddress } from '../connection/address.ts';

/** Runs the action with an address that can be connected to. Throws the `via-…` errors. */
export async function withReached<T>(
  read: ReadAddress,
  signal: AbortSignal,
  action: (read: ReadAddress) => Promise<T>,
): Promise<T> {
  if (read.address.via === undefined) return action(read);
  const { openWay } = await import('./open-way.ts');
  await using way = await openWay(read.address, read.address.via, signal);
  return await action({ ...read, address: way.address });
}

/** As above, for a copy that is used after this returns: the way stands until the copy is disposed. */
export async function keepReached(
  read: ReadAddress,
  signal: AbortSignal,
  make: (read: ReadAddress) => Promise<RestoredCopy>,
): Promise<RestoredCopy> {
  if (read.address.via === undefined) return make(read);
  const { openWay } = await import('./open-way.ts');
  await using undo = new AsyncDisposableStack();
  const way = undo.use(await openWay(read.address, read.address.via, signal));
  const copy = undo.use(await make({ ...read, address: way.address }));
  const kept = undo.move();
  return { ...copy, [Symbol.asyncDispose]: () => kept.disposeAsync() };
}
