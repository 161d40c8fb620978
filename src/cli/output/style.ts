/** Colours, or none: decided once by NO_COLOR, FORCE_COLOR, `--no-color` and whether a terminal listens. */

import { styleText } from 'node:util';

export interface Style {
  bold(text: string): string;
  dim(text: string): string;
  good(text: string): string;
  warn(text: string): string;
  bad(text: string): string;
  name(text: string): string;
}

type Format = Parameters<typeof styleText>[0];

export function makeStyle(hasColours: boolean): Style {
  const paint = (format: Format) => (text: string) =>
    hasColours ? styleText(format, text, { validateStream: false }) : text;
  return {
    bold: paint('bold'),
    dim: paint('dim'),
    good: paint('green'),
    warn: paint('yellow'),
    bad: paint('red'),
    name: paint('cyan'),
  };
}

/** https://no-color.org: any value but the empty one; FORCE_COLOR as Node and chalk read it. */
export function wantsColours(
  environment: Readonly<Record<string, string | undefined>>,
  isTerminal: boolean,
  refused: boolean,
): boolean {
  if (refused) return false;
  const forced = environment['FORCE_COLOR'];
  if (forced !== undefined) return forced !== '0' && forced !== 'false';
  if ((environment['NO_COLOR'] ?? '') !== '') return false;
  return isTerminal && environment['TERM'] !== 'dumb';
}
