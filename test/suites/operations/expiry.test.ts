/** The rules applied to real backups of a real database: after each backup, by prune, against pins and other runs. */

import { describe, expect, it } from 'vitest';
import { graceMs } from '../../../src/domain/backup-hold.ts';
import type { KeepRules } from '../../../src/domain/retention/keep-rules.ts';
import { backup, type BackupResult } from '../../../src/operations/backup.ts';
import type { ExpiryResult } from '../../../src/operations/expiry.ts';
import { listBackups } from '../../../src/operations/list-backups.ts';
import { pin, type PinResult } from '../../../src/operations/pin.ts';
import { prune, pruneFailure, type PruneRequest } from '../../../src/operations/prune.ts';
import type { Store } from '../../../src/storage/store.ts';
import { backupRequest, makeParts } from '../../harness/operation-parts.ts';
import { dayMs, makeRules, newest, noOlderThan } from '../../harness/retention.ts';
import { beginSample, quietWork as work, writeSample } from '../../harness/sample-backup.ts';
import { useWorld } from './world.ts';

const world = useWorld();

/** Real ones, one each day: the clock stands at the next day's hour afterwards. */
async function daily(count: number, keep: KeepRules | null = null): Promise<readonly BackupResult[]> {
  const made: BackupResult[] = [];
  for (let day = 0; day < count; day += 1) {
    made.push(await world().takeBackup({ keep }));
    world().clock.advance(dayMs - 60_000);
  }
  return made;
}

/** The same with backups of a few bytes, where only the rules matter. Their ids. */
async function stored(count: number, label: string | null = null): Promise<readonly string[]> {
  const repository = await world().parts.repository({ create: true });
  const made: string[] = [];
  for (let day = 0; day < count; day += 1) {
    made.push((await writeSample(repository, { database: 'shop', parts: { label } })).id);
    world().clock.advance(dayMs);
  }
  return made;
}

function runPrune(overrides: Partial<PruneRequest> = {}): Promise<ExpiryResult> {
  const request = { database: 'shop', rules: makeRules({ last: 3 }), force: false, dryRun: false, ...overrides };
  return prune(request, world().parts, work);
}

function hold(kind: 'pin' | 'unpin', backup: string, reason: string | null = null): Promise<PinResult> {
  return pin({ kind, database: null, backup, reason, dryRun: false }, world().parts, work);
}

async function ids(): Promise<readonly string[]> {
  const found = await listBackups({ database: null, limit: null }, world().parts, work);
  return found.backups.map(({ manifest }) => manifest.id);
}

const idOf = (made: BackupResult | undefined): string => made?.manifest.id ?? 'none';

describe('a backup', () => {
  it('applies the rules: a tombstone first, the bytes when the grace period is over', async () => {
    const rules = makeRules({ last: 3 });
    const [first] = await daily(3, rules);
    const [fourth] = await daily(1, rules);
    expect(fourth?.expiry.result).toMatchObject({ expired: [idOf(first)], removed: [], kept: 3 });
    expect(fourth?.expiry.findings).toEqual([]);
    expect(await ids()).toHaveLength(4);
    expect(
      (await listBackups({ database: null, limit: null }, world().parts, work)).backups.at(-1)?.hold,
    ).toMatchObject({
      kind: 'expired',
      reason: 'not one of the last 3',
    });
    const before = await world().keys();
    const [fifth] = await daily(1, rules);
    expect(fifth?.expiry.result).toMatchObject({ removed: [idOf(first)], kept: 3 });
    expect(fifth?.expiry.result?.removedBytes).toBeGreaterThan(0);
    expect(before.filter((key) => key.includes(idOf(first))).length).toBeGreaterThan(5);
    expect((await world().keys()).filter((key) => key.includes(idOf(first)))).toEqual([]);
  });

  it('without a rule deletes nothing, and says so', async () => {
    await daily(3);
    const [made] = await daily(1);
    expect(made?.expiry).toMatchObject({ result: null, findings: [{ severity: 'note', code: 'nothing-expires' }] });
    expect(await ids()).toHaveLength(4);
  });

  it('that fails expires nothing', async () => {
    await daily(4);
    const before = await world().keys();
    const limits = { minimumBytes: 100_000_000, smallBytes: null, changeRatio: null, changeBytes: null };
    const failing = world().takeBackup({ keep: makeRules({ last: 3 }), sizeLimits: limits });
    await expect(failing).rejects.toMatchObject({ code: 'backup-too-small' });
    expect(await world().keys()).toEqual(before);
  });

  it('stands when its rules cannot be applied, with a warning', async () => {
    await daily(3);
    const readOnly: Store = {
      ...world().store,
      put: async (key, bytes, options) => {
        if (key.includes('/expired-')) throw new Error('the disk is full');
        await world().store.put(key, bytes, options);
      },
    };
    const parts = makeParts(readOnly, world().folder, world().clock);
    const request = backupRequest(world().target(), { database: 'shop', keep: makeRules({ last: 3 }) });
    const made = await backup(request, parts, work);
    expect(made.expiry).toMatchObject({ result: null, findings: [{ severity: 'warning', code: 'expiry-failed' }] });
    expect(await ids()).toContain(made.manifest.id);
  });
});

