/** A verb as commander reads it: its own flags, the common ones, its help. */

import { Command } from 'commander';
import type { LoadedCommand } from './command.ts';
import { addCommonFlags } from './flags.ts';

export function makeCommand(name: string, definition: LoadedCommand): Command {
  const command = new Command(`holdfast ${name}`)
    .summary(definition.summary)
    .description(definition.details.replaceAll('\n', ' '))
    .usage(`${definition.usage} [flags]`.trim())
    .argument('[words...]')
    .configureHelp({ visibleArguments: () => [] })
    .configureOutput({
      writeOut: () => undefined,
      writeErr: () => undefined,
      getOutHelpWidth: () => Math.min(120, process.stdout.isTTY ? process.stdout.columns : 100),
    })
    .exitOverride();
  definition.addFlags(command);
  addCommonFlags(command);
  refuseEmptyValues(command);
  return command;
}

/** `--into "$NAME"` with NAME unset would otherwise mean the present database, `--repository ""` the present folder. */
function refuseEmptyValues(command: Command): void {
  for (const option of command.options) {
    if (!option.required || option.name() === 'label') continue;
    command.on(`option:${option.name()}`, (value: unknown) => {
      if (typeof value === 'string' && value.trim() === '') command.error(`error: option '${option.flags}' is empty`);
    });
  }
}
