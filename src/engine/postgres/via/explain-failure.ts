/** What programs that lead elsewhere say when they fail, and what to do then. */

import type { HoldfastError } from '../../../domain/error.ts';
import type { ExitStatus } from '../../../system/child-process.ts';
import { viaErrors } from './errors.ts';
import { describePrefix, type Via } from './via.ts';

type Code = 'via-failed' | 'via-without-shell' | 'via-without-input';

/** The first pattern that fits what was said decides. */
const explanations: readonly (readonly [said: RegExp, code: Code, hint: string])[] = [
  [
    /executable file not found|exec: "sh"|sh: not found|no such file or directory: unknown|stat \S*\bsh\b/i,
    'via-without-shell',
    'Publish the port of the database and use its address, or name a container that has /bin/sh and reaches the database.',
  ],
  [/not a TTY|not a terminal/i, 'via-without-input', 'Leave out -t; docker compose exec needs -T.'],
  [
    /permission denied.*(?:docker|podman).*sock|(?:docker|podman)\.sock.*permission denied/is,
    'via-failed',
    'Add this user to the group docker and log in again, or write sudo before it: via: [sudo, docker, exec, -i, …].',
  ],
  [
    /cannot connect to the (?:docker|podman) daemon|is the docker daemon running/i,
    'via-failed',
    'Start Docker, or set DOCKER_HOST.',
  ],
  [
    /no such container|no container .*found|no such service|is not running|can only create exec sessions on running/i,
    'via-failed',
    'Start the container, or correct its name: docker ps shows those that run.',
  ],
  [
    /pods? "[^"]*" not found|container \S+ is not valid for pod|unable to upgrade connection|is forbidden/i,
    'via-failed',
    'Check pod, namespace (-n) and container (-c), and that exec is allowed: kubectl auth can-i create pods/exec.',
  ],
  [
    /permission denied \((?:publickey|password|keyboard)|no such identity/i,
    'via-failed',
    'ssh must log in without asking: give it a key (-i FILE, or ~/.ssh/config) that needs no passphrase, or an agent.',
  ],
  [/host key verification failed/i, 'via-failed', 'Connect once by hand, so that the key of the host is known.'],
  [
    /could not resolve hostname|connection refused|connection timed out|no route to host/i,
    'via-failed',
    'Check the name of the host, and that it can be reached from here.',
  ],
  [/a (?:password|terminal) is required/i, 'via-failed', 'sudo must not ask for a password here: NOPASSWD in sudoers.'],
];

export function explainFailure(via: Via, status: ExitStatus): HoldfastError {
  const place = describePrefix(via.prefix);
  const message = `${place}: ${sayFailure(status)}`;
  const known = explanations.find(([said]) => said.test(status.stderr));
  if (known !== undefined) return viaErrors.make(known[1], message, { hint: known[2] });
  if (status.code === 127) return viaErrors.make('via-without-shell', message);
  return viaErrors.make('via-failed', message, { hint: `Run it by hand until it works: ${via.prefix.join(' ')} true` });
}

const socatPreamble = /^\d{4}\/\d\d\/\d\d \d\d:\d\d:\d\d socat\[\d+\] \w /;

/** One line: what the program said last, else how it ended. */
export function sayFailure(status: ExitStatus): string {
  const lines = status.stderr.split('\n').map((line) => line.trim());
  const last = lines.findLast((line) => line !== '' && !/^command terminated with exit code \d+$/.test(line)) ?? '';
  if (last !== '') return last.replace(socatPreamble, '').slice(0, 400);
  return status.signal === null ? `ended with exit code ${String(status.code)}` : `ended by ${status.signal}`;
}
