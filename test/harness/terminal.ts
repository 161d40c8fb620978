/** Runs the program on a terminal of its own, made by script(1) of util-linux, and types an answer when it asks. */

import { spawn } from 'node:child_process';
import { resolve } from 'node:path';
import { cliEnvironment, type CliOptions, type CliResult } from './cli.ts';
import { wallClock } from '../../src/system/wall-clock.ts';

const program = resolve(import.meta.dirname, '../../src/cli/main.ts');

export interface TypedAnswer {
  /** Looked for in what the terminal shows, without its colours. */
  readonly question: RegExp;
  /** `\r` is the return key, `\u0003` Ctrl-C. */
  readonly answer: string;
}

/** The terminal is so wide that no question is broken. Everything it showed is in `stdout`, without colours and with the lines that were written over. */
export async function runOnTerminal(
  args: readonly string[],
  options: CliOptions,
  typed: TypedAnswer,
): Promise<CliResult> {
  const begunMs = wallClock.monotonicMs();
  const command = [process.execPath, program, ...args].map((word) => `'${word.replaceAll("'", `'\\''`)}'`).join(' ');
  const child = spawn(
    'script',
    ['--quiet', '--return', '--flush', '--command', `stty cols 300; exec ${command}`, '/dev/null'],
    {
      cwd: options.cwd,
      env: { ...cliEnvironment(options), TERM: 'xterm', SHELL: '/bin/sh', NO_COLOR: '1' },
      stdio: ['pipe', 'pipe', 'inherit'],
    },
  );
  let shown = '';
  let isAnswered = false;
  child.stdin.on('error', () => undefined);
  child.stdout.setEncoding('utf8').on('data', (part: string) => {
    shown += part;
    if (isAnswered || !typed.question.test(plain(shown))) return;
    isAnswered = true;
    child.stdin.write(typed.answer);
  });
  const timer = setTimeout(() => {
    child.kill('SIGKILL');
  }, options.timeoutMs ?? 60_000);
  const [code, signal] = await new Promise<[number | null, NodeJS.Signals | null]>((fulfil, reject) => {
    child.once('error', reject);
    child.once('close', (...ended) => {
      fulfil(ended);
    });
  });
  clearTimeout(timer);
  child.stdin.end();
  const stdout = plain(shown);
  const json = (): never => {
    throw new Error('a terminal shows no JSON');
  };
  return { code, signal, stdout, stderr: '', elapsedMs: wallClock.monotonicMs() - begunMs, json };
}

/** Without the sequences that colour, move and erase (ECMA-48, CSI). */
function plain(text: string): string {
  return text.replaceAll(/\u001B\[[0-9;?]*[A-Za-z]/g, '').replaceAll('\r\n', '\n');
}
