/** A job on a living database that leaves no side file behind, even when it was killed and could not tidy up itself. */

import { existsSync } from 'node:fs';
import { messageOf } from '../../../domain/error.ts';
import type { Work } from '../../../domain/work.ts';
import type { Jobs } from './job-protocol.ts';
import { runJob } from './run-job.ts';

export async function readLiving<N extends 'describe' | 'copy' | 'fingerprint' | 'check' | 'query'>(
  name: N,
  request: Jobs[N]['request'],
  path: string,
  work: Work,
): Promise<Jobs[N]['result']> {
  const log = `${path}-wal`;
  const wasThere = existsSync(log);
  try {
    return await runJob(name, request, work);
  } catch (cause) {
    if (!wasThere && existsSync(log)) await tidy(path, work);
    throw cause;
  }
}

/** A killed reader in WAL mode leaves an empty log. What stopped it does not stop this, and is the error that counts. */
async function tidy(path: string, work: Work): Promise<void> {
  const unstoppable = { ...work, signal: new AbortController().signal };
  await runJob('tidy', { path }, unstoppable).catch((cause: unknown) => {
    work.report({ kind: 'note', level: 'warn', text: `${path}-wal stays behind: ${messageOf(cause)}` });
  });
}
