/** What the names of hosts tell about the services behind them: poolers, and addresses that lead nowhere from outside. */

export interface PoolerHost {
  /** `ep-x-pooler.neon.tech is a connection pooler`. */
  readonly what: string;
  readonly hint: string;
}

/** Poolers that can be told by their address alone: those that give each transaction another session. */
export function poolerAt(host: string, port: number): PoolerHost | null {
  if (/-pooler\./.test(host) || host.endsWith('-pooler')) {
    return { what: `${host} is a connection pooler`, hint: `Use the direct host ${host.replace('-pooler', '')}.` };
  }
  if (host.endsWith('.pooler.supabase.com') && port === 6543) {
    return {
      what: `${host}:6543 is a transaction pooler`,
      hint: 'Use port 5432 of the same host, or the direct host.',
    };
  }
  return null;
}

/** What to do when nobody answers there; null where nothing better is known than for any host. */
export function unreachableHint(host: string): string | null {
  if (host.endsWith('.railway.internal')) {
    return 'This name exists only inside the Railway project: from elsewhere use DATABASE_PUBLIC_URL of the database service.';
  }
  if (/^db\.[a-z0-9]+\.supabase\.co$/.test(host)) {
    return 'This host has an IPv6 address only: from a network without IPv6 use the session pooler (port 5432 of …pooler.supabase.com).';
  }
  return null;
}
