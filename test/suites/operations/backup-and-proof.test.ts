/** Backups made, listed, verified, proven, damaged, on a real database. */

import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { backup } from '../../../src/operations/backup.ts';
import { noChecks } from '../../../src/operations/drill-checks.ts';
import { drill, drillFailure } from '../../../src/operations/drill.ts';
import { extract } from '../../../src/operations/extract.ts';
import { listBackups } from '../../../src/operations/list-backups.ts';
import type { Parts } from '../../../src/operations/parts.ts';
import { executeRestore, planRestore, restoreFailure } from '../../../src/operations/restore.ts';
import { show } from '../../../src/operations/show.ts';
import { status } from '../../../src/operations/status.ts';
import { listKept } from '../../../src/operations/undo.ts';
import { verifyFailure } from '../../../src/operations/verify.ts';
import { backupRequest, makeParts } from '../../harness/operation-parts.ts';
import { beginSample, quietWork as work } from '../../harness/sample-backup.ts';
import { change } from '../sqlite/databases.ts';
import { imageOf, sizeLimits, useWorld } from './world.ts';

const world = useWorld();

describe('a backup', () => {
  it('is stored, then verified, then proven, and the lists say so', async () => {
    const made = await world().takeBackup();
    expect(made).toMatchObject({
      repositoryCreated: true,
      manifest: { database: 'shop', kind: 'image', scope: { kind: 'whole' } },
    });
    expect(made.ratio).toBeGreaterThan(1);
    const stateNow = async () =>
      (await listBackups({ database: null, limit: null }, world().parts, work)).backups[0]?.state;
    expect(await stateNow()).toBe('stored');
    const verified = await world().runVerify();
    expect(verifyFailure(verified)).toBeNull();
    expect(verified).toMatchObject({ outcome: 'verified', problems: [], backup: { state: 'verified' }, files: 5 });
    const drilled = await world().runDrill();
    expect(drillFailure(drilled)).toBeNull();
    expect(drilled.proof).toMatchObject({
      outcome: 'proven',
      scope: 'whole',
      comparison: { differences: [], tablesCompared: 2 },
    });
    expect(drilled.proof.files).toEqual([imageOf(made.manifest), 'fingerprint.json.zst']);
    expect(await stateNow()).toBe('proven');
    const found = await status({ database: null }, world().parts, work);
    expect(found.databases).toMatchObject([
      { database: 'shop', backups: 1, newestAgeMs: 60_000, newestProvenAgeMs: 60_000 },
    ]);
    expect(found.findings).toEqual([]);
    const shown = await show({ database: 'shop', backup: 'latest' }, world().parts, work);
    expect(shown.files.map(({ name }) => name.replace(/-.*/, ''))).toContain('proof');
    expect(shown.extractFormats.map(({ name }) => name)).toContain('db');
  });

  it('that cannot be made leaves nothing', async () => {
    const before = await world().keys();
    await expect(
      backup(backupRequest(world().target(join(world().folder, 'gone.db'))), world().parts, work),
    ).rejects.toMatchObject({
      exit: 16,
    });
    expect(await world().keys()).toEqual(before);
    await world().takeBackup();
    const kept = await world().keys();
    const controller = new AbortController();
    const stopping = { signal: controller.signal, report: () => controller.abort(new Error('stop')) };
    await expect(backup(backupRequest(world().target()), world().parts, stopping)).rejects.toThrow('stop');
    expect(await world().keys()).toEqual(kept);
  });

  it('that is smaller than it may be is removed again', async () => {
    const limits = { ...sizeLimits, minimumBytes: 100_000_000 };
    await expect(world().takeBackup({ sizeLimits: limits })).rejects.toMatchObject({
      code: 'backup-too-small',
      exit: 1,
    });
    expect((await world().keys()).filter((key) => key.startsWith('shop/'))).toEqual([]);
  });

  it('warns when the size is not the usual one', async () => {
    await world().takeBackup();
    change(world().file, 'DROP TABLE note; VACUUM');
    expect((await world().takeBackup()).findings.map(({ code }) => code)).toContain('backup-size-changed');
  });

  it('does not start when the repository has no room', async () => {
    const full = { ...world().store, freeBytes: () => Promise.resolve(1000) };
    const parts = makeParts(full, world().folder, world().clock);
    await expect(backup(backupRequest(world().target()), parts, work)).rejects.toMatchObject({ code: 'no-room' });
  });

  it('names what an interrupted run left', async () => {
    const made = await world().takeBackup();
    const repository = await world().parts.repository({ create: false });
    const left = await beginSample(repository, { database: 'shop' });
    const begin = (await world().keys()).find((key) => key.endsWith(`${left.begin.id}/begin.json`)) ?? '';
    expect(begin).not.toBe('');
    // Of this very process: running, so nothing is said.
    expect((await world().takeBackup()).findings).toEqual([]);
    await world().store.delete(begin);
    await world().store.put(begin.replace('begin.json', 'shop.db.zst'), Buffer.from('half'));
    expect((await world().takeBackup()).findings).toMatchObject([{ code: 'unfinished-backup', severity: 'note' }]);
    expect((await status({ database: 'shop' }, world().parts, work)).databases[0]?.unfinished).toHaveLength(1);
    expect(made.findings).toEqual([]);
  });

  it('is kept apart from another run on the same database', async () => {
    let inner: unknown = null;
    const onStart = (): void => {
      inner = backup(backupRequest(world().target()), world().parts, work).catch((thrown: unknown) => thrown);
    };
    await world().takeBackup({ onStart });
    expect(await inner).toMatchObject({ code: 'locked', exit: 11 });
  });
});

