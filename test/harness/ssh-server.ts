/**
 * A real sshd on 127.0.0.1 with a configuration of its own, which leads every login into a container: what it is asked to
 * run a shell runs there, as on another machine.
 */

import { spawn, execFile, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { chmod, mkdir, readFile, writeFile } from 'node:fs/promises';
import { createConnection } from 'node:net';
import { userInfo } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import type { Container } from './container.ts';
import { findFreePort } from './postgres-server.ts';
import { makeTestDirectory, type TestDirectory } from './temporary.ts';

const run = promisify(execFile);
const startTimeoutMs = 20_000;

export interface SshServer extends AsyncDisposable {
  /** Logs in with a key. */
  readonly prefix: readonly string[];
  /** Has no key that the server knows. */
  readonly strangersPrefix: readonly string[];
}

export async function startSshServer(container: Container): Promise<SshServer> {
  const directory = await makeTestDirectory('ssh');
  const port = await findFreePort();
  const path = (name: string): string => join(directory.path, name);
  for (const name of ['host', 'user']) await run('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-f', path(name)]);
  await writeFile(path('known'), `[127.0.0.1]:${String(port)} ${await readFile(path('host.pub'), 'utf8')}`);
  await writeFile(path('forced'), `#!/bin/sh\nexec '${container.entrance}' sh -c "$SSH_ORIGINAL_COMMAND"\n`);
  await chmod(path('forced'), 0o755);
  await writeFile(path('config'), configuration(directory, port));
  // Where sshd as root keeps its unprivileged half; the package's service would make it.
  await mkdir('/run/sshd', { recursive: true, mode: 0o755 });
  const child = spawn('setpriv', ['--pdeathsig', 'KILL', '--', '/usr/sbin/sshd', '-D', '-e', '-f', path('config')], {
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  const said = { text: '' };
  child.stderr.setEncoding('utf8').on('data', (part: string) => (said.text += part));
  await untilListening(child, port, said);
  const common = ['ssh', '-F', '/dev/null', '-p', String(port), '-o', `UserKnownHostsFile=${path('known')}`];
  const host = ['-o', 'BatchMode=yes', '-o', 'IdentitiesOnly=yes', `${userInfo().username}@127.0.0.1`];
  return {
    prefix: [...common, '-i', path('user'), ...host],
    strangersPrefix: [...common, '-i', path('host'), ...host],
    [Symbol.asyncDispose]: async () => {
      const ended = once(child, 'exit');
      child.kill();
      await ended;
      await directory[Symbol.asyncDispose]();
    },
  };
}

function configuration(directory: TestDirectory, port: number): string {
  const path = (name: string): string => join(directory.path, name);
  return [
    `Port ${String(port)}`,
    'ListenAddress 127.0.0.1',
    `HostKey ${path('host')}`,
    `AuthorizedKeysFile ${path('user.pub')}`,
    'PermitRootLogin prohibit-password',
    'PasswordAuthentication no',
    'KbdInteractiveAuthentication no',
    'UsePAM no',
    'StrictModes no',
    'PidFile none',
    'MaxStartups 100',
    `ForceCommand ${path('forced')}`,
    '',
  ].join('\n');
}

async function untilListening(child: ChildProcess, port: number, said: { readonly text: string }): Promise<void> {
  for (let waitedMs = 0; waitedMs < startTimeoutMs && child.exitCode === null; waitedMs += 20) {
    const socket = createConnection(port, '127.0.0.1');
    const isOpen = await once(socket, 'connect').then(
      () => true,
      () => false,
    );
    socket.destroy();
    if (isOpen) return;
    await sleep(20);
  }
  throw new Error(`sshd did not start (package openssh-server): ${said.text}`);
}
