/**
 * What a container is to a database: mounts, network and processes of its own, where a real PostgreSQL listens and nobody
 * outside reaches it. Programs named docker and kubectl lead in, as the real ones do: with the container's environment
 * and not the caller's, and every word they were given is noted. Needs root and Linux.
 */

import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { appendFile, chmod, mkdir, readdir, readFile, readlink, rm, symlink, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { text } from 'node:stream/consumers';
import { setTimeout as sleep } from 'node:timers/promises';
import { findProgram } from '../../src/system/find-program.ts';
import { unprivilegedUser } from '../../src/system/unprivileged-user.ts';
import { copyCluster } from './cluster-template.ts';
import { distributionMajor, serverBinaries } from './server-binaries.ts';
import { makeSharedDirectory, type TestDirectory } from './temporary.ts';

export const containerName = 'chain-postgres';
const socketDirectory = '/run/postgresql';
const startTimeoutMs = 60_000;

export class Container implements AsyncDisposable {
  readonly binDirectory: string;
  readonly #directory: TestDirectory;
  readonly #user: string;
  #child: ChildProcess | null = null;

  constructor(directory: TestDirectory, binDirectory: string, user: string) {
    this.#directory = directory;
    this.binDirectory = binDirectory;
    this.#user = user;
  }

  /** For the program under test: docker and kubectl come first. */
  get environment(): Readonly<Record<string, string>> {
    return { PATH: `${this.#path('bin')}:${process.env['PATH'] ?? ''}`, HOLDFAST_PG_BIN: this.binDirectory };
  }

  /** A command that enters, for what else leads in (sshd). */
  get entrance(): string {
    return this.#path('enter');
  }

  async start(): Promise<void> {
    const own = ['--mount', '--net', '--pid', '--fork', '--kill-child', '--mount-proc', '--'];
    // It is process 1 there and ends with it; a postmaster that changed its user would not end with us.
    const script = `ip link set lo up && mount -t tmpfs -o mode=755 none /run && mkdir ${socketDirectory} &&
      chown ${this.#user} ${socketDirectory} && setpriv --reuid ${this.#user} --regid ${this.#user} --clear-groups \\
      "$1/postgres" -D "$2" >>"$3" 2>&1 & wait $!`;
    const words = ['sh', this.binDirectory, this.#path('data'), this.#path('server.log')];
    const bound = ['--pdeathsig', 'KILL', '--', 'unshare', ...own, 'sh', '-c', script, ...words];
    const child = spawn('setpriv', bound, {
      cwd: '/',
      stdio: 'ignore',
      env: { PATH: process.env['PATH'], LC_ALL: 'C' },
    });
    this.#child = child;
    await writeFile(this.#path('pid'), String(child.pid ?? 0));
    await this.#untilReady(child);
  }

  /** As `docker kill`: everything in it dies at once, whoever started it. */
  async kill(): Promise<void> {
    const child = this.#child;
    if (child === null || child.exitCode !== null || child.signalCode !== null) return;
    const ended = once(child, 'exit');
    const inside = await this.#pids();
    child.kill('SIGKILL');
    await ended;
    for (const pid of inside) while (existsSync(`/proc/${String(pid)}/ns`)) await sleep(5);
    await rm(this.#path('data/postmaster.pid'), { force: true });
  }

  /** Runs SQL inside through psql, stopping at the first error: the independent witness. */
  async psql(sql: string, database = 'postgres'): Promise<string> {
    const psql = [join(this.binDirectory, 'psql'), '-XqAt', '-v', 'ON_ERROR_STOP=1', '-h', socketDirectory];
    const child = spawn(this.entrance, [...psql, '-U', 'postgres', '-d', database], {
      stdio: ['pipe', 'pipe', 'pipe'],
    });
    child.stdin.on('error', () => undefined);
    child.stdin.end(sql);
    const [out, complaint] = await Promise.all([text(child.stdout), text(child.stderr), once(child, 'close')]);
    if (child.exitCode !== 0) throw new Error(`psql ended with ${String(child.exitCode)}: ${complaint.trim()}`);
    return out.replace(/\n$/, '');
  }

  /** What runs inside beside the server itself: command lines. */
  async strangers(): Promise<readonly string[]> {
    const found = await Promise.all((await this.#pids()).map((pid) => commandOf(pid)));
    const isServer = (command: string): boolean => /^postgres: /.test(command) || command.includes(this.#path('data'));
    return found.filter((command) => command !== '' && !isServer(command));
  }

  /** Waits until nothing does; answers with what stays after ten seconds. */
  async emptied(): Promise<readonly string[]> {
    for (let waitedMs = 0; ; waitedMs += 50) {
      const found = await this.strangers();
      if (found.length === 0 || waitedMs >= 10_000) return found;
      await sleep(50);
    }
  }

  /** From now on only these programs are found inside; null for all of the machine's. */
  async provide(programs: readonly string[] | null): Promise<void> {
    await rm(this.#path('inside'), { recursive: true, force: true });
    if (programs === null) return;
    await mkdir(this.#path('inside'));
    for (const name of programs) {
      // The distribution's own: what comes first in a developer's PATH may be a script that needs other programs.
      const path = findProgram(name, '/usr/bin:/bin') ?? findProgram(name, process.env['PATH']);
      if (path === null)
        throw new Error(`${name} is not on this machine: run \`node scripts/ensure-postgres.mjs --tests\``);
      await symlink(path, join(this.#path('inside'), name));
    }
  }

  /** Every call of docker and kubectl since the last look: the program's name, then its words. */
  async calls(): Promise<readonly (readonly string[])[]> {
    const words = (await readFile(this.#path('calls'), 'utf8').catch(() => '')).split('\0');
    await rm(this.#path('calls'), { force: true });
    const calls: (readonly string[])[] = [];
    for (let at = 0; at < words.length - 1; ) {
      const count = Number(words[at]);
      calls.push(words.slice(at + 1, at + 1 + count));
      at += 1 + count;
    }
    return calls;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.kill();
    await this.#directory[Symbol.asyncDispose]();
  }

  async install(): Promise<void> {
    await mkdir(this.#path('bin'));
    await writeFile(this.entrance, enterScript(this.#directory.path));
    await chmod(this.entrance, 0o755);
    for (const name of ['docker', 'kubectl']) {
      await writeFile(join(this.#path('bin'), name), leadingScript(name, this.#directory.path));
      await chmod(join(this.#path('bin'), name), 0o755);
    }
  }

  #path(name: string): string {
    return join(this.#directory.path, name);
  }

  async #pids(): Promise<readonly number[]> {
    const parent = this.#child?.pid ?? 0;
    const namespace = await readlink(`/proc/${String(parent)}/ns/pid_for_children`).catch(() => 'none');
    const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name)).map(Number);
    const found = await Promise.all(
      pids.map(async (pid) =>
        (await readlink(`/proc/${String(pid)}/ns/pid`).catch(() => '')) === namespace ? [pid] : [],
      ),
    );
    return found.flat();
  }

  async #untilReady(child: ChildProcess): Promise<void> {
    for (let waitedMs = 0; waitedMs < startTimeoutMs && child.exitCode === null; waitedMs += 20) {
      const lines = (await readFile(this.#path('data/postmaster.pid'), 'utf8').catch(() => '')).split('\n');
      if (lines[7]?.trim() === 'ready') return;
      await sleep(20);
    }
    throw new Error(`the server in the container did not start:\n${await readFile(this.#path('server.log'), 'utf8')}`);
  }
}

/** The server asks `postgres` for no password on the socket, and everybody else for one everywhere. */
export async function startContainer(): Promise<Container> {
  if (process.getuid?.() !== 0) throw new Error('a container for tests needs root: mount and network namespaces');
  const user = await unprivilegedUser();
  if (user === null) throw new Error('there is neither a user postgres nor nobody');
  const binDirectory = serverBinaries(distributionMajor());
  const directory = await makeSharedDirectory('box');
  const container = new Container(directory, binDirectory, user.name);
  try {
    const data = join(directory.path, 'data');
    await copyCluster({ binDirectory, initdbArgs: [], user }, data);
    await appendFile(
      join(data, 'postgresql.conf'),
      `listen_addresses = '127.0.0.1'\nunix_socket_directories = '${socketDirectory}'\nfsync = off\nfull_page_writes = off\nshared_buffers = 32MB\njit = off\n`,
    );
    await writeFile(
      join(data, 'pg_hba.conf'),
      'local all postgres trust\nlocal all all scram-sha-256\nhost all all 127.0.0.1/32 scram-sha-256\n',
    );
    await container.install();
    await container.start();
    return container;
  } catch (cause) {
    await container[Symbol.asyncDispose]();
    throw cause;
  }
}

async function commandOf(pid: number): Promise<string> {
  const words = (await readFile(`/proc/${String(pid)}/cmdline`, 'utf8').catch(() => '')).split('\0');
  return [basename(words[0] ?? ''), ...words.slice(1)].join(' ').trim();
}

/** Runs a command inside, with nothing of the caller's environment. */
function enterScript(directory: string): string {
  return `#!/bin/sh
read -r pid <'${directory}/pid' || [ -n "$pid" ] || exit 125
path=/usr/local/bin:/usr/bin:/bin
[ -d '${directory}/inside' ] && path='${directory}/inside'
exec nsenter --mount=/proc/$pid/ns/mnt --net=/proc/$pid/ns/net --pid=/proc/$pid/ns/pid_for_children -- \\
  /usr/bin/env -i PATH="$path" "$@"
`;
}

/** `docker exec`, `docker compose exec`, `kubectl exec`, as far as they matter here. */
function leadingScript(name: string, directory: string): string {
  return `#!/bin/sh
printf '%s\\0' "$(($# + 1))" ${name} "$@" >>'${directory}/calls'
input=closed
[ "$1" = compose ] && shift && input=open
[ "$1" = exec ] || { echo "${name}: '$1' is not a ${name} command." >&2; exit 125; }
shift
while :; do
  case $1 in
    -i) input=open ;;
    -T) ;;
    -t | -it) echo 'the input device is not a TTY' >&2; exit 1 ;;
    *) break ;;
  esac
  shift
done
[ "$1" = ${containerName} ] || { echo "Error response from daemon: No such container: $1" >&2; exit 1; }
shift
if [ ${name} = kubectl ]; then
  [ "$1" = -- ] || { echo "error: unknown shorthand flag: 'c' in -c" >&2; exit 1; }
  shift
fi
read -r pid <'${directory}/pid' || :
[ -d "/proc/$pid/ns" ] || { echo "Error response from daemon: container 4f2d is not running" >&2; exit 1; }
[ $input = open ] || exec </dev/null
exec '${directory}/enter' "$@"
`;
}
