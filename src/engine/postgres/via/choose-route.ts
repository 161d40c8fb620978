/**
 * Which program carries the connection, and to which address of the server. A server that was not named is reached as
 * psql does it there: by its Unix socket, and where no program can, or there is none, at 127.0.0.1.
 */

import { isIPv6 } from 'node:net';
import { isSocketDirectory } from '../connection/address.ts';
import { viaErrors } from './errors.ts';
import { bashRelay, perlRelay, pythonRelay } from './relay-scripts.ts';
import type { RelayProgram, Surroundings } from './survey.ts';
import { describePrefix, type Via } from './via.ts';

export interface Route {
  readonly program: RelayProgram;
  /** A name, an IP address, or a socket's directory, as seen from there. */
  readonly host: string;
  readonly port: number;
  /** What to run there for each connection. */
  readonly words: readonly string[];
}

/** In the order they are preferred. */
const programs: readonly RelayProgram[] = ['socat', 'bash', 'perl', 'python3', 'nc'];
const speaksUnix: ReadonlySet<RelayProgram> = new Set(['socat', 'perl', 'python3']);

/** Throws `via-without-relay`. */
export function chooseRoute(found: Surroundings, via: Via): Route {
  const { port } = via;
  for (const host of hosts(found, via)) {
    for (const program of programs) {
      const options = found.programs.get(program);
      if (options === undefined || !reaches(program, host)) continue;
      return { program, host, port, words: wordsOf(program, options, host, port) };
    }
  }
  throw nothingCarries(found, via);
}

function hosts({ socketDirectory }: Surroundings, { host }: Via): readonly string[] {
  if (host !== null) return [host];
  return socketDirectory === null ? ['127.0.0.1'] : [socketDirectory, '127.0.0.1'];
}

function reaches(program: RelayProgram, host: string): boolean {
  if (!isSocketDirectory(host)) return true;
  // Other characters mean something in socat's addresses.
  return speaksUnix.has(program) && (program !== 'socat' || /^[\w./-]+$/.test(host));
}

function wordsOf(program: RelayProgram, options: readonly string[], host: string, port: number): readonly string[] {
  const place = [host, String(port)];
  switch (program) {
    case 'socat':
      // The server's last words after our end: it has said them long before.
      return ['socat', '-b', '65536', '-t', '1', 'STDIO', socatAddress(host, port)];
    case 'bash':
      return ['bash', '-c', bashRelay, 'relay', ...place];
    case 'perl':
      return ['perl', '-e', perlRelay, ...place];
    case 'python3':
      return ['python3', '-c', pythonRelay, ...place];
    case 'nc':
      return ['nc', ...options, ...place];
  }
}

function socatAddress(host: string, port: number): string {
  if (isSocketDirectory(host)) return `UNIX-CONNECT:${host}/.s.PGSQL.${String(port)}`;
  return `TCP:${isIPv6(host) ? `[${host}]` : host}:${String(port)}`;
}

function nothingCarries({ programs: there }: Surroundings, via: Via): Error {
  const place = describePrefix(via.prefix);
  if (there.size === 0) {
    return viaErrors.make(
      'via-without-relay',
      `${place}: neither ${programs.join(', ')} is there to carry a connection`,
    );
  }
  const names = [...there.keys()].join(', ');
  return viaErrors.make(
    'via-without-relay',
    `${place}: ${names} cannot connect to a Unix socket in ${via.host ?? ''}`,
    {
      hint: 'Install socat, perl or python3 there, or name a host in the address: the server then needs listen_addresses.',
    },
  );
}
