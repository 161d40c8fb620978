/** The error that a call of the library ends with. */

import { HoldfastError } from '../../src/index.ts';

/** Throws what was thrown and is none, and when nothing was. */
export async function failureOf(action: Promise<unknown>): Promise<HoldfastError> {
  const thrown = await action.then(
    (answer) => new Error(`no failure: ${JSON.stringify(answer)}`),
    (failure: unknown) => failure,
  );
  if (thrown instanceof HoldfastError) return thrown;
  throw thrown;
}
