/** Where an application's address leads to a pooler, the direct address beside it: dumps need a session of their own. */

import { poolerAt } from '../engine/hosting.ts';
import { lookUp, type EnvSource, type Setting } from './env-source.ts';

/** Names that hosting services and frameworks give it: Prisma and Supabase, Neon and Vercel, Vercel. */
const directNames = ['DIRECT_URL', 'DIRECT_DATABASE_URL', 'DATABASE_URL_UNPOOLED', 'POSTGRES_URL_NON_POOLING'];

/** The direct address of the same database in the same source; null when there is none, or none is needed. */
export async function directAddress(pooled: Setting, source: EnvSource, signal: AbortSignal): Promise<Setting | null> {
  const place = placeOf(pooled.value);
  if (place === null || !leadsToPooler(place)) return null;
  for (const name of directNames) {
    const found = await lookUp(source, name, signal);
    const direct = found === null ? null : placeOf(found.value);
    if (found === null || direct === null || leadsToPooler(direct) || direct.database !== place.database) continue;
    return found;
  }
  return null;
}

interface Place {
  readonly host: string;
  readonly port: number;
  readonly database: string;
  readonly query: string;
}

function leadsToPooler({ host, port, query }: Place): boolean {
  return poolerAt(host, port) !== null || /(?:^|&)pgbouncer=true(?:&|$)/.test(query);
}

function placeOf(url: string): Place | null {
  const found = /^postgres(?:ql)?:\/\/(?:.*@)?([^@/?:]*)(?::(\d+))?\/([^?]*)(?:\?(.*))?$/is.exec(url.trim());
  if (found === null) return null;
  const [, host = '', port = '5432', database = '', query = ''] = found;
  return { host: host.toLowerCase(), port: Number(port), database, query };
}
