/** The only file that names concrete parts: configuration in, working product out. */

import { randomBytes } from 'node:crypto';
import { hostname } from 'node:os';
import type { Configuration } from './config/configuration.ts';
import { postgresModule } from './engine/postgres/postgres-module.ts';
import { sqliteModule } from './engine/sqlite/sqlite-module.ts';
import type { Parts } from './operations/parts.ts';
import { makeEngines } from './operations/engines.ts';
import { openRepository } from './repository/open-repository.ts';
import { openLocalStore } from './storage/local/local-store.ts';
import { stateDirectory } from './system/state-directory.ts';
import { wallClock } from './system/wall-clock.ts';

export interface Surroundings {
  readonly environment: NodeJS.ProcessEnv;
  readonly version: string;
}

export function assemble(configuration: Pick<Configuration, 'repository' | 'timezone'>, { environment, version }: Surroundings): Parts {
  const facts = { clock: wallClock, host: hostname(), writer: `holdfast ${version}`, random: randomWord };
  return {
    ...facts,
    engines: makeEngines([postgresModule, sqliteModule]),
    repository: ({ create }) => openRepository(openLocalStore(configuration.repository.path), { create, ...facts }),
    stateDirectory: stateDirectory(environment),
    timeZone: configuration.timezone ?? Intl.DateTimeFormat().resolvedOptions().timeZone,
  };
}

/** Four characters of base 32 (RFC 4648): 20 random bits. */
function randomWord(): string {
  return [...randomBytes(4)].map((byte) => 'abcdefghijklmnopqrstuvwxyz234567'[byte & 31]).join('');
}
