/** The answers of `status` and `health`: one screen for people. */

import { sizesOf } from '../../answers/stored-backup.ts';
import { formatBytes, formatDuration, formatLimit } from '../../domain/amounts.ts';
import type { Backup } from '../../domain/backup.ts';
import type { DatabaseHealth, HealthCheck } from '../../domain/health.ts';
import type { DatabaseStatus, StatusResult } from '../../operations/status.ts';
import { stateText } from './backup-text.ts';
import { counted, formatAge, formatCount } from './format.ts';
import type { Style } from './style.ts';
import { renderFacts, renderTable, type Column } from './table.ts';

const newestColumns: readonly Column[] = [
  { title: 'DATABASE' },
  { title: 'NEWEST' },
  { title: 'AGE' },
  { title: 'SIZE', align: 'right' },
  { title: 'STATE' },
  { title: 'NEWEST PROVEN' },
  { title: 'HEALTH' },
];

const countColumns: readonly Column[] = [
  { title: 'DATABASE' },
  { title: 'BACKUPS', align: 'right' },
  { title: 'DAYS', align: 'right' },
  { title: 'WEEKS', align: 'right' },
  { title: 'MONTHS', align: 'right' },
  { title: 'YEARS', align: 'right' },
  { title: 'DAMAGED', align: 'right' },
  { title: 'UNFINISHED', align: 'right' },
  { title: 'ON DISK', align: 'right' },
];

export function statusLines({ databases, usedBytes, freeBytes, now }: StatusResult, style: Style): readonly string[] {
  if (databases.length === 0) return ['no backups yet', ...roomLines(0, freeBytes, style)];
  return [
    ...renderTable(
      newestColumns,
      databases.flatMap((each) => newestRows(each, now, style)),
    ),
    '',
    ...renderTable(
      countColumns,
      databases.map((each) => countRow(each, style)),
    ),
    ...roomLines(usedBytes, freeBytes, style),
    ...databases.flatMap(({ health }) => (health === null ? [] : failingLines(health, style))),
  ];
}

/** A heading and three lines for each database. */
export function healthLines(health: DatabaseHealth, style: Style): readonly string[] {
  const verdict = health.healthy ? style.good('✓ healthy') : style.bad('✗ unhealthy');
  const checks = health.checks.map(
    (check) =>
      [`  ${check.ok ? style.good('✓') : style.bad('✗')} ${labels[check.check]}`, checkText(check, style)] as const,
  );
  return [`${style.bold(health.database)}  ${verdict}`, ...renderFacts(checks)];
}

const labels: Readonly<Record<HealthCheck['check'], string>> = {
  newest: 'newest whole backup',
  count: 'in the last 24 h',
  proof: 'newest proven',
};

function checkText({ check, ok, actual, limit, hint }: HealthCheck, style: Style): string {
  const isCount = check === 'count';
  const is = actual === null ? 'none' : isCount ? counted(actual, 'backup') : `${formatDuration(actual)} old`;
  const may = isCount ? `at least ${formatCount(limit)}` : `at most ${formatLimit(limit)}`;
  return `${ok ? is : style.bad(is)}  ${style.dim(`(${may})`)}${ok ? '' : `  ${hint}`}`;
}

function failingLines({ database, checks }: DatabaseHealth, style: Style): readonly string[] {
  return checks.filter(({ ok }) => !ok).map(({ message }) => `${style.bad('✗')} ${database}: ${message}`);
}

/** One row for each kind of backup there is. */
function newestRows(each: DatabaseStatus, now: Date, style: Style): readonly (readonly string[])[] {
  const { database, newestProvenAgeMs, health } = each;
  const proven = newestProvenAgeMs === null ? style.warn('none') : formatAge(newestProvenAgeMs);
  const isHealthy = health?.healthy === true ? style.good('✓ healthy') : style.bad('✗ unhealthy');
  const ends = [proven, health === null ? style.dim('not configured') : isHealthy];
  if (each.newestOfKinds.length === 0) return [[style.bold(database), style.bad('none'), '', '', '', ...ends]];
  return each.newestOfKinds.map((backup, index) => [
    index === 0 ? style.bold(database) : '',
    ...newestCells(backup, now, style),
    ...(index === 0 ? ends : []),
  ]);
}

function newestCells({ manifest, state }: Backup, now: Date, style: Style): readonly string[] {
  const ageMs = now.getTime() - Date.parse(manifest.started);
  return [manifest.id, formatAge(ageMs), formatBytes(sizesOf(manifest).plainBytes), stateText(state, style)];
}

function countRow(each: DatabaseStatus, style: Style): readonly string[] {
  const { days, weeks, months, years } = each.periods;
  const unfinished = String(each.unfinished.length);
  return [
    style.bold(each.database),
    formatCount(each.backups),
    ...[days, weeks, months, years].map(formatCount),
    each.damaged === 0 ? '0' : style.bad(formatCount(each.damaged)),
    each.unfinished.length === 0 ? unfinished : style.warn(unfinished),
    formatBytes(each.storedBytes),
  ];
}

function roomLines(usedBytes: number, freeBytes: number | null, style: Style): readonly string[] {
  const free = freeBytes === null ? '' : `, ${formatBytes(freeBytes)} free`;
  return [style.dim(`${formatBytes(usedBytes)} used by backups${free}`)];
}
