/**
 * A verb whose runs are recorded: journal, log, metrics, messages. The command itself knows nothing of it: what it says to
 * people and programs is heard here as well, and its last words wait until everybody was told, because a message that
 * could not be sent belongs to the exit code. A dry run is no run.
 */

import type { Command } from 'commander';
import type { Configuration } from '../../config/configuration.ts';
import type { ExitCode, HoldfastError } from '../../domain/error.ts';
import type { Finding } from '../../domain/finding.ts';
import type { RunVerb } from '../../domain/run.ts';
import type { ProgressEvent, Work } from '../../domain/work.ts';
import { runJob, type OpenRun } from '../../jobs/run-job.ts';
import { openRunLog, type RunLog } from '../../jobs/run-log.ts';
import { asError } from '../as-error.ts';
import { defineCommand, type CommandDefinition, type Context, type LoadedCommand } from '../command.ts';
import { withLog } from '../output/logged-output.ts';
import type { Output } from '../output/output.ts';
import { subjectOf } from './run-facts.ts';
import { addRunFlags, recordSettingsOf, type RunFlags } from './run-flags.ts';

interface Wanted {
  readonly words: readonly string[];
  readonly flags: RunFlags;
  readonly context: Context;
}

export function defineRun<Flags extends object>(verb: RunVerb, definition: CommandDefinition<Flags>): LoadedCommand {
  return defineCommand<Flags & RunFlags>({
    ...definition,
    addFlags: (command: Command) => {
      definition.addFlags(command);
      addRunFlags(command);
    },
    run: async (words, flags, context) =>
      context.common.dryRun === true
        ? definition.run(words, flags, context)
        : recorded(verb, { words, flags, context }, (inner) => definition.run(words, flags, inner)),
  });
}

async function recorded(
  verb: RunVerb,
  { words, flags, context }: Wanted,
  action: (context: Context) => Promise<ExitCode>,
): Promise<ExitCode> {
  const configuration = await context.configuration();
  const parts = await context.parts();
  const { subscriptionsOf } = await import('../../assemble.ts');
  const settings = recordSettingsOf(flags, configuration.record, context.cwd);
  const { logFile: file, syslog, logLevel: level } = settings;
  const { log, findings } = await openRunLog({ file, syslog, level }, context.clock);
  const output = withLog(context.output, log);
  const job = {
    verb,
    database: databaseIn(words, flags, configuration),
    repository: configuration.repository.path,
    errorOf: (thrown: unknown) => asError(thrown, context.work.signal),
    isWatched: context.prompt.isPossible,
    isRefusal,
    report: (event: ProgressEvent) => {
      output.report(event);
    },
    say: (finding: Finding) => {
      output.finding(finding);
    },
  };
  const tools = { ...parts, ...settings, subscriptions: await subscriptionsOf(configuration.notify) };
  let speak: LastWords = () => undefined;
  let exit: ExitCode;
  try {
    exit = await runJob(job, tools, (run) => {
      const heard = listened(output, verb, run, (words) => {
        speak = words;
      });
      for (const finding of findings) heard.finding(finding);
      const { signal } = context.work;
      return action({ ...context, output: heard, work: workOf(heard, signal) });
    });
  } catch (thrown) {
    logError(log, asError(thrown, context.work.signal));
    for (const finding of await log.close()) context.output.finding(finding);
    throw thrown;
  }
  log.write(exit === 0 ? 'info' : 'warn', `${verb} ended with exit code ${String(exit)}`);
  const unlogged = await log.close();
  for (const finding of unlogged) context.output.finding(finding);
  const last = exit === 0 && unlogged.length > 0 ? 3 : exit;
  speak(last);
  return last;
}

function workOf(output: Output, signal: AbortSignal): Work {
  return {
    signal,
    report: (event) => {
      output.report(event);
    },
  };
}

type LastWords = (exit: ExitCode) => void;

/** What the command says, heard by the run as well; its result is kept back. */
function listened(output: Output, verb: RunVerb, run: OpenRun, keep: (speak: LastWords) => void): Output {
  return {
    ...output,
    finding: (finding) => {
      run.weigh(finding);
      output.finding(finding);
    },
    emit: (record) => {
      // One of several: the run as a whole is about the server.
      if (record.type !== 'database-backup') run.learn(subjectOf(verb, record));
      output.emit(record);
    },
    result: (command, _exit, facts) => {
      run.learn(subjectOf(verb, facts));
      keep((exit) => {
        output.result(command, exit, facts);
      });
    },
  };
}

/** The database as far as it is known before anything is looked at. */
function databaseIn(words: readonly string[], { all }: RunFlags, { databases }: Configuration): string | null {
  const [only, ...others] = databases;
  const named = databases.find(({ name }) => name === words[0]);
  if (all === true && (named ?? only)?.all === false) return null;
  return (named ?? (others.length === 0 ? only : undefined))?.name ?? null;
}

/** Nothing was begun: somebody said no, or has to say it differently. */
function isRefusal({ code }: HoldfastError): boolean {
  return ['declined', 'usage', 'backup-not-named'].includes(code);
}

function logError(log: RunLog, error: HoldfastError): void {
  log.write('error', `${error.code}: ${error.message} (${error.hint})`);
  for (let cause: unknown = error; cause instanceof Error; cause = cause.cause) {
    log.write('debug', cause.stack ?? cause.message);
  }
}
