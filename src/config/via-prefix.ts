/** What can be told of a `via` by looking at it. */

import { basename } from 'node:path';
import type { TargetSpec } from '../engine/engine.ts';
import { configErrors } from './errors.ts';
import { splitWords } from './split-words.ts';

/** Why these words cannot lead anywhere; null when nothing speaks against them. */
export function viaProblem(words: readonly string[]): string | null {
  const names = words.map((word) => basename(word));
  if (words.length === 0) return 'names no program';
  if (names.includes('sshpass') && words.some((word) => /^-p/.test(word))) {
    return 'holds a password, which everybody on this machine could read: use sshpass -e or -f, or a key';
  }
  if (names.includes('kubectl') && words.at(-1) !== '--')
    return 'must end in --, so that kubectl passes on what follows';
  return null;
}

/** A `via` given as one text. Throws `settings-invalid`. */
export function readVia(text: string, origin: string): readonly string[] {
  const words = splitWords(text);
  const problem = words === null ? 'has a quote that is not closed' : viaProblem(words);
  if (words !== null && problem === null) return words;
  throw configErrors.make('settings-invalid', `${origin} ${problem ?? 'cannot be read'}`);
}

/** The target, reached by these words if there are any. */
export function targetVia(target: TargetSpec, via: readonly string[] | undefined): TargetSpec {
  return via === undefined ? target : { ...target, via };
}

/** Ways that differ in how bytes travel only are one way. */
export function isSameVia(one: readonly string[] | undefined, other: readonly string[] | undefined): boolean {
  return JSON.stringify(plain(one)) === JSON.stringify(plain(other));
}

function plain(via: readonly string[] | undefined): readonly string[] {
  return (via ?? []).filter((word) => !['-i', '-T', '--'].includes(word));
}
