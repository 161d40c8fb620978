/** `--file PATH|-`: a file that another program made, in the place of a backup. */

import { resolve } from 'node:path';
import type { ScratchPlace } from '../engine/engine.ts';
import { noChecks, type DrillChecks } from '../operations/drill-checks.ts';
import { openForeignFile, type ForeignFile, type OpenRequest } from '../operations/foreign/open-file.ts';
import type { Chosen } from './choose.ts';
import type { Context } from './command.ts';
import { cliErrors } from './errors.ts';
import { fileFacts, fileLines } from './output/file-text.ts';

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
  if (chosen.backup !== null) throw cliErrors.make('usage', '--file and the name of a backup exclude each other');
  if (path === '-' && stdin.isTTY) {
    throw cliErrors.make('usage', 'standard input is a terminal', { hint: 'Pipe the file in, or name it.' });
  }
  const source =
    path === '-'
      ? ({ kind: 'stream', stream: stdin } as const)
      : ({ kind: 'path', path: resolve(context.cwd, path), label: path } as const);
  const file = await openForeignFile({ source, database: chosen.database, verb }, await context.parts(), work);
  output.print(fileLines(file, file.parts.timeZone, output.style));
  output.emit({ type: 'file', ...fileFacts(file) });
  return file;
}

/** The checks of the configuration speak the language of the database they are for. */
export async function checksFor(file: ForeignFile, { settings }: Chosen, context: Context): Promise<DrillChecks> {
  if (settings === null) return noChecks;
  if (settings.target === null) return settings.checks;
  const { engines } = await context.parts();
  return engines.forUrl(settings.target.url).kind === file.module.kind ? settings.checks : noChecks;
}

/** A scratch place on a named server is for databases of its kind. */
export function demandFitting(place: ScratchPlace, file: ForeignFile): void {
  if (place.kind === 'local' || file.module.accepts(place.target.url)) return;
  const message = `${place.target.origin} names a place for another kind of database than the file holds`;
  throw cliErrors.make('usage', message, { hint: 'Leave it out: the drill then makes a place of its own.' });
}
