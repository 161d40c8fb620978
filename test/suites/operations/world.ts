/** A repository in memory, whose files are at hand to be damaged, and a database to back up, restore and break. */

import { join } from 'node:path';
import { afterEach, beforeEach } from 'vitest';
import type { Clock } from '../../../src/domain/clock.ts';
import type { Manifest } from '../../../src/domain/manifest.ts';
import type { SizeLimits } from '../../../src/domain/size-check.ts';
import type { TargetSpec } from '../../../src/engine/engine.ts';
import { type BackupRequest, type BackupResult, backup } from '../../../src/operations/backup.ts';
import { type DrillChecks, noChecks } from '../../../src/operations/drill-checks.ts';
import { type DrillResult, drill } from '../../../src/operations/drill.ts';
import type { Parts } from '../../../src/operations/parts.ts';
import {
  executeRestore,
  planRestore,
  type RestoreRequest,
  type RestoreResult,
} from '../../../src/operations/restore.ts';
import { type VerifyResult, verify } from '../../../src/operations/verify.ts';
import { openMemoryStore } from '../../../src/storage/memory/memory-store.ts';
import type { Store } from '../../../src/storage/store.ts';
import { wallClock } from '../../../src/system/wall-clock.ts';
import { makeClock } from '../../harness/clock.ts';
import { backupRequest, makeParts, targetAt } from '../../harness/operation-parts.ts';
import { quietWork as work } from '../../harness/sample-backup.ts';
import { makeTestDirectory, type TestDirectory } from '../../harness/temporary.ts';
import { makeAccounts } from '../sqlite/databases.ts';

export interface World {
  readonly folder: string;
  readonly file: string;
  readonly store: Store;
  readonly clock: Clock & { advance(ms: number): void };
  readonly parts: Parts;
  target(file?: string): TargetSpec;
  takeBackup(overrides?: Partial<BackupRequest>): Promise<BackupResult>;
  restoreRequest(overrides?: Partial<RestoreRequest>): RestoreRequest;
  restore(overrides?: Partial<RestoreRequest>): Promise<RestoreResult>;
  runDrill(name?: string, checks?: DrillChecks): Promise<DrillResult>;
  runVerify(name?: string): Promise<VerifyResult>;
  /** Flips one bit of a stored file. */
  damage(manifest: Manifest, name: string, at?: number): Promise<void>;
  keys(): Promise<readonly string[]>;
}

export const sizeLimits: SizeLimits = backupRequest(targetAt('')).sizeLimits;

/** A fresh world for each test of the file that calls it. */
export function useWorld(): () => World {
  let world: World | null = null;
  let directory: TestDirectory | null = null;
  beforeEach(async () => {
    directory = await makeTestDirectory('operations');
    const file = join(directory.path, 'shop.db');
    makeAccounts(file, 'wal', 1);
    const days = makeClock('2026-11-21T02:00:00.000Z');
    // Days pass as the test wants; how long something took is real.
    const clock = {
      now: () => days.now(),
      advance: (ms: number) => days.advance(ms),
      sleep: (ms: number, signal: AbortSignal) => days.sleep(ms, signal),
      monotonicMs: () => wallClock.monotonicMs(),
    };
    const store = openMemoryStore();
    world = makeWorld({ folder: directory.path, file, store, clock, parts: makeParts(store, directory.path, clock) });
  });
  afterEach(async () => {
    world = null;
    await directory?.[Symbol.asyncDispose]();
  });
  return () => {
    if (world === null) throw new Error('no world outside a test');
    return world;
  };
}

function makeWorld(facts: Pick<World, 'folder' | 'file' | 'store' | 'clock' | 'parts'>): World {
  const { file, store, clock, parts } = facts;
  const target = (path = file): TargetSpec => targetAt(`file:${path}`);
  const restoreRequest = (overrides: Partial<RestoreRequest> = {}): RestoreRequest => {
    const usual = { target: target(), database: null, backup: 'latest', owners: true, privileges: true, jobs: null };
    return { ...usual, destination: { kind: 'replace' }, ...overrides };
  };
  return {
    ...facts,
    target,
    restoreRequest,
    takeBackup: async (overrides = {}) => {
      const result = await backup(backupRequest(target(), { database: 'shop', ...overrides }), parts, work);
      clock.advance(60_000);
      return result;
    },
    restore: async (overrides = {}) =>
      executeRestore(await planRestore(restoreRequest(overrides), parts, work), parts, work),
    runDrill: (name = 'latest', checks = noChecks) =>
      drill({ database: null, backup: name, place: { kind: 'local' }, checks }, parts, work),
    runVerify: (name = 'latest') => verify({ database: null, backup: name, sizeLimits }, parts, work),
    damage: async ({ id, database }, name, at = -10) => {
      const key = `${database}/backups/${id}/${name}`;
      const bytes = await readWhole(store, key);
      bytes.writeUInt8(bytes.readUInt8(bytes.length + at) ^ 1, bytes.length + at);
      await store.put(key, bytes);
    },
    keys: async () => {
      const keys: string[] = [];
      for await (const { key } of store.list('')) keys.push(key);
      return keys;
    },
  };
}

async function readWhole(store: Store, key: string): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of store.get(key)) chunks.push(Buffer.from(chunk));
  return Buffer.concat(chunks);
}

export function imageOf(manifest: Manifest): string {
  const image = manifest.artifacts.find(({ role }) => role === 'image');
  if (image === undefined) throw new Error('no image');
  return image.name;
}
