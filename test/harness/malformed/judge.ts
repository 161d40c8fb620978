/** Runs the program on a malformed input, for people and for programs, and says what is wrong with its answer. */

import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { cp, lstat, readdir } from 'node:fs/promises';
import { availableParallelism, loadavg } from 'node:os';
import { join } from 'node:path';
import { runHoldfast, type CliOptions, type CliResult } from '../cli.ts';
import { holds } from '../secrets.ts';
import { makeTestDirectory } from '../temporary.ts';
import { failing, plantedSecret, type MalformedCase } from './malformed-case.ts';

/** A program that takes longer hangs, or is slow: ten seconds, on a machine that is not busy with something else. */
function patienceMs(): number {
  const [load = 0] = loadavg();
  return 10_000 * Math.max(1, load / availableParallelism());
}

/** Complaints; none when it is as it should be. `whole`: a folder that every case gets a copy of. */
export async function judgeCase(each: MalformedCase, whole: string): Promise<readonly string[]> {
  const complaints: string[] = [];
  for (const json of [false, true]) {
    await using directory = await makeTestDirectory('malformed');
    await cp(whole, directory.path, { recursive: true });
    await each.prepare?.(directory.path);
    const before = await filesIn(directory.path);
    const args = json ? [...each.args, '--json'] : each.args;
    const result = await run(args, each, directory.path).catch((thrown: unknown) => String(thrown));
    if (typeof result === 'string') {
      complaints.push(result.slice(0, 2000));
      continue;
    }
    const said = `${args.join(' ').slice(0, 200)} ended with ${String(result.code)}\n${result.stdout}${result.stderr}`;
    const found = [
      ...judgeAnswer(result, each),
      ...(json ? judgeLines(result) : judgeText(result)),
      ...(await changedSince(before, directory.path)),
    ];
    complaints.push(...found.map((complaint) => `${complaint}: ${said.slice(0, 3000)}`));
  }
  return complaints;
}

function run(args: readonly string[], each: MalformedCase, cwd: string): Promise<CliResult> {
  const options: CliOptions = {
    cwd,
    timeoutMs: patienceMs(),
    ...(each.env === undefined ? {} : { env: each.env }),
    ...(each.stdin === undefined ? {} : { stdin: each.stdin }),
    ...(each.script === undefined ? {} : { before: ['/bin/sh', '-c', `${each.script}; exec "$@"`, 'sh'] }),
  };
  return runHoldfast(args, options);
}

function judgeAnswer(result: CliResult, { exits = failing }: MalformedCase): readonly string[] {
  const said = result.stdout + result.stderr;
  return [
    ...(result.signal === null ? [] : [`killed by ${result.signal}`]),
    ...(exits.includes(result.code ?? -1) ? [] : [`exit code not among ${exits.join(', ')}`]),
    ...(/\n\s+at \S|internal-error|unexpected:|node:internal|Error: /.test(said) ? ['not meant for people'] : []),
    ...(/\bundefined\b|\[object|\bNaN\b/.test(said) ? ['something was not thought of'] : []),
    ...(holds(said, plantedSecret) ? ['says the secret'] : []),
    // The end of a line, and a tab in a message, are all that text may hold of these.
    ...(/[\u0000-\u0008\u000b-\u001f\u007f]/.test(said) ? ['holds control characters'] : []),
    ...(said.length > 20_000 ? ['says too much'] : []),
  ];
}

function isFailure({ code }: CliResult): boolean {
  return code !== 0 && code !== 3 && code !== 14;
}

function judgeText(result: CliResult): readonly string[] {
  if (!isFailure(result)) return [];
  const errors = result.stderr.match(/^error: .+$/gm) ?? [];
  const hints = result.stderr.match(/^hint: \S.*$/gm) ?? [];
  return errors.length === 1 && hints.length === 1 ? [] : ['not one error line with one hint'];
}

function judgeLines(result: CliResult): readonly string[] {
  if (result.stderr !== '') return ['standard error is not empty'];
  let lines: ReturnType<CliResult['json']>;
  try {
    lines = result.json();
  } catch (thrown) {
    return [`a line is no JSON (${String(thrown)})`];
  }
  const last = lines.at(-1) ?? {};
  const errors = lines.filter(({ type }) => type === 'error').length;
  if (!isFailure(result)) return last['type'] === 'result' && errors === 0 ? [] : ['the last line is no result'];
  const isWhole = ['code', 'message', 'hint'].every((key) => typeof last[key] === 'string' && last[key] !== '');
  return last['type'] === 'error' && last['exit'] === result.code && isWhole && errors === 1
    ? []
    : ['the last line is not the one error'];
}

type Contents = ReadonlyMap<string, string>;

/** Of everything but what the program keeps for itself. */
async function filesIn(folder: string): Promise<Contents> {
  const found = new Map<string, string>();
  for (const entry of await readdir(folder, { recursive: true, withFileTypes: true })) {
    const path = join(entry.parentPath, entry.name);
    if (!entry.isFile() || path.includes('.holdfast-state')) continue;
    const { size } = await lstat(path);
    found.set(path, size > 100_000_000 ? `${String(size)} bytes` : await hashOf(path));
  }
  return found;
}

async function hashOf(path: string): Promise<string> {
  const hash = createHash('sha256');
  for await (const chunk of createReadStream(path)) hash.update(chunk as Buffer);
  return hash.digest('hex');
}

async function changedSince(before: Contents, folder: string): Promise<readonly string[]> {
  const after = await filesIn(folder);
  const harmed = [...before].filter(([path, content]) => after.get(path) !== content).map(([path]) => path);
  return harmed.length === 0 ? [] : [`changed ${harmed.join(', ')}`];
}
