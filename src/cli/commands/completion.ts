import { requestErrors } from '../../requests/errors.ts';
import { defineCommand } from '../command.ts';
import { completionScripts, isShell } from '../complete/scripts.ts';

export const command = defineCommand<object>({
  summary: 'completion for bash, zsh or fish',
  usage: 'bash|zsh|fish',
  details:
    'Prints what the shell loads to complete verbs, flags, databases and backups. It asks local files only, never a server\n' +
    'and no network.',
  examples: [
    ['source <(holdfast completion bash)', 'in ~/.bashrc'],
    ['holdfast completion zsh > ~/.zfunc/_holdfast', 'in a folder of $fpath'],
    ['holdfast completion fish > ~/.config/fish/completions/holdfast.fish', ''],
  ],
  exits: [],
  addFlags: () => undefined,
  run: async ([shell, ...others], _flags, { output }) => {
    if (others[0] !== undefined) throw requestErrors.make('usage', `"${others[0]}" is one word too many`);
    if (shell === undefined || !isShell(shell)) {
      throw requestErrors.make(
        'usage',
        shell === undefined ? 'for which shell?' : `there is no completion for "${shell}"`,
        {
          hint: `One of: ${Object.keys(completionScripts).join(', ')}.`,
        },
      );
    }
    const script = completionScripts[shell];
    output.print(script.trimEnd().split('\n'));
    output.result('completion', 0, { shell, script });
    return 0;
  },
});
