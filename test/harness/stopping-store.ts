/**
 * A store in front of another, for a process that dies: from the chosen write on, nothing reaches the store behind any
 * more, neither writes nor deletions, as after a kill -9.
 */

import type { Store } from '../../src/storage/store.ts';

/** `before`: the write (or deletion) that stops never happens. `after`: it happens, and its maker never learns of it. */
export type StopMoment = 'before' | 'after';

export interface StoppingStore extends Store {
  /** Writes that were begun. */
  readonly writes: number;
  /** Deletions that were begun. */
  readonly deletions: number;
}

export class Killed extends Error {}

export function stopAtWrite(store: Store, at: number, moment: StopMoment): StoppingStore {
  return stopAt(store, { write: at, deletion: Number.POSITIVE_INFINITY }, moment);
}

export function stopAtDeletion(store: Store, at: number, moment: StopMoment): StoppingStore {
  return stopAt(store, { write: Number.POSITIVE_INFINITY, deletion: at }, moment);
}

interface StopPoint {
  readonly write: number;
  readonly deletion: number;
}

function stopAt(store: Store, at: StopPoint, moment: StopMoment): StoppingStore {
  let writes = 0;
  let deletions = 0;
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
    get deletions() {
      return deletions;
    },
    put: (key, bytes, options) =>
      alive(async () => {
        writes += 1;
        if (writes === at.write && moment === 'before') die();
        await store.put(key, bytes, options);
        if (writes === at.write) die();
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
    delete: (...request) =>
      alive(async () => {
        deletions += 1;
        if (deletions === at.deletion && moment === 'before') die();
        await store.delete(...request);
        if (deletions === at.deletion) die();
      }),
    sweepInterrupted: (olderThan) => store.sweepInterrupted(olderThan),
    freeBytes: () => alive(() => store.freeBytes()),
  };
}
