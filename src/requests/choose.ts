/** From what somebody names to the database and the backup they mean, with the settings that belong to it. */

import type { Configuration, DatabaseSettings } from '../config/configuration.ts';
import { configErrors } from '../config/errors.ts';
import type { TargetSpec } from '../engine/engine.ts';
import type { Work } from '../domain/work.ts';
import { existingRepository } from '../operations/existing-repository.ts';
import type { Parts } from '../operations/parts.ts';
import { requestErrors } from './errors.ts';
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
  const settings = await settingsFor(configuration, database, context);
  return { database, backup: selection.backup, settings, configuration };
}

/**
 * Reads `[DATABASE]` for commands that work on a living database, whatever the repository holds. The name of a whole server is
 * one of them; with `all`, no name means the one there is.
 */
export async function chooseTarget(
  words: readonly string[],
  context: Settled,
  options: { readonly all: boolean } = { all: false },
): Promise<Chosen> {
  const configuration = await context.configuration();
  const servers = configuration.databases.filter(({ all }) => all);
  const meant = options.all && words.length === 0 && servers.length === 1 ? servers.map(({ name }) => name) : words;
  const configured = configuration.databases.map(({ name }) => name);
  const stored = servers.length === 0 ? [] : await storedNames(context);
  const known: KnownNames = { configured, stored, hasBackup: async () => Promise.resolve(false) };
  const database = requireDatabase(await selectByWords(meant, known), known);
  const server = servers.find(({ name }) => name === database);
  return {
    database,
    backup: null,
    settings: server ?? (await settingsFor(configuration, database, context)),
    configuration,
  };
}

/**
 * The databases that a command without a name is about: the configured ones, and where one of the entries is a whole server,
 * every one of the repository, which alone knows their names.
 */
export async function databasesMeant(context: Settled): Promise<readonly string[]> {
  const { databases } = await context.configuration();
  const named = databases.filter(({ all }) => !all).map(({ name }) => name);
  if (named.length === databases.length) return named;
  return [...new Set([...named, ...(await storedNames(context))])];
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

/** The same for what works on one database only; throws `usage` for a whole server. */
export function oneDatabase(chosen: Chosen, hint = 'Name one of its databases.'): SettingsAndTarget {
  const { settings } = chosen;
  if (settings?.all !== true) return settingsAndTarget(chosen);
  throw requestErrors.make('usage', `${settings.name} is a whole server, not one database`, { hint });
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

/** A database without an address of its own is one of the whole server, if the settings name one. */
async function settingsFor(
  configuration: Configuration,
  database: string | null,
  context: Settled,
): Promise<DatabaseSettings | null> {
  const single = configuration.databases.filter(({ all }) => !all);
  const name = database ?? (configuration.databases.length === 1 ? single[0]?.name : undefined);
  const settings = single.find((each) => each.name === name) ?? null;
  if (name === undefined || (settings !== null && settings.target !== null)) return settings;
  const servers = configuration.databases.filter(({ all }) => all);
  const [server] = servers;
  if (server === undefined || servers.length > 1) return settings;
  const target = await targetOnServer(server.target, name, context);
  if (target === null) return settings;
  return { ...(settings ?? server), all: false, excludedDatabases: [], name, target, rivals: [] };
}

/** Null where the server has no address, or is none. */
async function targetOnServer(
  server: TargetSpec | null,
  database: string,
  context: Settled,
): Promise<TargetSpec | null> {
  if (server === null) return null;
  const parts = await context.parts();
  const face = parts.engines.forUrl(server.url).server;
  return face === undefined ? null : face.targetOf(server, await ownName(database, context));
}

/** On the server it may be called otherwise than in the repository. */
async function ownName(database: string, context: Settled): Promise<string> {
  const repository = await existingRepository(await context.parts());
  if (repository === null) return database;
  const { backups } = await repository.list({ database, newest: 1 }, context.work.signal);
  return backups[0]?.manifest.origin.databaseName ?? database;
}

async function storedNames(context: Settled): Promise<readonly string[]> {
  const repository = await existingRepository(await context.parts());
  return repository === null ? [] : repository.databases(context.work.signal);
}

async function knownNames(configuration: Configuration, context: Settled): Promise<KnownNames> {
  const repository = await existingRepository(await context.parts());
  const { signal } = context.work;
  return {
    // A whole server has no backups under its own name.
    configured: configuration.databases.filter(({ all }) => !all).map(({ name }) => name),
    stored: repository === null ? [] : await repository.databases(signal),
    hasBackup: async (prefix) => {
      if (repository === null) return false;
      const { backups } = await repository.list({ database: null, newest: null }, signal);
      return backups.some(({ manifest }) => manifest.id.startsWith(prefix));
    },
  };
}
