/** A shell on a terminal, in a folder where `holdfast` is the program under test: lines are typed, keys pressed, output seen. */

import { spawn } from 'node:child_process';
import { mkdir } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { putProgram } from './shell.ts';
import { cliEnvironment, type CliOptions } from './cli.ts';

export interface TypedLine {
  /** Typed when the prompt `ready>` stands there; ended by Enter unless `keys` says otherwise. */
  readonly text: string;
  /** Pressed after the text and waited for in turn: `[['\t', /seen/], ['\r', /seen/]]`. */
  readonly keys: readonly (readonly [key: string, until: RegExp])[];
}

const program = resolve(import.meta.dirname, '../../src/cli/main.ts');

/** Puts `holdfast` into the folder `bin`: it completes for real; everything else it only repeats. */
export async function putHoldfast(options: CliOptions): Promise<CliOptions> {
  const bin = join(options.cwd, 'bin');
  await mkdir(bin, { recursive: true });
  const real = `exec '${process.execPath}' '${program}' "$@"`;
  await putProgram(bin, 'holdfast', `case $1 in __complete|completion) ${real} ;; esac\necho "ran: $*"`);
  const { PATH = '' } = cliEnvironment(options);
  return { ...options, env: { ...options.env, PATH: `${bin}:${PATH}` } };
}

/** Everything the terminal showed. `shell`: a command line without quotes. */
export async function typeInto(shell: string, lines: readonly TypedLine[], options: CliOptions): Promise<string> {
  const child = spawn('script', ['--quiet', '--flush', '--command', `stty cols 300; exec ${shell}`, '/dev/null'], {
    cwd: options.cwd,
    env: { ...cliEnvironment(options), TERM: 'dumb', SHELL: '/bin/sh' },
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  let shown = '';
  let from = 0;
  const watchers = new Set<() => void>();
  child.stdin.on('error', () => undefined);
  child.stdout.setEncoding('utf8').on('data', (part: string) => {
    shown += part;
    for (const look of watchers) look();
  });
  const timer = setTimeout(() => child.kill('SIGKILL'), options.timeoutMs ?? 30_000);
  const ended = new Promise<void>((fulfil) => child.once('close', () => fulfil()));
  const saw = async (pattern: RegExp): Promise<void> => {
    const found = new Promise<void>((fulfil) => {
      const look = (): void => {
        const match = pattern.exec(shown.slice(from));
        if (match === null) return;
        from += match.index + match[0].length;
        watchers.delete(look);
        fulfil();
      };
      watchers.add(look);
      look();
    });
    await Promise.race([
      found,
      ended.then(() => Promise.reject(new Error(`not seen: ${String(pattern)} in ${shown}`))),
    ]);
  };
  try {
    for (const { text, keys } of lines) {
      child.stdin.write(text);
      for (const [key, until] of keys) {
        child.stdin.write(key);
        await saw(until);
      }
    }
    child.stdin.write('exit\r');
    await ended;
    return shown;
  } finally {
    clearTimeout(timer);
    child.kill('SIGKILL');
  }
}
