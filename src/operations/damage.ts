/**
 * How bad is it, and what are the ways back? Everything is read to its end, the newest good backups are looked up, and each
 * way back gets the time it will take, as far as such a thing was measured before. Nothing is changed.
 */

import type { Backup } from '../domain/backup.ts';
import { checkDatabaseName, databaseNameFrom } from '../domain/backup-name.ts';
import { countsAsLatest } from '../domain/choose-backup.ts';
import { readsWhole, type DamageReport, type TableReading } from '../domain/damage.ts';
import { HoldfastError } from '../domain/error.ts';
import type { Finding } from '../domain/finding.ts';
import type { Fingerprint } from '../domain/fingerprint.ts';
import { estimateRestore } from '../domain/restore-estimate.ts';
import { contentBytes } from '../domain/size-check.ts';
import type { Work } from '../domain/work.ts';
import type { Target, TargetSpec } from '../engine/engine.ts';
import type { Repository } from '../repository/repository.ts';
import { mergeFindings } from './findings.ts';
import type { Parts } from './parts.ts';
import { readMeasuredRestores } from './restore-history.ts';

export interface DamageRequest {
  readonly target: TargetSpec;
  /** The name in the repository; null takes it from the target's own. */
  readonly database: string | null;
}

/** A table as it reads now, beside what the backup holds of it. */
export interface ComparedTable extends TableReading {
  /** Null where no backup knows the table, or none is to compare with. */
  readonly backupRows: number | null;
}

export interface GoodBackup {
  readonly backup: Backup;
  readonly ageMs: number;
  /** Tables that only the backup has. */
  readonly missingNow: readonly string[];
}

/** One way back: what it costs, in time and in data. */
export interface WayBack {
  /** `reindex`, `restore`, `restore-proven`, `tables`, `salvage`. */
  readonly way: 'reindex' | 'tables' | 'restore' | 'restore-proven' | 'salvage';
  readonly command: string;
  /** What it gives back and what it loses. */
  readonly what: string;
  readonly estimateMs: number | null;
  /** How the time is known; why it is not. */
  readonly basis: string;
}

export interface DamageResult {
  readonly target: Target;
  readonly database: string;
  readonly report: DamageReport;
  readonly tables: readonly ComparedTable[];
  /** The newest whole one that is not damaged; null when there is none. */
  readonly newest: GoodBackup | null;
  /** The newest proven one, where that is another. */
  readonly newestProven: GoodBackup | null;
  readonly ways: readonly WayBack[];
  readonly findings: readonly Finding[];
  readonly durationMs: number;
}

const noEstimate = 'no restore was measured yet';

/** Throws when nobody can say what there is to read. */
export async function assessDamage(request: DamageRequest, parts: Parts, work: Work): Promise<DamageResult> {
  const startedMs = parts.clock.monotonicMs();
  const engine = parts.engines.forUrl(request.target.url).open(request.target);
  const database = checkDatabaseName(request.database ?? databaseNameFrom(engine.target.databaseName));
  const report = await engine.assess(work);
  work.report({ kind: 'step', text: 'looking what the backups hold' });
  const stored = await lookUp(database, engine.kind, parts, work);
  const rows = rowsOf(stored.fingerprint);
  const good = (backup: Backup | null): GoodBackup | null =>
    backup === null
      ? null
      : { backup, ageMs: ageOf(backup, parts), missingNow: missingNow(stored.fingerprint, report) };
  const proven = stored.proven?.manifest.id === stored.newest?.manifest.id ? null : stored.proven;
  return {
    target: engine.target,
    database,
    report,
    tables: report.tables.map((table) => ({ ...table, backupRows: rows.get(keyOf(table)) ?? null })),
    newest: good(stored.newest),
    newestProven: proven === null ? null : { ...{ backup: proven, ageMs: ageOf(proven, parts) }, missingNow: [] },
    ways: await waysBack({ database, report, newest: stored.newest, proven, listed: stored.listed }, parts),
    findings: mergeFindings(report.findings, stored.findings),
    durationMs: parts.clock.monotonicMs() - startedMs,
  };
}

interface Stored {
  readonly newest: Backup | null;
  readonly proven: Backup | null;
  readonly listed: readonly Backup[];
  /** Of the newest. */
  readonly fingerprint: Fingerprint | null;
  readonly findings: readonly Finding[];
}

