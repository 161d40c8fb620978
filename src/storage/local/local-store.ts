import type { Store } from '../store.ts';

export interface LocalStore extends Store {
  /** Removes what interrupted writes left, unless it was written to since; says how many files. */
  sweepTemporary(olderThan: Date): Promise<number>;
}

export declare function openLocalStore(root: string): LocalStore;