describe('damage', () => {
  it('is found by verify, drill, restore and extract, and marked', async () => {
    const { manifest } = await world().takeBackup();
    await world().damage(manifest, imageOf(manifest));
    const verified = await world().runVerify();
    expect(verified.problems).toMatchObject([{ file: imageOf(manifest), code: 'damaged-artifact' }]);
    expect(verifyFailure(verified)).toMatchObject({ code: 'damage-found', exit: 15 });
    expect(verified.backup.state).toBe('damaged');
    const damaged = { code: 'damaged-artifact', exit: 15 };
    const before = readFileSync(world().file);
    await expect(world().runDrill(manifest.id)).rejects.toMatchObject(damaged);
    await expect(world().restore({ backup: manifest.id })).rejects.toMatchObject(damaged);
    const path = join(world().folder, 'out.db');
    const file = { kind: 'file', path, overwrite: false } as const;
    const extraction = { database: null, backup: manifest.id, format: 'db', destination: file };
    await expect(extract(extraction, world().parts, work)).rejects.toMatchObject(damaged);
    expect(existsSync(path)).toBe(false);
    expect(readFileSync(world().file).equals(before)).toBe(true);
    const marks = (await show({ database: null, backup: manifest.id }, world().parts, work)).backup.marks;
    expect(marks.map((mark) => mark.kind === 'damaged' && mark.foundBy).sort()).toEqual([
      'drill',
      'extract',
      'restore',
      'verify',
    ]);
    await expect(world().runDrill()).rejects.toMatchObject({ code: 'backup-not-found' });
  });

  it('of the fingerprint, of RESTORE.txt, of SHA256SUMS and of begin.json is found by verify', async () => {
    for (const name of ['fingerprint.json.zst', 'RESTORE.txt', 'SHA256SUMS', 'begin.json']) {
      const { manifest } = await world().takeBackup();
      await world().damage(manifest, name);
      expect(
        (await world().runVerify(manifest.id)).problems.map(({ file }) => file),
        name,
      ).toEqual([name]);
    }
  });

  it('of the manifest stops everything', async () => {
    const { manifest } = await world().takeBackup();
    await world().damage(manifest, 'manifest.json', -300);
    for (const action of [
      () => world().runVerify(manifest.id),
      () => world().runDrill(manifest.id),
      () => world().restore({ backup: manifest.id }),
    ]) {
      await expect(action()).rejects.toMatchObject({ code: 'manifest-damaged', exit: 15 });
    }
    expect((await listBackups({ database: null, limit: null }, world().parts, work)).unreadable).toHaveLength(1);
  });

  it('that is gone again is believed when everything was read', async () => {
    const { manifest } = await world().takeBackup();
    await world().damage(manifest, imageOf(manifest));
    await world().runVerify();
    await world().damage(manifest, imageOf(manifest));
    world().clock.advance(1000);
    expect((await world().runVerify(manifest.id)).backup.state).toBe('verified');
  });
});

