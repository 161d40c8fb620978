/** The verbs `pin` and `unpin`: the same words, the same flags, opposite marks. */

import { backupAnswer } from '../answers/stored-backup.ts';
import { exitCodeOf } from '../domain/exit-code.ts';
import { pin, type PinResult } from '../operations/pin.ts';
import { announce } from './announce.ts';
import { choose } from '../requests/choose.ts';
import { defineCommand, type CommandDefinition, type LoadedCommand } from './command.ts';
import { requestErrors } from '../requests/errors.ts';
import { printable } from './output/format.ts';
import type { Style } from './output/style.ts';

interface PinFlags {
  readonly reason?: string;
  readonly dryRun?: boolean;
}

type Words = Pick<CommandDefinition<PinFlags>, 'summary' | 'details' | 'examples'> & { readonly kind: 'pin' | 'unpin' };

export function definePin({ kind, ...words }: Words): LoadedCommand {
  return defineCommand<PinFlags>({
    ...words,
    usage: '[DATABASE] BACKUP',
    exits: [10, 13, 15],
    addFlags: (command) => {
      command.option('--reason <TEXT>', 'why, in a few words; kept beside the backup');
    },
    run: async (given, flags, context) => {
      const { output, work } = context;
      const chosen = await choose(given, context);
      if (chosen.backup === null) {
        throw requestErrors.make('usage', `which backup is to be ${kind}ned?`, {
          hint: `Name one: holdfast ${kind} latest, or one of holdfast list.`,
        });
      }
      await announce(context, chosen.configuration, chosen.settings);
      const dryRun = flags.dryRun === true;
      const { database, backup } = chosen;
      const result = await pin(
        { kind, database, backup, reason: flags.reason ?? null, dryRun },
        await context.parts(),
        work,
      );
      for (const finding of result.findings) output.finding(finding);
      output.print([sentence(kind, result, dryRun, output.style)]);
      const exit = exitCodeOf(result.findings);
      const facts = { ...(dryRun ? { dryRun } : {}), changed: result.changed, ...backupAnswer(result.backup) };
      output.result(kind, exit, facts);
      return exit;
    },
  });
}

function sentence(kind: 'pin' | 'unpin', { backup, changed }: PinResult, dryRun: boolean, style: Style): string {
  const { manifest, hold } = backup;
  const name = `${manifest.database} ${style.name(manifest.id)}`;
  if (!changed) return `${name} ${kind === 'pin' ? 'is pinned already' : 'is not pinned'}; nothing to do`;
  if (dryRun) return `would ${kind} ${name}`;
  const why = hold.kind === 'pinned' && hold.reason !== null ? `: ${printable(hold.reason)}` : '';
  return kind === 'pin'
    ? `${style.good('✓')} pinned ${name}${why}`
    : `${style.good('✓')} unpinned ${name}: the rules decide again`;
}
