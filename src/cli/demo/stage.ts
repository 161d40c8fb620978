/** Where the demonstration plays: says what happens, and runs the very commands a person would type. */

import type { ExitCode } from '../../domain/error.ts';
import type { Context, LoadedCommand } from '../command.ts';
import { makeContext } from '../context.ts';
import type { CommonFlags } from '../flags.ts';
import { makeCommand } from '../make-command.ts';
import type { Output } from '../output/output.ts';

export interface Stage {
  /** A numbered heading. */
  scene(title: string): void;
  say(...lines: readonly string[]): void;
  /** Runs `holdfast NAME WORDS…` here, and shows that it does. */
  holdfast(name: string, command: LoadedCommand, ...words: readonly string[]): Promise<ExitCode>;
}

export function openStage(context: Context, environment: NodeJS.ProcessEnv, cwd: string): Stage {
  const { output, work } = context;
  const { style } = output;
  let scenes = 0;
  return {
    scene: (title) => {
      scenes += 1;
      output.print(['', style.bold(`${String(scenes)}. ${title}`)]);
      output.emit({ type: 'scene', number: scenes, title });
    },
    say: (...lines) => {
      output.print(lines.map((line) => `   ${line}`));
      for (const text of lines) output.emit({ type: 'note', level: 'info', text });
    },
    holdfast: async (name, definition, ...words) => {
      output.print([`   ${style.dim('$')} ${style.name(['holdfast', name, ...words].join(' '))}`]);
      const command = makeCommand(name, definition).parse([...words, '--yes'], { from: 'user' });
      // commander fills the flags as `addCommonFlags` declared them.
      const common: CommonFlags = { ...command.opts<CommonFlags>(), quiet: context.common.verbose !== true };
      const inner = makeContext(common, insideOf(output), work.signal, { environment, cwd });
      return definition.run(command.args, command, inner);
    },
  };
}

/** The commands' own output, moved in; their last words are not the last words of the demonstration. */
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