describe('prune', () => {
  it('in a dry run says why each stays or goes, and changes nothing', async () => {
    const [first, second] = await stored(5);
    const before = await world().keys();
    const result = await runPrune({ dryRun: true });
    expect(result.decisions.map(({ fate }) => fate)).toEqual(['stays', 'stays', 'stays', 'expires', 'expires']);
    expect(result.decisions.every(({ reasons }) => reasons.length > 0)).toBe(true);
    expect(result).toMatchObject({ expired: [second, first], kept: 3 });
    expect(await world().keys()).toEqual(before);
  });

  it('lets nothing go when half of all would, unless it is forced', async () => {
    await stored(5);
    const before = await world().keys();
    const stopped = await runPrune({ rules: makeRules({ last: 2 }) });
    expect(stopped.stopped.map(({ code }) => code)).toEqual(['expiry-half']);
    expect(pruneFailure([stopped])).toMatchObject({ code: 'expiry-stopped', exit: 1 });
    expect(await world().keys()).toEqual(before);
    const [warned] = await daily(1, makeRules({ last: 2 }));
    expect(warned?.expiry.findings).toMatchObject([{ code: 'expiry-half', severity: 'warning' }]);
    expect(await ids()).toHaveLength(6);
    const forced = await runPrune({ rules: makeRules({ last: 2 }), force: true });
    expect(forced.expired).toHaveLength(4);
    expect(pruneFailure([forced])).toBeNull();
  });

  it('lets nothing go when the clock says 2099, nor does a backup made then', async () => {
    const rules = makeRules({ withinMs: 30 * dayMs, daily: newest(3) });
    await stored(6);
    const before = await world().keys();
    world().clock.advance(Date.parse('2099-01-01T00:00:00Z') - world().clock.now().getTime());
    const stopped = await runPrune({ rules });
    expect(stopped.stopped.map(({ code }) => code)).toContain('expiry-clock');
    const [made] = await daily(1, rules);
    expect(made?.expiry.findings[0]).toMatchObject({ code: 'expiry-clock', severity: 'warning' });
    const after = new Set(await world().keys());
    expect(before.filter((key) => !after.has(key))).toEqual([]);
    expect([...after].filter((key) => key.includes('expired-'))).toEqual([]);
  });

  it('lets nothing go when the clock is before the newest backup', async () => {
    await stored(5);
    world().clock.advance(-9 * dayMs);
    expect((await runPrune()).stopped.map(({ code }) => code)).toEqual(['expiry-clock']);
  });

  it('without a rule deletes nothing, not even what has a tombstone', async () => {
    await stored(5);
    await runPrune();
    world().clock.advance(graceMs * 2);
    const before = await world().keys();
    expect(await runPrune({ rules: null })).toMatchObject({ kept: 3, findings: [{ code: 'nothing-expires' }] });
    expect(await world().keys()).toEqual(before);
  });

  it('run twice at once does what one does', async () => {
    const [first = ''] = await stored(5);
    await Promise.all([runPrune(), runPrune()]);
    expect((await runPrune({ dryRun: true })).decisions.filter(({ fate }) => fate === 'waits')).toHaveLength(2);
    world().clock.advance(graceMs);
    await Promise.all([runPrune(), runPrune()]);
    expect(await ids()).toHaveLength(3);
    expect((await world().keys()).filter((key) => key.includes(first))).toEqual([]);
  });

  it('keeps a label until the next one with it, and the newest proven one', async () => {
    const rules = makeRules({ last: 2, labels: { 'pre-deploy': newest(1), critical: noOlderThan(90) } });
    const [labelled = ''] = await stored(1, 'pre-deploy');
    const [proven] = await daily(1);
    await world().runDrill(idOf(proven));
    await stored(3);
    expect((await runPrune({ rules })).decisions.map(({ fate }) => fate)).toEqual([
      'stays',
      'stays',
      'expires',
      'stays',
      'stays',
    ]);
    await stored(1, 'pre-deploy');
    expect((await runPrune({ rules })).expired).toContain(labelled);
  });

  it('touches no file that is not ours, and clears away what dead runs left', async () => {
    const repository = await world().parts.repository({ create: true });
    const foreign = [
      'shop_backup_20200101.sql.gz',
      'shop/old.dump',
      'shop/backups/manual.dump',
      'shop/backups/2020/x.sql',
    ];
    for (const key of foreign) await world().store.put(key, Buffer.from('from a script'));
    const left = await beginSample(repository, { database: 'shop' });
    await world().store.delete(`shop/backups/${left.begin.id}/begin.json`);
    await world().store.put(`shop/backups/${left.begin.id}/shop.db.zst`, Buffer.from('half'));
    await stored(5);
    // The store stamps files with the machine's own time: to it the world's clock must be far ahead.
    world().clock.advance(35 * dayMs);
    const result = await runPrune();
    expect(result.swept).toMatchObject([{ id: left.begin.id, storedBytes: 4 }]);
    const keys = await world().keys();
    expect(keys.filter((key) => key.includes(left.begin.id))).toEqual([]);
    expect(foreign.filter((key) => !keys.includes(key))).toEqual([]);
  });
});

