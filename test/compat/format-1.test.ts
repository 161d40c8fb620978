/**
 * A repository as the first version of the format wrote it. It must open, verify, prove and restore forever: when this
 * fails, what is stored at people's places fails too. The files are never made anew.
 */

import { cp } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { noChecks } from '../../src/operations/drill-checks.ts';
import { drill } from '../../src/operations/drill.ts';
import { listBackups } from '../../src/operations/list-backups.ts';
import type { Parts } from '../../src/operations/parts.ts';
import { executeRestore, planRestore } from '../../src/operations/restore.ts';
import { show } from '../../src/operations/show.ts';
import { verify } from '../../src/operations/verify.ts';
import { openLocalStore } from '../../src/storage/local/local-store.ts';
import { makeParts, targetAt } from '../harness/operation-parts.ts';
import { quietWork as work } from '../harness/sample-backup.ts';
import { makeTestDirectory } from '../harness/temporary.ts';
import { ask } from '../suites/sqlite/databases.ts';

const sizeLimits = { minimumBytes: 1000, smallBytes: null, changeRatio: null, changeBytes: null };

interface Copied extends AsyncDisposable {
  readonly parts: Parts;
  readonly folder: string;
}

/** A copy: verifying and drilling add marks. */
async function copyRepository(): Promise<Copied> {
  const directory = await makeTestDirectory('compat');
  const root = join(directory.path, 'repository');
  await cp(join(import.meta.dirname, 'format-1'), root, { recursive: true });
  const parts = makeParts(openLocalStore(root), directory.path);
  return { parts, folder: directory.path, [Symbol.asyncDispose]: () => directory[Symbol.asyncDispose]() };
}

test('a repository of format version 1 is listed as it was', async () => {
  await using copied = await copyRepository();
  const catalog = await listBackups({ database: null, limit: null }, copied.parts, work);
  expect(catalog.backups.map(({ manifest, state }) => [manifest.id, state])).toEqual([
    ['20261121T020300Z-image-aaad', 'stored'],
    ['20261121T020000Z-image-aaaa', 'proven'],
  ]);
  expect(catalog.unfinished.map(({ id, process }) => [id, process])).toEqual([
    ['20261121T020400Z-dump-aaae', 'unknown'],
  ]);
  expect(catalog.unreadable).toEqual([]);
  const { backup } = await show({ database: 'shop', backup: '20261121T0200' }, copied.parts, work);
  expect(backup).toMatchObject({
    strangers: [],
    manifest: { label: 'pre-deploy' },
    newestProof: { outcome: 'proven' },
  });
});

test('its backups are verified, proven and restored', async () => {
  await using copied = await copyRepository();
  const request = { database: null, backup: '20261121T0200' };
  expect(await verify({ ...request, sizeLimits }, copied.parts, work)).toMatchObject({
    outcome: 'verified',
    problems: [],
  });
  const drilled = await drill({ ...request, place: { kind: 'local' }, checks: noChecks }, copied.parts, work);
  expect(drilled.proof).toMatchObject({
    outcome: 'proven',
    comparison: { tablesCompared: 2, rowsCompared: 6, differences: [] },
  });
  const path = join(copied.folder, 'restored.db');
  const target = targetAt(`file:${join(copied.folder, 'shop.db')}`);
  const destination = { kind: 'into', name: path } as const;
  const wanted = { ...request, target, destination, owners: true, privileges: true, jobs: null };
  const restored = await executeRestore(await planRestore(wanted, copied.parts, work), copied.parts, work);
  expect(restored.outcome).toBe('restored');
  expect(ask(path, 'SELECT group_concat(name) FROM customer')).toBe('Ada,Bo,Çağ');
});
