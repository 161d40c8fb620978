/** Two pieces of work that are only worth something together. */

/**
 * Runs both. When one fails, `stop` is called with its error, so that the other ends soon; when both have ended, that
 * first error is thrown.
 */
export async function sideBySide<A, B>(
  first: Promise<A>,
  second: Promise<B>,
  stop: (reason: unknown) => void,
): Promise<readonly [A, B]> {
  const failures: unknown[] = [];
  const watch = (reason: unknown): void => {
    failures.push(reason);
    if (failures.length === 1) stop(reason);
  };
  first.catch(watch);
  second.catch(watch);
  await Promise.allSettled([first, second]);
  if (failures.length > 0) throw failures[0];
  return [await first, await second];
}