describe('a pin', () => {
  it('holds a backup against the rules until it is taken away', async () => {
    const [first = ''] = await stored(3);
    expect(await hold('pin', first, 'the merger')).toMatchObject({
      changed: true,
      backup: { hold: { kind: 'pinned', reason: 'the merger' } },
    });
    expect(await hold('pin', first)).toMatchObject({ changed: false });
    await stored(3);
    const result = await runPrune();
    expect(result.decisions.at(-1)).toMatchObject({ fate: 'stays', reasons: ['pinned: the merger'] });
    expect(result.expired).toHaveLength(2);
    expect(await hold('unpin', first)).toMatchObject({ changed: true, backup: { hold: { kind: 'none' } } });
    expect(await hold('unpin', first)).toMatchObject({ changed: false });
    expect((await runPrune()).expired).toEqual([first]);
  });

  it('rescues one that expired, and its tombstone is a finding from then on', async () => {
    const [first = ''] = await stored(4);
    await runPrune();
    world().clock.advance(graceMs * 3);
    expect(await hold('pin', first)).toMatchObject({
      backup: { hold: { kind: 'pinned', hasTombstone: true } },
      findings: [{ code: 'tombstone-ignored' }],
    });
    const result = await runPrune();
    expect(result.findings).toMatchObject([{ code: 'tombstone-ignored', severity: 'note' }]);
    expect(await ids()).toContain(first);
    await hold('unpin', first);
    // The rules start anew: another tombstone, another grace period.
    expect(await runPrune()).toMatchObject({ expired: [first], removed: [] });
  });

  it('that comes while a deletion runs is an error, not a promise', async () => {
    const [first = ''] = await stored(4);
    await runPrune();
    world().clock.advance(graceMs);
    const racing: Store = {
      ...world().store,
      put: async (key, bytes, options) => {
        await runPrune();
        await world().store.put(key, bytes, options);
      },
    };
    const parts = makeParts(racing, world().folder, world().clock);
    const late = pin({ kind: 'pin', database: 'shop', backup: first, reason: null, dryRun: false }, parts, work);
    await expect(late).rejects.toMatchObject({ code: 'pin-lost', exit: 1 });
  });
});
