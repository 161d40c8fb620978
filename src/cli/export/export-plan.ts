/** What is to run where, before any form of it is written: jobs, the command line they start, the names of their secrets. */

import { dirname } from 'node:path';
import type { Configuration, DatabaseSettings } from '../../config/configuration.ts';
import { configErrors } from '../../config/errors.ts';
import {
  scheduledOperations,
  schedulesFor,
  type ScheduledOperation,
  type Schedules,
} from '../../config/schedule-settings.ts';
import { findSources } from '../../config/sources.ts';
import type { Schedule } from '../../domain/schedule.ts';
import type { Context } from '../command.ts';
import { requestErrors } from '../../requests/errors.ts';
import { readVersion } from '../../system/version.ts';
import type { ExportRequest } from './export-kind.ts';
import { findSecretNames, type SecretNames } from './secret-names.ts';

export interface ExportPlan {
  readonly databases: readonly ExportedDatabase[];
  readonly place: Place;
  /** Of this machine. */
  readonly timeZone: string;
  readonly now: Date;
  readonly version: string;
}

export interface ExportedDatabase {
  readonly name: string;
  /** The name where it must be said: empty for the only database there is. */
  readonly words: readonly string[];
  readonly jobs: readonly Job[];
  readonly secrets: SecretNames;
  /** The folder that holds the database, where it is a file. */
  readonly fileFolder: string | null;
}

export interface Job {
  readonly operation: ScheduledOperation;
  readonly database: string;
  readonly schedule: Schedule;
  /** `backup app`: what follows the program's name, the flags of this machine apart. */
  readonly words: readonly string[];
}

/** This machine. */
export interface Place {
  readonly folder: string;
  /** Node.js and the program, absolute. */
  readonly program: readonly string[];
  /** Flags that say where the settings are, as they were given. */
  readonly flags: readonly string[];
  /** Holdfast's own, as this shell has them: without them runs would not see each other's locks, or other programs. */
  readonly variables: readonly (readonly [name: string, value: string])[];
  readonly repository: string;
  readonly stateDirectory: string;
}

/** Throws `unknown-database`, `no-target`. */
export async function planExport(context: Context, request: ExportRequest): Promise<ExportPlan> {
  const configuration = await context.configuration();
  const chosen = chooseDatabases(configuration, request.database);
  const sources = await findSources(context.loadRequest);
  const { engines, stateDirectory, clock } = await context.parts();
  for (const finding of configuration.schedule.findings) request.weigh(finding);
  const isOnly = configuration.databases.length === 1;
  const databases = chosen.map((settings): ExportedDatabase => {
    const { name, target } = settings;
    const schedules = schedulesFor(configuration.schedule, name);
    const words = isOnly ? [] : [name];
    const operations = operationsOf(settings, schedules, request);
    const opened = target === null ? null : engines.forUrl(target.url);
    const label = target === null ? '' : (opened?.open(target).target.label ?? '');
    return {
      name,
      words,
      jobs: operations.flatMap((operation) => {
        const schedule = schedules[operation];
        return schedule === undefined
          ? []
          : [{ operation, database: name, schedule, words: wordsOf(operation, words) }];
      }),
      secrets: findSecretNames(settings, sources),
      fileFolder: opened?.kind === 'sqlite' ? dirname(label) : null,
    };
  });
  return {
    databases,
    place: placeOf(context, configuration, stateDirectory),
    timeZone: Intl.DateTimeFormat().resolvedOptions().timeZone,
    now: clock.now(),
    version: readVersion(),
  };
}

function chooseDatabases(configuration: Configuration, name: string | null): readonly DatabaseSettings[] {
  const { databases } = configuration;
  const chosen = name === null ? databases : databases.filter((each) => each.name === name);
  if (chosen.length > 0) return chosen;
  if (name === null) throw configErrors.make('no-target', 'no database is configured, so nothing is to be run');
  const known = databases.map((each) => each.name).join(', ');
  throw requestErrors.make('unknown-database', `no configured database is called "${name}"`, {
    hint: known === '' ? 'None is configured.' : `Known: ${known}.`,
  });
}

/** A whole server is backed up as one; everything else is about a database, and their names are found anew each time. */
function operationsOf(
  { all, name }: DatabaseSettings,
  schedules: Schedules,
  request: ExportRequest,
): readonly ScheduledOperation[] {
  if (!all) return scheduledOperations;
  const left = scheduledOperations.filter((operation) => operation !== 'backup' && schedules[operation] !== undefined);
  if (left.length > 0) {
    request.weigh({
      severity: 'warning',
      code: 'schedule-for-one',
      message: `${left.join(', ')} of ${name} cannot be scheduled: it is a whole server, and they are about one database`,
      hint: 'Give the databases that matter an entry of their own, with this schedule.',
    });
  }
  return ['backup'];
}

function wordsOf(operation: ScheduledOperation, database: readonly string[]): readonly string[] {
  return operation === 'drill-random' ? ['drill', ...database, '--random'] : [operation, ...database];
}

function placeOf(context: Context, configuration: Configuration, stateDirectory: string): Place {
  const { common, cwd } = context;
  const { repository } = configuration;
  // An address may hold a password, and this ends up in files that others read.
  if (common.url !== undefined && !common.url.startsWith('env:')) {
    throw requestErrors.make('usage', '--url would be written into the file, and it may hold a password', {
      hint: 'Put the address into .env or holdfast.yaml, or pass --url env:NAME.',
    });
  }
  const isLocal = repository.origin === '--repository' || repository.origin.endsWith(' in the environment');
  const given: readonly (readonly [string, string | undefined])[] = [
    ['--url', common.url],
    ['--config', common.config ?? context.environment['HOLDFAST_CONFIG']],
    ['--env-file', common.envFile],
    ['--repository', isLocal ? repository.path : undefined],
  ];
  return {
    folder: cwd,
    // `--`: node would take --env-file for its own.
    program: [process.execPath, '--', process.argv[1] ?? 'holdfast'],
    flags: given.flatMap(([flag, value]) => (value === undefined || value === '' ? [] : [flag, value])),
    variables: ['HOLDFAST_STATE_DIR', 'XDG_STATE_HOME', 'HOLDFAST_PG_BIN'].flatMap((name) => {
      const value = context.environment[name] ?? '';
      return value === '' ? [] : [[name, value] as const];
    }),
    repository: repository.path,
    stateDirectory,
  };
}
