/** What is where the database is: programs that can carry a connection, the server's socket, client tools. Asked once. */

import { HoldfastError } from '../../../domain/error.ts';
import { startChild, type ExitStatus } from '../../../system/child-process.ts';
import { viaErrors } from './errors.ts';
import { explainFailure } from './explain-failure.ts';
import { surveyGreeting, surveyScript } from './survey-script.ts';
import { commandThere, describePrefix, type Via } from './via.ts';

export type RelayProgram = 'socat' | 'bash' | 'perl' | 'python3' | 'nc';

export interface Surroundings {
  /** The folder of the server's Unix socket; null when none was found. */
  readonly socketDirectory: string | null;
  /** With the options each needs. */
  readonly programs: ReadonlyMap<RelayProgram, readonly string[]>;
  readonly tools: readonly ToolsThere[];
}

export interface ToolsThere {
  readonly directory: string;
  readonly major: number;
  /** `17.11` */
  readonly version: string;
}

/** For a machine that does not answer, or a program that waits for a password. */
const patienceMs = 30_000;

const known = new Map<string, Promise<Surroundings>>();

/** Throws `via-missing`, `via-failed`, `via-without-input`, `via-without-shell`. */
export async function survey(via: Via, signal: AbortSignal): Promise<Surroundings> {
  const key = keyOf(via);
  const asked = known.get(key) ?? ask(via, signal);
  known.set(key, asked);
  try {
    return await asked;
  } catch (thrown) {
    known.delete(key);
    throw thrown;
  }
}

/** What was found may be true no more: a container was replaced. */
export function forgetSurvey(via: Via): void {
  known.delete(keyOf(via));
}

function keyOf({ prefix, port }: Via): string {
  return JSON.stringify([prefix, port]);
}

async function ask(via: Via, signal: AbortSignal): Promise<Surroundings> {
  const late = AbortSignal.timeout(patienceMs);
  const { command, args } = commandThere(via.prefix, ['sh', '-c', surveyScript, 'sh', String(via.port)]);
  const place = describePrefix(via.prefix);
  try {
    await using child = await startChild(
      { command, args, stdin: 'pipe', detached: true, deathSignal: 'SIGKILL' },
      AbortSignal.any([signal, late]),
    );
    child.stdin?.end(`${surveyGreeting}\n`);
    const chunks: Buffer[] = [];
    if (child.stdout !== null) for await (const chunk of child.stdout) chunks.push(chunk as Buffer);
    const status = await child.ended;
    signal.throwIfAborted();
    if (late.aborted) throw silent(place);
    return readAnswer(Buffer.concat(chunks).toString('utf8'), status, via);
  } catch (thrown) {
    signal.throwIfAborted();
    if (late.aborted) throw silent(place);
    if (!(thrown instanceof HoldfastError) || thrown.code !== 'tool-missing') throw thrown;
    throw viaErrors.make('via-missing', thrown.message, { cause: thrown });
  }
}

function silent(place: string): HoldfastError {
  return viaErrors.make('via-failed', `${place} did not answer within ${String(patienceMs / 1000)} seconds`);
}

/** Throws what the end of the program, or a greeting that did not arrive, means. */
export function readAnswer(text: string, status: ExitStatus, via: Via): Surroundings {
  const lines = text.split('\n').map((line) => line.split('\t'));
  if (status.code !== 0) throw explainFailure(via, status);
  if (!lines.some(([word, heard]) => word === 'heard' && heard === surveyGreeting)) {
    const place = describePrefix(via.prefix);
    throw viaErrors.make('via-without-input', `${place}: what is written to it does not arrive there`);
  }
  return {
    socketDirectory: lines.find(([word]) => word === 'socket')?.[1] ?? null,
    programs: new Map(lines.flatMap(programOf)),
    tools: lines.flatMap(toolsOf),
  };
}

function programOf([word, name = '', ...options]: readonly string[]): (readonly [RelayProgram, readonly string[]])[] {
  return word === 'program' && isRelayProgram(name) ? [[name, options]] : [];
}

function isRelayProgram(name: string): name is RelayProgram {
  return ['socat', 'bash', 'perl', 'python3', 'nc'].includes(name);
}

function toolsOf([word, directory = '', said = '']: readonly string[]): readonly ToolsThere[] {
  const version = /\(PostgreSQL\) (\d+)((?:\.\d+)*\w*)/.exec(said);
  if (word !== 'tools' || version?.[1] === undefined) return [];
  return [{ directory, major: Number(version[1]), version: `${version[1]}${version[2] ?? ''}` }];
}