/** No repository, or one that fails, must not hide what was found in the database. */
async function lookUp(database: string, engine: string, parts: Parts, work: Work): Promise<Stored> {
  const found: { newest: Backup | null; proven: Backup | null; listed: readonly Backup[] } = {
    newest: null,
    proven: null,
    listed: [],
  };
  try {
    const repository = await parts.repository({ create: false });
    const { backups } = await repository.list({ database, newest: null }, work.signal);
    found.listed = backups.filter(({ manifest }) => manifest.engine === engine);
    const counted = found.listed.filter(countsAsLatest);
    found.newest = counted[0] ?? null;
    found.proven = counted.find(({ state }) => state === 'proven') ?? null;
    return { ...found, fingerprint: await fingerprintOf(repository, found.newest, work), findings: [] };
  } catch (thrown) {
    work.signal.throwIfAborted();
    if (!(thrown instanceof HoldfastError)) throw thrown;
    const { code, message, hint } = thrown;
    // That there is none is no wonder where nothing was backed up yet; the answer says that there is no backup.
    const severity = code === 'no-repository' ? 'note' : 'warning';
    return { ...found, fingerprint: null, findings: [{ severity, code, message, hint }] };
  }
}

function fingerprintOf(repository: Repository, backup: Backup | null, work: Work): Promise<Fingerprint | null> {
  return backup === null ? Promise.resolve(null) : repository.open(backup.manifest).fingerprint(work);
}

function keyOf({ schema, table }: { readonly schema: string; readonly table: string }): string {
  return JSON.stringify([schema, table]);
}

function rowsOf(fingerprint: Fingerprint | null): ReadonlyMap<string, number> {
  return new Map((fingerprint?.tables ?? []).map((table) => [keyOf(table), table.rows]));
}

function missingNow(fingerprint: Fingerprint | null, report: DamageReport): readonly string[] {
  const present = new Set(report.tables.map(keyOf));
  return (fingerprint?.tables ?? [])
    .filter((table) => (table.kind === 'table' || table.kind === 'extension-config') && !present.has(keyOf(table)))
    .map(({ schema, table }) => `${schema}.${table}`);
}

function ageOf({ manifest }: Backup, { clock }: Parts): number {
  return clock.now().getTime() - Date.parse(manifest.started);
}

interface Situation {
  readonly database: string;
  readonly report: DamageReport;
  readonly newest: Backup | null;
  readonly proven: Backup | null;
  readonly listed: readonly Backup[];
}

async function waysBack(situation: Situation, parts: Parts): Promise<readonly WayBack[]> {
  const { database, report, newest, proven } = situation;
  const damagedTables = report.tables.filter((table) => !readsWhole(table));
  const damagedIndexes = report.indexes.filter(({ state }) => state === 'damaged');
  if (damagedTables.length + damagedIndexes.length + report.failures.length === 0) return [];
  const measured = await readMeasuredRestores(situation.listed, parts);
  const restore = (way: 'restore' | 'restore-proven', { manifest }: Backup, what: string): WayBack => {
    const size = { database, engine: manifest.engine, plainBytes: contentBytes(manifest.artifacts) };
    const estimate = estimateRestore(size, measured);
    const command = `holdfast restore ${database} ${manifest.id}`;
    return { way, command, what, estimateMs: estimate?.restoreMs ?? null, basis: estimate?.basis ?? noEstimate };
  };
  const ways: WayBack[] = [];
  if (damagedIndexes.length > 0 && damagedTables.length + report.failures.length === 0) {
    const names = damagedIndexes.map(({ index }) => index).join(', ');
    const what = `the rows read; making the damaged indexes anew loses nothing: ${names}`;
    ways.push({ way: 'reindex', command: 'REINDEX', what, estimateMs: null, basis: 'nothing measures it' });
  }
  const seconds = `from reading it just now`;
  ways.push({
    way: 'salvage',
    command: `holdfast backup ${database} --salvage`,
    what: 'saves what still reads, before anything else is done; it replaces nothing',
    estimateMs: Math.round(report.readMs),
    basis: seconds,
  });
  if (newest !== null) {
    ways.push(...tablesWay(damagedTables, newest, database));
    ways.push(
      restore('restore', newest, 'brings everything back; what was written since is lost, unless it is salvaged'),
    );
  }
  if (proven !== null) ways.push(restore('restore-proven', proven, 'the same, from the newest backup that is proven'));
  return ways;
}

function tablesWay(damaged: readonly TableReading[], { manifest }: Backup, database: string): readonly WayBack[] {
  if (damaged.length === 0) return [];
  const chosen = damaged.map((one) => `--table ${nameOf(one)}`).join(' ');
  return [
    {
      way: 'tables',
      command: `holdfast restore ${database} ${manifest.id} ${chosen}`,
      what: 'brings the damaged tables back beside the living ones; the others stay as they are',
      estimateMs: null,
      basis: 'a part of the whole restore',
    },
  ];
}

/** As a person writes it; tables of the one schema that is always there go without. */
function nameOf({ schema, table }: TableReading): string {
  return schema === 'main' ? table : `${schema}.${table}`;
}