describe('a drill', () => {
  it('does not prove a backup whose fingerprint says something else', async () => {
    const { manifest } = await world().takeBackup();
    const repository = await world().parts.repository({ create: false });
    const fingerprint = await repository.open(manifest).fingerprint(work);
    if (fingerprint === null) throw new Error('no fingerprint');
    const [table, ...others] = fingerprint.tables;
    if (table === undefined) throw new Error('no table');
    const changed = { ...fingerprint, tables: [{ ...table, sum: '0000000000000000' }, ...others] };
    const forged: Parts = {
      ...world().parts,
      repository: async (options) => {
        const real = await world().parts.repository(options);
        return { ...real, open: (of) => ({ ...real.open(of), fingerprint: async () => Promise.resolve(changed) }) };
      },
    };
    const request = { database: null, backup: 'latest', place: { kind: 'local' }, checks: noChecks } as const;
    const result = await drill(request, forged, work);
    expect(result.proof).toMatchObject({
      outcome: 'different',
      comparison: { differences: [{ what: 'content differs' }] },
    });
    expect(drillFailure(result)).toMatchObject({
      code: 'not-proven',
      exit: 1,
      message: expect.stringContaining('1 difference') as string,
    });
    expect(result.backup.state).toBe('stored');
    const before = readFileSync(world().file);
    const plan = await planRestore(world().restoreRequest(), forged, work);
    const restored = await executeRestore(plan, forged, work);
    expect(restored).toMatchObject({ outcome: 'different', name: null, keptAs: null });
    expect(restoreFailure(restored)).toMatchObject({ code: 'not-equal', exit: 1 });
    expect(readFileSync(world().file).equals(before)).toBe(true);
    expect((await listKept({ target: world().target() }, world().parts, work)).kept).toEqual([]);
  });

  it('runs the checks of the team and says which did not hold', async () => {
    change(world().file, "CREATE TABLE seen (at TEXT); INSERT INTO seen VALUES ('2026-11-20T02:00:00Z')");
    await world().takeBackup();
    const day = 86_400_000;
    const good = {
      tables: '>= 3',
      queries: [{ sql: 'SELECT sum(amount) FROM account', expect: '100000' }],
      freshness: [{ table: 'seen', column: 'at', maxAgeMs: day }],
    };
    const passed = await world().runDrill('latest', good);
    expect(passed.proof.checks.map(({ ok }) => ok)).toEqual([true, true, true]);
    expect(passed.proof.outcome).toBe('proven');
    const bad = {
      tables: '27',
      queries: [
        { sql: 'SELECT count(*) FROM account', expect: '> 100' },
        { sql: 'SELECT * FROM nowhere', expect: '1' },
      ],
      freshness: [
        { table: 'seen', column: 'at', maxAgeMs: day - 1 },
        { table: 'seen', column: 'oops', maxAgeMs: day },
      ],
    };
    const failed = await world().runDrill('latest', bad);
    expect(failed.proof.checks.map(({ ok }) => ok)).toEqual([false, false, false, false, false]);
    expect(drillFailure(failed)?.message).toContain('5 failed checks (number of tables: 3, …)');
    expect(failed.backup.state).toBe('stored');
  });

  it('of a backup without fingerprint restores, and does not prove', async () => {
    await world().takeBackup({ fingerprint: 'off' });
    const result = await world().runDrill();
    expect(result.proof).toMatchObject({ outcome: 'restored', comparison: null });
    expect(result.findings.map(({ code, severity }) => [code, severity])).toContainEqual([
      'nothing-to-compare',
      'warning',
    ]);
    expect(drillFailure(result)).toBeNull();
    expect(result.backup.state).toBe('stored');
  });
});
