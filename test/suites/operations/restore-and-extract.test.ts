/** Backups brought back, on a real database. */

import { createHash } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Writable } from 'node:stream';
import { gunzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { doctor } from '../../../src/operations/doctor.ts';
import { extract } from '../../../src/operations/extract.ts';
import type { Parts } from '../../../src/operations/parts.ts';
import { executeRestoreTables, planRestoreTables } from '../../../src/operations/restore-tables.ts';
import { executeRestore, planRestore, restoreFailure } from '../../../src/operations/restore.ts';
import { dropReplaced, listKept, undo } from '../../../src/operations/undo.ts';
import type { Store } from '../../../src/storage/store.ts';
import { makeParts, targetAt } from '../../harness/operation-parts.ts';
import { quietWork as work } from '../../harness/sample-backup.ts';
import { ask, change } from '../sqlite/databases.ts';
import { useWorld } from './world.ts';

const world = useWorld();

describe('a restore', () => {
  it('replaces the database, keeps the old one, can be undone, and the kept one dropped', async () => {
    await world().takeBackup();
    change(world().file, 'DELETE FROM account');
    const plan = await planRestore(world().restoreRequest(), world().parts, work);
    expect(plan).toMatchObject({ ageMs: 60_000, estimate: null, findings: [] });
    expect(plan.checkedBytes).toBe(plan.backup.manifest.artifacts.reduce((sum, one) => sum + one.storedBytes, 0));
    expect(ask(world().file, 'SELECT count(*) FROM account')).toBe(0);
    const result = await executeRestore(plan, world().parts, work);
    expect(restoreFailure(result)).toBeNull();
    expect(result).toMatchObject({ outcome: 'restored', comparison: { differences: [] } });
    expect(ask(world().file, 'SELECT count(*) FROM account')).toBe(100);
    expect((await planRestore(world().restoreRequest(), world().parts, work)).estimate?.basis).toBe(
      'from one earlier restore of shop',
    );
    const { kept } = await listKept({ target: world().target() }, world().parts, work);
    expect(kept).toHaveLength(1);
    world().clock.advance(1000);
    await undo({ target: world().target() }, world().parts, work);
    expect(ask(world().file, 'SELECT count(*) FROM account')).toBe(0);
    const names = (await listKept({ target: world().target() }, world().parts, work)).kept.map(({ name }) => name);
    await expect(
      dropReplaced({ target: world().target(), names: ['nobody'] }, world().parts, work),
    ).rejects.toMatchObject({
      exit: 13,
    });
    const { dropped } = await dropReplaced({ target: world().target(), names }, world().parts, work);
    expect(dropped.map(({ name }) => name)).toEqual(names);
    await expect(undo({ target: world().target() }, world().parts, work)).rejects.toMatchObject({
      code: 'nothing-kept',
      exit: 13,
    });
  });

  it('goes under another name, and refuses a partial backup in the place of a whole database', async () => {
    const { manifest } = await world().takeBackup();
    const name = join(world().folder, 'copy.db');
    expect(await world().restore({ destination: { kind: 'into', name } })).toMatchObject({
      outcome: 'restored',
      keptAs: null,
    });
    expect(ask(name, 'SELECT count(*) FROM account')).toBe(100);
    const partial: Parts = {
      ...world().parts,
      repository: async (options) => {
        const real = await world().parts.repository(options);
        const scope = { ...manifest.scope, kind: 'tables' } as const;
        return {
          ...real,
          find: async (...request) => {
            const found = await real.find(...request);
            return { ...found, manifest: { ...found.manifest, scope } };
          },
        };
      },
    };
    await expect(planRestore(world().restoreRequest(), partial, work)).rejects.toMatchObject({
      code: 'partial-backup',
      exit: 2,
    });
  });

  it('says when there is nothing to compare with, and does not take another kind of database', async () => {
    await world().takeBackup({ fingerprint: 'off' });
    const plan = await planRestore(world().restoreRequest(), world().parts, work);
    expect(plan.findings).toMatchObject([{ code: 'nothing-to-compare', severity: 'warning' }]);
    const elsewhere = world().restoreRequest({ target: targetAt('postgres://nobody@127.0.0.1:1/none') });
    await expect(planRestore(elsewhere, world().parts, work)).rejects.toMatchObject({ code: 'wrong-engine', exit: 2 });
  });

  it('brings one table back beside the living one', async () => {
    await world().takeBackup();
    change(world().file, 'DELETE FROM account WHERE id > 10');
    const request = { tables: ['account'], destination: { kind: 'beside' }, owners: true, privileges: true } as const;
    const plan = await planRestoreTables(
      { ...request, target: world().target(), database: null, backup: 'latest' },
      world().parts,
      work,
    );
    const { tables } = await executeRestoreTables(plan, world().parts, work);
    expect(tables).toMatchObject([{ rows: 100 }]);
    expect(ask(world().file, `SELECT count(*) FROM "${tables[0]?.restoredAs ?? ''}"`)).toBe(100);
    expect(ask(world().file, 'SELECT count(*) FROM account')).toBe(10);
  });
});

describe('extracting', () => {
  it('writes a file that is whole, and does not touch one that is there', async () => {
    await world().takeBackup();
    const path = join(world().folder, 'out.db.gz');
    const request = {
      database: null,
      backup: 'latest',
      format: null,
      destination: { kind: 'file', path, overwrite: false },
    } as const;
    const result = await extract(request, world().parts, work);
    expect(result).toMatchObject({ path, format: { name: 'db.gz' } });
    expect(createHash('sha256').update(readFileSync(path)).digest('hex')).toBe(result.sha256);
    const copy = join(world().folder, 'copy.db');
    writeFileSync(copy, gunzipSync(readFileSync(path)));
    expect(ask(copy, 'SELECT sum(amount) FROM account')).toBe(100_000);
    writeFileSync(path, 'mine');
    await expect(extract(request, world().parts, work)).rejects.toMatchObject({ code: 'file-exists' });
    expect(readFileSync(path, 'utf8')).toBe('mine');
    await extract({ ...request, destination: { kind: 'file', path, overwrite: true } }, world().parts, work);
    expect(readFileSync(path).length).toBe(result.bytes);
    const unknown = { ...request, format: 'tar' };
    await expect(extract(unknown, world().parts, work)).rejects.toMatchObject({ code: 'unknown-format', exit: 2 });
  });

  it('writes to a stream at its pace, and notices when it breaks', async () => {
    await world().takeBackup();
    const chunks: Buffer[] = [];
    const stream = new Writable({
      highWaterMark: 1,
      write: (chunk: Buffer, _encoding, done) => {
        chunks.push(Buffer.from(chunk));
        setImmediate(done);
      },
    });
    const request = {
      database: null,
      backup: 'latest',
      format: 'db',
      destination: { kind: 'stream', stream },
    } as const;
    const result = await extract(request, world().parts, work);
    expect(createHash('sha256').update(Buffer.concat(chunks)).digest('hex')).toBe(result.sha256);
    const broken = new Writable({ write: (_chunk, _encoding, done) => done(new Error('EPIPE')) });
    await expect(
      extract({ ...request, destination: { kind: 'stream', stream: broken } }, world().parts, work),
    ).rejects.toMatchObject({
      code: 'output-failed',
    });
  });
});

describe('doctor', () => {
  it('looks at the database and the repository, and names everything that is wrong', async () => {
    const first = await doctor({ target: world().target() }, world().parts, work);
    expect(first.findings.map(({ code, severity }) => [code, severity])).toEqual([['no-repository', 'note']]);
    await world().takeBackup();
    const later: Store = { ...world().store, freeBytes: () => Promise.resolve(10) };
    const parts = makeParts(later, world().folder, {
      ...world().clock,
      now: () => new Date('2027-01-01T00:00:00Z'),
    });
    const second = await doctor({ target: world().target() }, parts, work);
    expect(second.repository).toBe('memory');
    expect(second.findings.map(({ code }) => code)).toEqual(expect.arrayContaining(['little-room']));
    const third = await doctor({ target: world().target(join(world().folder, 'gone.db')) }, world().parts, work);
    expect(third.inspection).toBeNull();
    expect(third.findings.map(({ severity }) => severity)).toContain('blocking');
    expect((await world().keys()).filter((key) => key.includes('probe'))).toEqual([]);
  });
});
