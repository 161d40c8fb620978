/** An address as seen from somewhere else, before there is a way to it. */

import type { PgAddress } from '../connection/address.ts';
import { postgresErrors } from '../errors.ts';
import { describePrefix } from './via.ts';

/** No socket can ever be in it: an address without a way must not lead to a server of this machine. */
const closedRelay = '/dev/null/relay-not-open';

/** Variables that mean something on this machine only: where to connect, and how encrypted. */
const localVariables = /^PG(?:HOST|HOSTADDR|PORT|SSL\w*|PASSFILE|REQUIREPEER|GSS\w*|KRBSRVNAME|CHANNELBINDING)$/;

/** What is left of this machine's variables, or of an address's options, for a server elsewhere. */
export function valuesForThere(variables: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries(variables).filter(([name]) => !localVariables.test(name)));
}

/** `address.host` is empty when none was named. A relay is a Unix socket, over which PostgreSQL never encrypts. */
export function leadThere(address: PgAddress, prefix: readonly string[]): PgAddress {
  const { host, port, sslmode, options } = address;
  if (sslmode !== null && !['disable', 'allow', 'prefer'].includes(sslmode)) {
    throw postgresErrors.make('invalid-target', `sslmode ${sslmode} cannot be kept through ${describePrefix(prefix)}`, {
      hint: 'Leave sslmode out of the address: it is the way there (ssh, docker, kubectl) that encrypts.',
    });
  }
  return {
    ...address,
    host: closedRelay,
    sslmode: null,
    options: valuesForThere(options),
    via: { prefix, host: host === '' ? null : host, port },
  };
}
