/** The code of the error that something throws. */

import { HoldfastError } from '../../src/domain/error.ts';

/** `none` when nothing is thrown; what is no error of ours is thrown on. */
export function codeOf(work: () => unknown): string {
  try {
    work();
    return 'none';
  } catch (thrown) {
    if (thrown instanceof HoldfastError) return thrown.code;
    throw thrown;
  }
}
