/**
 * One run of the command line: reads the words and flags, runs the verb, and says the last words. Whatever is thrown
 * becomes `error:` and `hint:` lines (or one JSON line) and an exit code.
 */

import { CommanderError, type Command } from 'commander';
import type { ExitCode, HoldfastError } from '../domain/error.ts';
import { onInterrupt } from '../system/signals.ts';
import { wallClock } from '../system/wall-clock.ts';
import { asError } from '../requests/as-error.ts';
import type { LoadedCommand } from './command.ts';
import { makeContext } from './context.ts';
import { requestErrors } from '../requests/errors.ts';
import type { CommonFlags } from './flags.ts';
import { commandHelpTail, programHelp } from './help.ts';
import { makeCommand } from './make-command.ts';
import { openJsonOutput } from './output/json-output.ts';
import type { Output } from './output/output.ts';
import { makeStyle, wantsColours } from './output/style.ts';
import { openTextOutput } from './output/text-output.ts';
import { nearestName } from '../config/nearest-name.ts';
import { flush, sinkOf } from './streams.ts';
import { verbs } from './verbs.ts';
import { readVersion } from '../system/version.ts';

/** Sets the exit code of the process; ends when everything was said and cleaned up. */
export async function runProgram(args: readonly string[]): Promise<void> {
  const exit = await answer(args);
  await Promise.all([flush(process.stdout), flush(process.stderr)]);
  process.exitCode = exit;
}

async function answer(given: readonly string[]): Promise<ExitCode> {
  const args = verbFirst(given);
  const [first, ...rest] = args;
  if (first === undefined || first === '--help' || first === '-h' || (first === 'help' && rest.length === 0)) {
    process.stdout.write(programHelp(readVersion()));
    return first === undefined ? 2 : 0;
  }
  const isHelp = first === 'help';
  const word = isHelp ? rest[0] : first;
  const verb = verbs.find(({ name }) => name === word);
  if (verb === undefined) return refuse(args, unknownVerb(word ?? ''));
  const { command: definition } = await verb.load();
  const command = makeCommand(verb.name, definition);
  try {
    command.parse(isHelp ? ['--help'] : [...rest], { from: 'user' });
  } catch (thrown) {
    return afterParsing(thrown, args, command, definition);
  }
  return run(definition, command);
}

/** Flags that every verb takes may also stand before it. */
function verbFirst(args: readonly string[]): readonly string[] {
  const valued = new Set(['--url', '--repository', '--config', '--env-file', '--via']);
  const bare = new Set(['--yes', '--dry-run', '--json', '--quiet', '--verbose', '--no-color']);
  let position = 0;
  for (let word = args[0]; word !== undefined; word = args[position]) {
    if (valued.has(word)) position += 2;
    else if (bare.has(word) || [...valued].some((flag) => word.startsWith(`${flag}=`))) position += 1;
    else break;
  }
  const verb = args[position];
  return verb === undefined ? args : [verb, ...args.slice(0, position), ...args.slice(position + 1)];
}

function afterParsing(thrown: unknown, args: readonly string[], command: Command, definition: LoadedCommand): ExitCode {
  if (!(thrown instanceof CommanderError)) throw thrown;
  if (thrown.code === 'commander.helpDisplayed') {
    process.stdout.write(command.helpInformation() + commandHelpTail(definition));
    return 0;
  }
  const message = thrown.message.replace(/^error: /, '').split('\n');
  const suggestion = /Did you mean (\S+)\?/.exec(thrown.message)?.[1];
  const hint = suggestion === undefined ? `See ${command.name()} --help.` : `Did you mean ${suggestion}?`;
  return refuse(args, requestErrors.make('usage', (message[0] ?? '').replace(/\.$/, ''), { hint }));
}

function unknownVerb(word: string): HoldfastError {
  const names = verbs.map(({ name }) => name);
  const meant = nearestName(word, names);
  const message = word.startsWith('-') ? `"${word}" stands where the verb belongs` : `there is no verb "${word}"`;
  return requestErrors.make('usage', message, {
    hint: meant === null ? `The verb comes first: ${names.join(', ')}.` : `Did you mean holdfast ${meant}?`,
  });
}

/** For what goes wrong before the flags are known. */
function refuse(args: readonly string[], error: HoldfastError): ExitCode {
  const color = !args.includes('--no-color');
  const output = openOutput({ json: args.some((word) => word.startsWith('--json')), color }, false);
  output.error(error);
  output.close();
  return error.exit;
}

function openOutput(common: CommonFlags, writesBytes: boolean): Output {
  const [out, err] = [sinkOf(process.stdout), sinkOf(process.stderr)];
  if (common.json === true) return openJsonOutput(writesBytes ? err : out, wallClock);
  const styleFor = (isTerminal: boolean): ReturnType<typeof makeStyle> =>
    makeStyle(wantsColours(process.env, isTerminal, !common.color));
  return openTextOutput({
    out: writesBytes ? err : out,
    err,
    log: writesBytes ? err : out,
    style: styleFor((writesBytes ? err : out).isTerminal),
    errorStyle: styleFor(err.isTerminal),
    clock: wallClock,
    quiet: common.quiet === true,
    verbose: common.verbose === true,
  });
}

async function run(definition: LoadedCommand, command: Command): Promise<ExitCode> {
  const words = command.args;
  const common = command.opts<CommonFlags>();
  const output = openOutput(common, definition.writesBytes?.(words) === true);
  const interrupt = onInterrupt();
  try {
    return await definition.run(
      words,
      command,
      makeContext(common, output, interrupt.signal, { environment: process.env, cwd: process.cwd() }),
    );
  } catch (thrown) {
    const error = asError(thrown, interrupt.signal);
    // As with every program in a pipe whose reader has seen enough: no words, and not a success.
    if (!isBrokenPipe(thrown)) output.error(error);
    return error.exit;
  } finally {
    output.close();
    interrupt.dispose();
  }
}

function isBrokenPipe(thrown: unknown): boolean {
  for (let error = thrown; error instanceof Error; error = error.cause) {
    if ('code' in error && error.code === 'EPIPE' && 'syscall' in error && error.syscall === 'write') return true;
  }
  return false;
}
