/** Whose run it is, as far as that is known before anything is looked at. */

import type { DatabaseSettings } from '../config/configuration.ts';

/** `word`: what was named, which may be a backup. Null: nobody can say, or it is about all databases of a server. */
export function databaseOfRun(
  word: string | undefined,
  isServer: boolean,
  databases: readonly DatabaseSettings[],
): string | null {
  const [only, ...others] = databases;
  const named = databases.find(({ name }) => name === word);
  if (isServer && (named ?? only)?.all === false) return null;
  return (named ?? (others.length === 0 ? only : undefined))?.name ?? null;
}
