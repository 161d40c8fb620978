import { extractAnswer } from '../../answers/extracted.ts';
import { resolve } from 'node:path';
import { formatBytes, formatDuration } from '../../domain/amounts.ts';
import { extract, type ExtractDestination } from '../../operations/extract.ts';
import { show } from '../../operations/show.ts';
import { announce } from '../announce.ts';
import { choose } from '../../requests/choose.ts';
import { defineCommand, type Context } from '../command.ts';
import { cliErrors } from '../errors.ts';
import { requestErrors } from '../../requests/errors.ts';
import { printable } from '../output/format.ts';
import { looksLikeBackup } from '../../requests/selection.ts';

interface ExtractFlags {
  readonly format?: string;
  readonly force?: boolean;
  readonly dryRun?: boolean;
}

export const command = defineCommand<ExtractFlags>({
  summary: 'write a plain .sql, .dump or .db file',
  usage: '[DATABASE] BACKUP [FILE]',
  details:
    'Writes what a backup holds as the plain file other programs expect: .dump (for pg_restore), .sql or .sql.gz (for psql),\n' +
    '.db (a SQLite file). Without a file name one is made from the name of the backup; - is standard output.',
  examples: [
    ['holdfast extract latest app.sql', 'SQL, by the ending of the name'],
    ['holdfast extract latest --format dump', 'a custom archive, named after the backup'],
    ['holdfast extract latest - --format sql | less', 'to standard output'],
  ],
  exits: [10, 13, 15],
  writesBytes: (words) => words.at(-1) === '-',
  addFlags: (command) => {
    command
      .optionsGroup('Extract:')
      .option('--format <NAME>', 'sql, sql.gz, dump or db (default: by the file name)')
      .option('--force', 'replace the file if it is there');
  },
  run: async (words, flags, context) => {
    const { output, work } = context;
    const { names, file } = await splitWords(words, context);
    const chosen = await choose(names, context);
    await announce(context, chosen.configuration, chosen.settings);
    const parts = await context.parts();
    const wanted = { database: chosen.database, backup: chosen.backup ?? 'latest' };
    if (flags.dryRun === true) {
      const found = await show(wanted, parts, work);
      const formats = found.extractFormats.map(({ name }) => name);
      output.print([`would extract ${found.backup.manifest.id}, as one of ${formats.join(', ')}`]);
      output.result('extract', 0, { dryRun: true, id: found.backup.manifest.id, formats });
      return 0;
    }
    const destination = destinationOf(file, flags.force === true, context);
    const result = await extract({ ...wanted, format: flags.format ?? null, destination }, parts, work);
    const where = result.path === null ? 'standard output' : printable(result.path);
    const size = `${formatBytes(result.bytes)} in ${formatDuration(result.durationMs)}`;
    output.print([
      `${output.style.good('✓')} extracted ${result.backup.manifest.id} to ${where} (${result.format.name}, ${size})`,
    ]);
    output.result('extract', 0, { ...extractAnswer(result) });
    return 0;
  },
});

/** The last word is the file when a backup stands before it. */
async function splitWords(
  words: readonly string[],
  context: Context,
): Promise<{ readonly names: readonly string[]; readonly file: string | null }> {
  const [first, second, third, fourth] = words;
  if (fourth !== undefined) throw requestErrors.make('usage', `"${fourth}" is one word too many`);
  if (first === undefined) {
    throw cliErrors.make('backup-not-named', 'which backup is to be extracted?', {
      hint: 'Name it: holdfast extract latest, or see holdfast list.',
    });
  }
  if (third !== undefined) return { names: [first, second ?? ''], file: third };
  if (second === undefined) return { names: [first], file: null };
  const { databases } = await context.configuration();
  const isDatabase = databases.some(({ name }) => name === first) || !looksLikeBackup(first);
  return isDatabase && looksLikeBackup(second)
    ? { names: [first, second], file: null }
    : { names: [first], file: second };
}

function destinationOf(file: string | null, overwrite: boolean, context: Context): ExtractDestination | null {
  if (file === null) return null;
  if (file !== '-') return { kind: 'file', path: resolve(context.cwd, file), overwrite };
  if (context.stdout.isTTY) {
    throw requestErrors.make('usage', 'standard output is a terminal', {
      hint: 'Name a file, or send the output elsewhere with > or |.',
    });
  }
  return { kind: 'stream', stream: context.stdout };
}
