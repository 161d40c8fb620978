/** The texts of `--help`. */

import type { ExitCode } from '../domain/error.ts';
import type { LoadedCommand } from './command.ts';
import { renderFacts } from './output/table.ts';
import { verbs } from './verbs.ts';

const meanings: Readonly<Record<ExitCode, string>> = {
  0: 'done',
  1: 'failed, or declined at the question',
  2: 'the command line or the settings are wrong, or --yes is needed',
  3: 'done, with warnings',
  10: 'there is no repository',
  11: 'another run holds the lock',
  12: 'wrong key',
  13: 'not found',
  14: 'unhealthy',
  15: 'damage found',
  16: 'the target is out of reach',
  44: 'the store answered, and it is not there',
  130: 'interrupted, everything cleaned up',
};

export function programHelp(version: string): string {
  const lines = [
    `holdfast ${version}: backups of PostgreSQL and SQLite that are proven`,
    '',
    'Usage: holdfast VERB [DATABASE] [BACKUP] [flags]',
    '',
    ...indent(renderFacts(verbs.map(({ name, summary }) => [name, summary]))),
    '',
    'A backup is named by its id, the beginning of one, latest, or @2026-11-20T14:30.',
    'With one database configured its name may be left out.',
    '',
    'Examples:',
    ...indent([
      'DATABASE_URL=postgres://… holdfast backup',
      'holdfast list',
      'holdfast drill latest',
      'holdfast restore latest',
      'holdfast VERB --help',
    ]),
    '',
  ];
  return lines.join('\n');
}

/** What follows the list of flags. */
export function commandHelpTail(command: LoadedCommand): string {
  const codes: readonly ExitCode[] = [0, 1, 2, 3, 11, ...command.exits, 130];
  const exits = [...new Set(codes)].toSorted((one, other) => one - other);
  return [
    '',
    'Examples:',
    ...indent(renderFacts(command.examples)),
    '',
    'Exit codes:',
    ...indent(renderFacts(exits.map((code) => [String(code), meanings[code]]))),
    '',
  ].join('\n');
}

function indent(lines: readonly string[]): readonly string[] {
  return lines.map((line) => `  ${line}`);
}
