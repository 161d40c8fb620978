/** Where the demonstration plays: says what happens, and runs the very commands a person would type. */

import type { ExitCode } from '../../domain/error.ts';
import type { Context, LoadedCommand } from '../command.ts';
import { runInside } from '../inner-command.ts';

export interface Stage {
  /** A numbered heading. */
  scene(title: string): void;
  say(...lines: readonly string[]): void;
  /** Runs `holdfast NAME WORDS…` here, and shows that it does. */
  holdfast(name: string, command: LoadedCommand, ...words: readonly string[]): Promise<ExitCode>;
}

export function openStage(context: Context, environment: NodeJS.ProcessEnv, cwd: string): Stage {
  const { output } = context;
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
    holdfast: (name, definition, ...words) => runInside(context, { environment, cwd }, { name, definition, words }),
  };
}
