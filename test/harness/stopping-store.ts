/**
 * A store in front of another, for a process that dies: from the chosen write on, nothing reaches the store behind any
 * more, neither writes nor deletions, as after a kill -9.
 */

import type { Store } from '../../src/storage/store.ts';

/** `before`: the write that stops never happens. `after`: it happens, and its maker never learns of it. */
export type StopMoment = 'before' | 'after';

export interface StoppingStore extends Store {
  /** Writes that were begun. */
  readonly writes: number;
}

export class Killed extends Error {}

export function stopAtWrite(store: Store, at: number, moment: StopMoment): StoppingStore {
  let writes = 0;
  let isDead = false;
  const die = (): never => {
    isDead = true;
    throw new Killed('killed');
  };
  const alive = async <T>(action: () => Promise<T>): Promise<T> => (isDead ? die() : action());
  return {
    label: store.label,
    capabilities: store.capabilities,
    get writes() {
      return writes;
    },
    put: (key, bytes, options) =>
      alive(async () => {
        writes += 1;
        if (writes === at && moment === 'before') die();
        await store.put(key, bytes, options);
        if (writes === at) die();
      }),
    get: async function* (...request) {
      if (isDead) die();
      yield* store.get(...request);
    },
    head: (...request) => alive(() => store.head(...request)),
    list: async function* (...request) {
      if (isDead) die();
      yield* store.list(...request);
    },
    delete: (...request) => alive(() => store.delete(...request)),
    sweepInterrupted: (olderThan) => store.sweepInterrupted(olderThan),
    freeBytes: () => alive(() => store.freeBytes()),
  };
}
