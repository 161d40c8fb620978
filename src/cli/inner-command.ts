/** Runs a verb inside another one, as a person would type it: with settings of its own and its output moved in. */

import type { ExitCode } from '../domain/error.ts';
import type { Context, LoadedCommand } from './command.ts';
import { makeContext, type Place } from './context.ts';
import type { CommonFlags } from './flags.ts';
import { makeCommand } from './make-command.ts';
import type { Output } from './output/output.ts';

export interface InnerCommand {
  readonly name: string;
  readonly definition: LoadedCommand;
  readonly words: readonly string[];
}

/** Settings are read anew in `place`; nothing is asked. Throws what the verb throws. */
export async function runInside(
  context: Context,
  place: Place,
  { name, definition, words }: InnerCommand,
): Promise<ExitCode> {
  const { output, work } = context;
  output.print([`   ${output.style.dim('$')} ${output.style.name(['holdfast', name, ...words].join(' '))}`]);
  const command = makeCommand(name, definition).parse([...words, '--yes'], { from: 'user' });
  // commander fills the flags as `addCommonFlags` declared them.
  const common: CommonFlags = { ...command.opts<CommonFlags>(), quiet: context.common.verbose !== true };
  const inner = makeContext(common, insideOf(output), work.signal, place);
  return definition.run(command.args, command, inner);
}

/** The inner verb's last words are not the last words of the outer one. */
function insideOf(output: Output): Output {
  return {
    ...output,
    info: () => undefined,
    print: (lines) => {
      output.print(lines.map((line) => `   ${line}`));
    },
    result: (command, exit, facts) => {
      output.emit({ type: 'command-result', command, exit, ...facts });
    },
  };
}
