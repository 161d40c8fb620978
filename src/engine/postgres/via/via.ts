/**
 * Databases that answer only somewhere else: inside a container, on another machine. A prefix runs commands there
 * (`docker exec -i chain-postgres`, `kubectl exec -i pod --`, `ssh db.example.com`) with standard input and output that
 * lead here; everything else is made of that.
 */

import { basename } from 'node:path';

export interface Via {
  /** The program and its first arguments; a command to run there follows them. */
  readonly prefix: readonly string[];
  /** The server as seen from there: a name, an IP address, a socket's directory. Null: its Unix socket, else 127.0.0.1. */
  readonly host: string | null;
  readonly port: number;
}

export interface CommandThere {
  readonly command: string;
  readonly args: readonly string[];
}

/** For people, and the same for every way of writing the prefix: `docker exec chain-postgres`. */
export function describePrefix(prefix: readonly string[]): string {
  const [program = '', ...rest] = prefix;
  return [basename(program), ...rest.filter((word) => !plumbing.has(word))].join(' ');
}

/** Words that say how the bytes travel, not where to. */
const plumbing: ReadonlySet<string> = new Set(['-i', '-T', '--', '--interactive', '--stdin', '--no-TTY', '--no-tty']);

/** The whole command line for these words to be run there. */
export function commandThere(prefix: readonly string[], words: readonly string[]): CommandThere {
  const [command = '', ...before] = prefix;
  if (!isSsh(prefix)) return { command, args: [...before, ...words] };
  return { command, args: [...before, words.map(quoteWord).join(' ')] };
}

/** ssh joins its arguments with spaces and gives the text to a shell there; what else runs commands keeps them apart. */
function isSsh(prefix: readonly string[]): boolean {
  const names = prefix.map((word) => basename(word));
  const [first = ''] = names;
  return first === 'ssh' || (wrappers.has(first) && names.includes('ssh'));
}

const wrappers: ReadonlySet<string> = new Set(['sudo', 'doas', 'env', 'timeout', 'nice', 'ionice', 'sshpass']);

function quoteWord(word: string): string {
  if (/^[\w@%+=:,./-]+$/.test(word)) return word;
  return `'${word.replaceAll("'", `'\\''`)}'`;
}
