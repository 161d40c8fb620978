/** Runs the swap, which is short and is not stopped half-way: the signal is looked at before it begins. */

import type { Work } from '../../../domain/work.ts';
import type { Adoption } from '../../engine.ts';
import { runJob } from '../job/run-job.ts';
import type { SwapRequest } from './swap-files.ts';

export async function swapIn(request: SwapRequest, work: Work): Promise<Adoption> {
  work.signal.throwIfAborted();
  const unstoppable = { ...work, signal: new AbortController().signal };
  const { kept, findings } = await runJob('swap', request, unstoppable);
  return { name: request.path, keptAs: kept, findings };
}
