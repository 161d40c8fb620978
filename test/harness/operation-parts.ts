/** The product's real parts around a store and a folder of one test's own. */

import { join } from 'node:path';
import type { Clock } from '../../src/domain/clock.ts';
import { wholeScope } from '../../src/domain/scope.ts';
import type { TargetSpec } from '../../src/engine/engine.ts';
import { postgresModule } from '../../src/engine/postgres/postgres-module.ts';
import { sqliteModule } from '../../src/engine/sqlite/sqlite-module.ts';
import type { BackupRequest } from '../../src/operations/backup.ts';
import { makeEngines } from '../../src/operations/engines.ts';
import type { Parts } from '../../src/operations/parts.ts';
import { openRepository } from '../../src/repository/open-repository.ts';
import type { Store } from '../../src/storage/store.ts';
import { stateDirectory } from '../../src/system/state-directory.ts';
import { wallClock } from '../../src/system/wall-clock.ts';
import { makeRandom } from './sample-backup.ts';

export function makeParts(store: Store, folder: string, clock: Clock = wallClock): Parts {
  const environment = { ...process.env, HOLDFAST_STATE_DIR: join(folder, 'state') };
  const random = makeRandom();
  const facts = { clock, host: 'test-host', writer: 'holdfast test', random };
  const engineParts = { clock, random, stateDirectory: stateDirectory(environment), environment };
  return {
    ...facts,
    engines: makeEngines([postgresModule(engineParts), sqliteModule(engineParts)]),
    repository: ({ create }) => openRepository(store, { create, ...facts }),
    stateDirectory: engineParts.stateDirectory,
    timeZone: 'UTC',
  };
}

export function targetAt(url: string, baseDir = '/'): TargetSpec {
  return { url, origin: 'a test', baseDir, environment: {} };
}

export function backupRequest(target: TargetSpec, overrides: Partial<BackupRequest> = {}): BackupRequest {
  return {
    target,
    database: null,
    label: null,
    formats: ['custom'],
    scope: wholeScope,
    fingerprint: 'content',
    owners: true,
    privileges: true,
    zstdLevel: 3,
    lockTimeoutMs: 10_000,
    sizeLimits: { minimumBytes: 1000, smallBytes: null, changeRatio: 0.5, changeBytes: 1_000_000_000 },
    keep: null,
    ...overrides,
  };
}
