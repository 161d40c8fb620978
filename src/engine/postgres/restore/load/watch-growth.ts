/** Progress of a load, which pg_restore does not tell: the size of the new database against that of the source. */

import { setTimeout as sleep } from 'node:timers/promises';
import type { Work } from '../../../../domain/work.ts';
import type { Session } from '../../connection/session.ts';

const everyMs = 1000;

/** Reports until it is disposed. Nothing depends on it: when it cannot ask any more, it is silent. */
export function watchGrowth(session: Session, name: string, sourceBytes: number, work: Work): AsyncDisposable {
  const stopping = new AbortController();
  const signal = AbortSignal.any([stopping.signal, work.signal]);
  const watching = watch(session, name, sourceBytes, work, signal).catch(() => undefined);
  return {
    [Symbol.asyncDispose]: async () => {
      stopping.abort();
      await watching;
    },
  };
}

async function watch(
  session: Session,
  name: string,
  sourceBytes: number,
  work: Work,
  signal: AbortSignal,
): Promise<void> {
  for (;;) {
    await sleep(everyMs, undefined, { signal });
    const [row] = await session.query<{ size: string }>('select pg_database_size($1::name)::text as size', [name]);
    const bytes = Number(row?.size ?? 0);
    // Without the source's bloat the copy ends smaller, with fuller indexes it may end larger.
    work.report({ kind: 'bytes', doneBytes: Math.min(bytes, sourceBytes), totalBytes: sourceBytes });
  }
}
