/** Settings of the sessions that load a new database, as far as the server's memory allows. */

import type { Session } from '../../connection/session.ts';

/** What an index build may use; more has not made one faster. */
const wantedKib = 256 * 1024;
/** Of the memory the server believes to have for caching (`effective_cache_size`), per job. */
const share = 16;

/** `maintenance_work_mem`, where the server's own value is lower than what its memory allows. */
export async function loadSettings(session: Session): Promise<readonly string[]> {
  const [row] = await session.query<{ present: string; cache: string; block: string }>(
    `select (select setting from pg_settings where name = 'maintenance_work_mem') as present,
            (select setting from pg_settings where name = 'effective_cache_size') as cache,
            current_setting('block_size') as block`,
  );
  if (row === undefined) return [];
  const cacheKib = (Number(row.cache) * Number(row.block)) / 1024;
  const chosenKib = Math.min(wantedKib, Math.floor(cacheKib / share));
  return chosenKib > Number(row.present) ? [`maintenance_work_mem=${String(chosenKib)}kB`] : [];
}
