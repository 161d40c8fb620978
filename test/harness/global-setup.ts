/** Before and after a run: removes what killed runs left. Servers themselves end with the process that started them. */

import { sweepDeadDirectories } from './temporary.ts';

export async function setup(): Promise<void> {
  await sweepDeadDirectories();
}

export async function teardown(): Promise<void> {
  await sweepDeadDirectories();
}
