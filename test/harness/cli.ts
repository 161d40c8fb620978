/**
 * Runs the real program, `src/cli/main.ts`, as a child process: with an environment of its own (nothing of the test's is
 * inherited but PATH), its state and home inside the given folder, and signals sent when something was seen.
 */

import { spawn, type ChildProcessByStdio } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type { Readable, Writable } from 'node:stream';
import { wallClock } from '../../src/system/wall-clock.ts';

export interface CliOptions {
  readonly cwd: string;
  readonly env?: Readonly<Record<string, string>>;
  /** Written to standard input, which is then closed. Default: nothing, closed at once. */
  readonly stdin?: string;
  /** Then it is killed and the result is an error. */
  readonly timeoutMs?: number;
  /** Small or read-only file systems that this run alone sees, in a mount namespace of its own. */
  readonly mounts?: readonly PrivateMount[];
  /** A command that ends by running the words behind it: the program. */
  readonly before?: readonly string[];
}

export interface PrivateMount {
  readonly path: string;
  /** As `mount -t tmpfs -o` takes them: `size=8m`, `ro`. */
  readonly options: string;
}

export interface CliResult {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
  readonly elapsedMs: number;
  /** The lines of stdout as JSON objects (`--json`); throws on a line that is none. */
  json(): readonly Readonly<Record<string, unknown>>[];
}

export interface CliRun {
  readonly pid: number;
  /** Resolves when stdout or stderr holds the pattern; rejects when the program ends without. */
  saw(pattern: RegExp): Promise<void>;
  signal(name: NodeJS.Signals): void;
  readonly result: Promise<CliResult>;
}

const program = resolve(import.meta.dirname, '../../src/cli/main.ts');
const setpriv = existsSync('/usr/bin/setpriv') ? '/usr/bin/setpriv' : null;

export async function runHoldfast(args: readonly string[], options: CliOptions): Promise<CliResult> {
  return await startHoldfast(args, options).result;
}

export function startHoldfast(args: readonly string[], options: CliOptions): CliRun {
  const begunMs = wallClock.monotonicMs();
  const command = [
    ...inNamespace(options.mounts ?? []),
    ...(options.before ?? []),
    process.execPath,
    '--',
    program,
    ...args,
  ];
  const bound = setpriv === null ? command : [setpriv, '--pdeathsig', 'KILL', '--', ...command];
  const child = spawn(bound[0] ?? '', bound.slice(1), {
    cwd: options.cwd,
    env: cliEnvironment(options),
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  // A program that does not read its input may end before it is written.
  child.stdin.on('error', () => undefined);
  child.stdin.end(options.stdin ?? '');
  return follow(child, args, options.timeoutMs ?? 120_000, begunMs);
}

/** The mounts go with the last process of the namespace. An ordinary user makes them in a user namespace. */
function inNamespace(mounts: readonly PrivateMount[]): readonly string[] {
  if (mounts.length === 0) return [];
  const own = process.getuid?.() === 0 ? [] : ['--user', '--map-root-user'];
  const pairs = mounts.flatMap(({ path, options }) => [path, options]);
  const script =
    'while [ "$1" != -- ]; do mount -t tmpfs -o "$2" none "$1" || exit 99; shift 2; done; shift; exec "$@"';
  return ['unshare', ...own, '--mount', 'sh', '-c', script, 'sh', ...pairs, '--'];
}

/** What Node.js keeps of the program between its starts, which are most of a test's time. */
const compiled = resolve(import.meta.dirname, '../../node_modules/.cache/compiled');

/** The environment the program runs in. */
export function cliEnvironment(options: CliOptions): Record<string, string> {
  return {
    PATH: process.env['PATH'] ?? '',
    LC_ALL: 'C.UTF-8',
    HOME: options.cwd,
    HOLDFAST_STATE_DIR: join(options.cwd, '.holdfast-state'),
    NODE_COMPILE_CACHE: compiled,
    ...options.env,
  };
}

type Child = ChildProcessByStdio<Writable, Readable, Readable>;

function follow(child: Child, args: readonly string[], timeoutMs: number, begunMs: number): CliRun {
  const said = listen(child);
  const everything = (): string => `holdfast ${args.join(' ')}\n${said.stdout}${said.stderr}`;
  let late = false;
  const timer = setTimeout(() => {
    late = true;
    child.kill('SIGKILL');
  }, timeoutMs);
  const result = new Promise<CliResult>((fulfil, reject) => {
    child.once('error', reject);
    child.once('close', (code, signal) => {
      clearTimeout(timer);
      said.notify();
      const { stdout, stderr } = said;
      if (late) reject(new Error(`still running after ${timeoutMs} ms: ${everything()}`));
      else
        fulfil({
          ...{ code, signal, stdout, stderr },
          elapsedMs: wallClock.monotonicMs() - begunMs,
          json: () => parseLines(stdout),
        });
    });
  });
  // Whoever only waits for `saw` must not meet an unhandled rejection as well.
  result.catch(() => undefined);
  return {
    pid: child.pid ?? 0,
    result,
    signal: (name) => {
      child.kill(name);
    },
    saw: (pattern) =>
      new Promise((fulfil, reject) => {
        said.watch(() => {
          const ended = child.exitCode !== null || child.signalCode !== null;
          if (pattern.test(said.stdout) || pattern.test(said.stderr)) fulfil();
          else if (ended) reject(new Error(`ended without ${String(pattern)}: ${everything()}`));
          else return false;
          return true;
        });
      }),
  };
}

interface Said {
  stdout: string;
  stderr: string;
  notify(): void;
  /** Calls it now and at every change until it answers true. */
  watch(watcher: () => boolean): void;
}

function listen(child: Child): Said {
  const watchers = new Set<() => boolean>();
  const said: Said = {
    stdout: '',
    stderr: '',
    notify: () => {
      for (const watcher of watchers) if (watcher()) watchers.delete(watcher);
    },
    watch: (watcher) => {
      if (!watcher()) watchers.add(watcher);
    },
  };
  for (const name of ['stdout', 'stderr'] as const) {
    child[name].setEncoding('utf8').on('data', (part: string) => {
      said[name] += part;
      said.notify();
    });
  }
  return said;
}

function parseLines(stdout: string): readonly Readonly<Record<string, unknown>>[] {
  return stdout
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => {
      const value: unknown = JSON.parse(line);
      if (typeof value !== 'object' || value === null || Array.isArray(value))
        throw new Error(`not an object: ${line}`);
      return { ...value };
    });
}
