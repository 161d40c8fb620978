/** `--file PATH|-`: a file that another program made, in the place of a backup. */

import { resolve } from 'node:path';
import { fileAnswer } from '../answers/foreign-file.ts';
import { openForeignFile, type ForeignFile, type OpenRequest } from '../operations/foreign/open-file.ts';
import type { Chosen } from '../requests/choose.ts';
import type { Context } from './command.ts';
import { requestErrors } from '../requests/errors.ts';
import { fileLines } from './output/file-text.ts';

export const fileFlag = [
  '--file <PATH>',
  'a file of another program instead of a backup; - is standard input',
] as const;

/** Opens it, looks through all of it and says what it is. Throws `usage` for what does not go together. */
export async function openNamedFile(
  path: string,
  chosen: Chosen,
  verb: OpenRequest['verb'],
  context: Context,
): Promise<ForeignFile> {
  const { output, stdin, work } = context;
  if (chosen.backup !== null) throw requestErrors.make('usage', '--file and the name of a backup exclude each other');
  if (path === '-' && stdin.isTTY) {
    throw requestErrors.make('usage', 'standard input is a terminal', { hint: 'Pipe the file in, or name it.' });
  }
  const source =
    path === '-'
      ? ({ kind: 'stream', stream: stdin } as const)
      : ({ kind: 'path', path: resolve(context.cwd, path), label: path } as const);
  const file = await openForeignFile({ source, database: chosen.database, verb }, await context.parts(), work);
  output.print(fileLines(file, file.parts.timeZone, output.style));
  output.emit({ type: 'file', ...fileAnswer(file) });
  return file;
}
