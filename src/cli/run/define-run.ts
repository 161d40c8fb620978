/**
 * A verb whose runs are recorded: journal, log, metrics, messages. The command itself knows nothing of it: what it says to
 * people and programs is heard here as well, and its last words wait until everybody was told, because a message that
 * could not be sent belongs to the exit code. A dry run is no run.
 */

import type { Command } from 'commander';
import type { ExitCode } from '../../domain/error.ts';
import type { RunVerb } from '../../domain/run.ts';
import type { Work } from '../../domain/work.ts';
import { runLogged, type LoggedRun } from '../../jobs/logged-run.ts';
import type { Job, OpenRun } from '../../jobs/run-job.ts';
import { asError, isRefusal } from '../../requests/as-error.ts';
import { databaseOfRun } from '../../requests/run-database.ts';
import { defineCommand, type CommandDefinition, type Context, type LoadedCommand } from '../command.ts';
import { withLog } from '../output/logged-output.ts';
import type { Output } from '../output/output.ts';
import { subjectOf } from '../../answers/run-subject.ts';
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
  const jobFor = (output: Output): Job => ({
    verb,
    database: databaseOfRun(words[0], flags.all === true, configuration.databases),
    repository: configuration.repository.path,
    errorOf: (thrown) => asError(thrown, context.work.signal),
    isWatched: context.prompt.isPossible,
    isRefusal,
    report: (event) => {
      output.report(event);
    },
    say: (finding) => {
      output.finding(finding);
    },
  });
  const run: LoggedRun = {
    log: { file, syslog, level },
    clock: context.clock,
    job: (log) => jobFor(withLog(context.output, log)),
    sayUnlogged: (finding) => {
      context.output.finding(finding);
    },
  };
  const tools = { ...parts, ...settings, subscriptions: await subscriptionsOf(configuration.notify) };
  let speak: LastWords = () => undefined;
  const exit = await runLogged(run, tools, (open, log, findings) => {
    const heard = listened(withLog(context.output, log), verb, open, (last) => {
      speak = last;
    });
    for (const finding of findings) heard.finding(finding);
    return action({ ...context, output: heard, work: workOf(heard, context.work.signal) });
  });
  speak(exit);
  return exit;
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
