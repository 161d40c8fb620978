/** From what somebody names to the database and the backup they mean, with the settings that belong to it. */

import type { Configuration, DatabaseSettings } from '../config/configuration.ts';
import { configErrors } from '../config/errors.ts';
import { HoldfastError } from '../domain/error.ts';
import type { TargetSpec } from '../engine/engine.ts';
import type { Repository } from '../repository/repository.ts';
import type { Work } from '../domain/work.ts';
import type { Parts } from '../operations/parts.ts';
import { requireDatabase, selectByNames, selectByWords, type KnownNames, type Selection } from './selection.ts';

/** What the settings came to, for whoever asks: each is found out once, and only when it is asked for. */
export interface Settled {
  readonly work: Work;
  configuration(): Promise<Configuration>;
  parts(): Promise<Parts>;
}

export interface Chosen {
  /** The name in the repository; null leaves it to the operation (the only one there is). */
  readonly database: string | null;
  /** Null when the words name none. */
  readonly backup: string | null;
  /** Null for a database that is only in the repository. */
  readonly settings: DatabaseSettings | null;
  readonly configuration: Configuration;
}

/** Reads `[DATABASE] [BACKUP]`; with `all`, no name means every database. */
export async function choose(
  words: readonly string[],
  context: Settled,
  options: { readonly all: boolean } = { all: false },
): Promise<Chosen> {
  const isNamed = words.length > 0;
  return chooseAmong((known) => selectByWords(words, known), { isNamed, all: options.all }, context);
}

/** The same for whoever names the two apart; null leaves it open. */
export async function chooseNamed(
  { database, backup }: Selection,
  context: Settled,
  options: { readonly all: boolean } = { all: false },
): Promise<Chosen> {
  const select = async (known: KnownNames): Promise<Selection> =>
    Promise.resolve(selectByNames(database, backup, known));
  return chooseAmong(select, { isNamed: database !== null || backup !== null, all: options.all }, context);
}

async function chooseAmong(
  select: (known: KnownNames) => Promise<Selection>,
  { isNamed, all }: { readonly isNamed: boolean; readonly all: boolean },
  context: Settled,
): Promise<Chosen> {
  const configuration = await context.configuration();
  const known = await knownNames(configuration, context);
  const selection = await select(known);
  const database = all && !isNamed ? null : all ? selection.database : requireDatabase(selection, known);
  return { database, backup: selection.backup, settings: settingsOf(configuration, database), configuration };
}

/** Reads `[DATABASE]` for commands that work on a living database, whatever the repository holds. */
export async function chooseTarget(words: readonly string[], context: Settled): Promise<Chosen> {
  const configuration = await context.configuration();
  const configured = configuration.databases.map(({ name }) => name);
  const known: KnownNames = { configured, stored: [], hasBackup: async () => Promise.resolve(false) };
  const database = requireDatabase(await selectByWords(words, known), known);
  return { database, backup: null, settings: settingsOf(configuration, database), configuration };
}

/** The living database of these settings; throws `no-target`. */
export function targetOf(chosen: Chosen): TargetSpec {
  return settingsAndTarget(chosen).target;
}

export interface SettingsAndTarget {
  readonly settings: DatabaseSettings;
  readonly target: TargetSpec;
}

export function settingsAndTarget({ settings, database }: Chosen): SettingsAndTarget {
  if (settings !== null && settings.target !== null) return { settings, target: settings.target };
  const name = settings?.name ?? database;
  throw configErrors.make(
    'no-target',
    name === null
      ? 'no database is named: neither by a flag nor by the environment nor by a file'
      : `${name} has no address`,
  );
}

/** Throws `targets-disagree`: nothing is changed while two sources mean different databases. */
export function refuseRivals(chosen: Chosen): void {
  const { settings } = chosen;
  const [rival] = settings?.rivals ?? [];
  if (rival === undefined) return;
  throw configErrors.make(
    'targets-disagree',
    `${settings?.target?.origin ?? 'one source'} and ${rival.origin} name different databases`,
  );
}

function settingsOf(configuration: Configuration, database: string | null): DatabaseSettings | null {
  const name = database ?? (configuration.databases.length === 1 ? configuration.databases[0]?.name : undefined);
  return configuration.databases.find((each) => each.name === name) ?? null;
}

async function knownNames(configuration: Configuration, context: Settled): Promise<KnownNames> {
  const repository = await existingRepository(context);
  const { signal } = context.work;
  return {
    configured: configuration.databases.map(({ name }) => name),
    stored: repository === null ? [] : await repository.databases(signal),
    hasBackup: async (prefix) => {
      if (repository === null) return false;
      const { backups } = await repository.list({ database: null, newest: null }, signal);
      return backups.some(({ manifest }) => manifest.id.startsWith(prefix));
    },
  };
}

async function existingRepository(context: Settled): Promise<Repository | null> {
  const parts = await context.parts();
  return parts.repository({ create: false }).catch((thrown: unknown) => {
    if (thrown instanceof HoldfastError && thrown.code === 'no-repository') return null;
    throw thrown;
  });
}
