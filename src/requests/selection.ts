/**
 * What the words after the verb mean: `[DATABASE] [BACKUP]`. With one database its name may be left out; a word that
 * fits both a database and a backup is refused rather than guessed.
 */

import { nearestName } from '../config/nearest-name.ts';
import { requestErrors } from './errors.ts';

export interface KnownNames {
  readonly configured: readonly string[];
  /** Databases that have backups. */
  readonly stored: readonly string[];
  /** Is there a backup whose id begins so? */
  hasBackup(prefix: string): Promise<boolean>;
}

export interface Selection {
  /** Null when none is named and several, or none, are possible. */
  readonly database: string | null;
  /** Null when none is named. */
  readonly backup: string | null;
}

/** `words`: at most two. */
export async function selectByWords(words: readonly string[], known: KnownNames): Promise<Selection> {
  const [first, second, third] = words;
  if (third !== undefined) throw requestErrors.make('usage', `"${third}" is one word too many`);
  if (first === undefined) return { database: onlyDatabase(known), backup: null };
  if (second !== undefined) return { database: checkDatabase(first, known), backup: second };
  const isDatabase = isKnown(first, known);
  const isBackup =
    looksLikeBackup(first) && (first === 'latest' || first.startsWith('@') || (await known.hasBackup(first)));
  if (isDatabase && isBackup) {
    throw requestErrors.make('ambiguous-word', `"${first}" is the name of a database and of a backup`);
  }
  if (isDatabase) return { database: first, backup: null };
  if (looksLikeBackup(first)) return { database: onlyDatabase(known), backup: first };
  throw unknownDatabase(first, known);
}

/** The same for whoever names a database and a backup apart; null leaves it open. */
export function selectByNames(database: string | null, backup: string | null, known: KnownNames): Selection {
  return { database: database === null ? onlyDatabase(known) : checkDatabase(database, known), backup };
}

/** The one database a command without a name means; throws `ambiguous-word` when several are possible. */
export function requireDatabase(selection: Selection, known: KnownNames): string | null {
  if (selection.database !== null) return selection.database;
  const names = allNames(known);
  if (names.length < 2) return null;
  throw requestErrors.make('ambiguous-word', `which database is meant: ${names.join(', ')}?`, {
    hint: `Put its name behind the verb, for example: ${names[0] ?? ''}.`,
  });
}

/** `latest`, `@time`, or the beginning of an id, which begins with its time. */
export function looksLikeBackup(word: string): boolean {
  return word === 'latest' || word.startsWith('@') || /^\d{1,8}(?:$|T[\dZa-z-]*$)/.test(word);
}

function onlyDatabase(known: KnownNames): string | null {
  const names = known.configured.length > 0 ? known.configured : known.stored;
  return names.length === 1 ? (names[0] ?? null) : null;
}

function checkDatabase(name: string, known: KnownNames): string {
  if (isKnown(name, known)) return name;
  throw unknownDatabase(name, known);
}

function isKnown(name: string, known: KnownNames): boolean {
  return known.configured.includes(name) || known.stored.includes(name);
}

function allNames({ configured, stored }: KnownNames): readonly string[] {
  return [...new Set([...configured, ...stored])];
}

function unknownDatabase(name: string, known: KnownNames): Error {
  // It may hold a password: never repeated.
  if (/^[a-z]+:/i.test(name)) {
    return requestErrors.make('usage', 'an address stands where the name of a database belongs', {
      hint: 'Put --url before it.',
    });
  }
  const names = allNames(known);
  const meant = nearestName(name, names);
  const list =
    names.length === 0 ? 'No database is configured and the repository has none.' : `Known: ${names.join(', ')}.`;
  return requestErrors.make('unknown-database', `no database is called "${name}"`, {
    hint: meant === null ? list : `Did you mean ${meant}? ${list}`,
  });
}
