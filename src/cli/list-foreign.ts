/** `list --foreign`: the files of other programs in the repository's folder. */

import { listedFileAnswer } from '../answers/foreign-file.ts';
import type { ExitCode } from '../domain/error.ts';
import { exitCodeOf } from '../domain/exit-code.ts';
import type { Finding } from '../domain/finding.ts';
import { listFiles, type ListedFile } from '../operations/foreign/list-files.ts';
import { announce } from './announce.ts';
import type { Context } from './command.ts';
import { requestErrors } from '../requests/errors.ts';
import { listedColumns, listedRow } from './output/file-text.ts';
import { counted, printable } from './output/format.ts';
import type { Style } from './output/style.ts';
import { renderTable } from './output/table.ts';

export interface ForeignFlags {
  readonly limit?: number;
  /** False with `--no-checksums`. */
  readonly checksums: boolean;
}

export async function listForeign(words: readonly string[], flags: ForeignFlags, context: Context): Promise<ExitCode> {
  const { output, work } = context;
  if (words.length > 0) throw requestErrors.make('usage', '--foreign lists a folder, not a database');
  const configuration = await context.configuration();
  await announce(context, configuration, null);
  const parts = await context.parts();
  const folder = configuration.repository.path;
  const found = await listFiles({ folder, checksums: flags.checksums }, parts, work);
  const shown = found.slice(0, flags.limit ?? found.length);
  const rows = shown.map((file) => listedRow(file, parts.clock.now(), parts.timeZone, output.style));
  output.print([
    ...(rows.length === 0 ? ['no files of other programs'] : renderTable(listedColumns, rows)),
    ...shown.flatMap((file) => hintLines(file, output.style)),
    ...(found.length > shown.length
      ? [output.style.dim(`and ${counted(found.length - shown.length, 'older one')}`)]
      : []),
  ]);
  for (const file of shown) output.emit({ type: 'foreign', ...listedFileAnswer(file) });
  const findings = found.flatMap(differing);
  for (const finding of findings) output.finding(finding);
  const exit = exitCodeOf(findings);
  output.result('list', exit, { folder, count: shown.length, total: found.length });
  return exit;
}

function hintLines({ path, hint }: ListedFile, style: Style): readonly string[] {
  return hint === '' ? [] : [`${style.dim(`${printable(path)}:`)} ${printable(hint)}`];
}

function differing({ path, checksum }: ListedFile): readonly Finding[] {
  if (checksum?.state !== 'differs') return [];
  return [
    {
      severity: 'warning',
      code: 'checksum-differs',
      message: `${path} does not have the SHA-256 that ${checksum.beside} says`,
      hint: 'Do not rely on it: use an older file, or find out which of the two was changed.',
    },
  ];
}
