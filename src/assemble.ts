/** The only file that names concrete parts: configuration in, working product out. */

import { randomBytes } from 'node:crypto';
import { hostname } from 'node:os';
import type { Configuration } from './config/configuration.ts';
import { postgresModule } from './engine/postgres/postgres-module.ts';
import { sqliteModule } from './engine/sqlite/sqlite-module.ts';
import { makeEngines } from './operations/engines.ts';
import type { Parts } from './operations/parts.ts';
import { openRepository } from './repository/open-repository.ts';
import { openLocalStore } from './storage/local/local-store.ts';
import { stateDirectory } from './system/state-directory.ts';
import { wallClock } from './system/wall-clock.ts';

export interface Surroundings {
  readonly environment: NodeJS.ProcessEnv;
  readonly version: string;
  readonly signal: AbortSignal;
}

export function assemble(
  { repository, timezone }: Pick<Configuration, 'repository' | 'timezone'>,
  { environment, version, signal }: Surroundings,
): Parts {
  const facts = { clock: wallClock, host: hostname(), writer: `holdfast ${version}`, random: randomWord };
  const state = stateDirectory(environment);
  const engineParts = { clock: wallClock, random: randomWord, stateDirectory: state, environment };
  return {
    ...facts,
    engines: makeEngines([postgresModule(engineParts), sqliteModule(engineParts)]),
    repository: ({ create }) => openRepository(openLocalStore(repository.path), { create, signal, ...facts }),
    stateDirectory: state,
    timeZone: timezone ?? Intl.DateTimeFormat().resolvedOptions().timeZone,
  };
}

/** Four characters of base 32 (RFC 4648): 20 random bits. */
function randomWord(): string {
  return [...randomBytes(4)].map((byte) => 'abcdefghijklmnopqrstuvwxyz234567'.charAt(byte & 31)).join('');
}
