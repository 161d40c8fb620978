import { nearestName } from '../../config/nearest-name.ts';
import { defineCommand } from '../command.ts';
import { cliErrors } from '../errors.ts';
import type { ExportKind } from '../export/export-kind.ts';
import { prometheusExport } from '../export/prometheus.ts';

const kinds: readonly ExportKind[] = [prometheusExport];

export const command = defineCommand<object>({
  summary: 'write files for other programs',
  usage: kinds.map(({ name }) => name).join('|'),
  details: [
    'Prints a file for another program, filled in with what is configured here:',
    kinds.map(({ name, summary }) => `${name}: ${summary}`).join('; '),
  ].join('\n'),
  examples: [['holdfast export prometheus > holdfast-rules.yml', 'alert rules']],
  exits: [],
  addFlags: () => undefined,
  run: async (words, _flags, context) => {
    const [word, ...others] = words;
    const kind = kinds.find(({ name }) => name === word);
    if (kind === undefined || others.length > 0) throw unknownKind(word, others);
    const text = await kind.render(context);
    context.output.print(text.replace(/\n$/, '').split('\n'));
    context.output.result('export', 0, { kind: kind.name, text });
    return 0;
  },
});

function unknownKind(word: string | undefined, others: readonly string[]): Error {
  const names = kinds.map(({ name }) => name);
  if (others[0] !== undefined) return cliErrors.make('usage', `"${others[0]}" is one word too many`);
  if (word === undefined) {
    return cliErrors.make('usage', 'what is to be exported?', { hint: `One of: ${names.join(', ')}.` });
  }
  const meant = nearestName(word, names);
  return cliErrors.make('usage', `nothing is exported for "${word}"`, {
    hint: meant === null ? `One of: ${names.join(', ')}.` : `Did you mean ${meant}?`,
  });
}
