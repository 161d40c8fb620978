/** What an instance is opened with, and how that becomes the settings it works with. */

import type { Configuration } from '../config/configuration.ts';
import { databaseNameOf } from '../config/database-name.ts';
import { definedOf } from '../config/defined.ts';
import { configErrors } from '../config/errors.ts';
import type { LoadRequest } from '../config/sources.ts';
import { requestErrors } from '../requests/errors.ts';
import type { Settings } from './settings.ts';

/** Where and in whose name. */
interface Surroundings {
  /** Where relative paths begin; the present folder of the process, unless given. */
  readonly cwd?: string;
  /**
   * The environment in place of `process.env`: variables that settings name, PostgreSQL's own (`PGPASSWORD`,
   * `PGSSLMODE`), and `HOME`, `XDG_STATE_HOME` or `HOLDFAST_STATE_DIR` for the state directory. Programs are found through the `PATH`
   * of the process.
   */
  readonly env?: Readonly<Record<string, string | undefined>>;
}

/** Settings are looked for as the command line does: the environment, `holdfast.yaml`, `.env.local`, `.env`. */
export interface FoundOptions extends Surroundings {
  /** As `--config`. */
  readonly configFile?: string;
  /** As `--env-file`. */
  readonly envFile?: string;
}

/** What is given here is all there is: no file is looked for, and no variable read that is not named. */
export interface GivenOptions extends Surroundings, Settings {
  /** The one database, in place of `databases`: its address, or `env:NAME` for a variable that holds it. */
  readonly url?: string;
  /** How to get to the database of `url`. */
  readonly via?: string | readonly string[];
}

/** With any key of `Settings`, or `url`, these settings are all; without one they are looked for. */
export type HoldfastOptions = FoundOptions | GivenOptions;

export interface Opened {
  readonly configuration: Configuration;
  /** For further addresses that calls name. */
  readonly request: LoadRequest;
}

/** Throws `settings-invalid`, `settings-file`, `no-target`, `secret-unreadable`, `usage`. */
export async function readOptions(options: HoldfastOptions, signal: AbortSignal): Promise<Opened> {
  const { cwd = process.cwd(), env = process.env, ...others } = options;
  const { configFile, envFile, ...given }: FoundOptions & GivenOptions = others;
  const environment = { ...env };
  const isGiven = Object.keys(definedOf(given)).length > 0;
  if (isGiven && (configFile !== undefined || envFile !== undefined)) {
    throw requestErrors.make('usage', 'settings are given, and files to look for them are named as well', {
      hint: 'Give either configFile and envFile, or the settings themselves.',
    });
  }
  const flags = { config: configFile, envFile };
  const request: LoadRequest = isGiven
    ? { flags: {}, environment, cwd, signal, given: { label: 'the options', settings: settingsOf(given, environment) } }
    : { flags, environment, cwd, signal };
  const { loadConfiguration } = await import('../config/load.ts');
  return { configuration: await loadConfiguration(request), request };
}

/** The one address as an entry of `databases`, under the name it has in the repository. */
function settingsOf(
  { url, via, ...settings }: GivenOptions,
  environment: Readonly<Record<string, string | undefined>>,
): Readonly<Record<string, unknown>> {
  const plain = definedOf(settings);
  if (url === undefined) {
    if (via === undefined) return plain;
    throw requestErrors.make('usage', 'via is given, and no url', { hint: 'In databases each entry has its own via.' });
  }
  if (settings.databases !== undefined) {
    throw requestErrors.make('usage', 'url and databases exclude each other', {
      hint: 'With several databases each entry has its own url.',
    });
  }
  const variable = /^env:([A-Za-z_]\w*)$/.exec(url)?.[1];
  const address = variable === undefined ? url : environment[variable];
  if (address === undefined || address === '') {
    throw configErrors.make('no-target', variable === undefined ? 'url is empty' : `url: ${variable} is not set`, {
      hint: 'Give the address of the database.',
    });
  }
  return { ...plain, databases: { [databaseNameOf(address)]: definedOf({ url: address, via }) } };
}
