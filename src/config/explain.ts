/**
 * What the settings come to in the end, and where they were read. Only what is listed here is shown: an address is never
 * among it (`describe` gives it without its password), nor is any other secret.
 */

import { formatBytes, formatDuration } from '../domain/amounts.ts';
import type { HealthLimits } from '../domain/health.ts';
import { describeStep, hookPoints, type Hooks } from '../domain/hook.ts';
import { describeRules, type KeepRules } from '../domain/retention/keep-rules.ts';
import type { TargetSpec } from '../engine/engine.ts';
import type { CheckSettings, Configuration, DatabaseSettings } from './configuration.ts';
import type { Schedules } from './schedule-settings.ts';

export interface Explained {
  /** `databases.app.formats` */
  readonly setting: string;
  readonly value: string;
  /** Null: the built-in value, or written beside the others of its entry. */
  readonly origin: string | null;
}

/** `describe` makes a target's label for people, without password. */
export function explainConfiguration(
  configuration: Configuration,
  describe: (target: TargetSpec) => string,
): readonly Explained[] {
  const { repository, timezone, drillOn, sizes, databases } = configuration;
  return [
    { setting: 'repository', value: repository.path, origin: repository.origin },
    plain('timezone', timezone ?? 'that of the machine'),
    ...(drillOn === null ? [] : [{ setting: 'drill.on', value: describe(drillOn), origin: drillOn.origin }]),
    ...thresholds(sizes),
    ...explainKeeping(configuration),
    ...explainWatching(configuration),
    ...databases.flatMap((database) => explainDatabase(database, describe)),
  ];
}

function explainKeeping({ keep, hooks }: Configuration): readonly Explained[] {
  const rule = (rules: KeepRules | null): string => (rules === null ? 'for ever' : describeRules(rules));
  const origin = keep.origin === '' ? null : keep.origin;
  return [
    { setting: 'keep', value: rule(keep.usual), origin },
    ...[...keep.databases].map(([name, rules]) => ({ setting: `databases.${name}.keep`, value: rule(rules), origin })),
    ...explainHooks('hooks', hooks),
  ];
}

function explainWatching({ notify, record, health, schedule }: Configuration): readonly Explained[] {
  const limits = ({ maxAgeMs, minCount, maxProofAgeMs }: HealthLimits): string =>
    `newest within ${formatDuration(maxAgeMs)}, ${String(minCount)} in 24 h, proven within ${formatDuration(maxProofAgeMs)}`;
  const times = (schedules: Schedules): string =>
    Object.entries(schedules)
      .map(([operation, { written, timeZone }]) => `${operation} ${written} (${timeZone})`)
      .join(', ');
  const file = (setting: string, path: string | null): readonly Explained[] =>
    path === null ? [] : [plain(setting, path)];
  return [
    // Where a message goes is a secret too: only that there is one.
    plain('notify', notify.length === 0 ? 'nobody' : notify.map(({ kind }) => kind).join(', ')),
    ...file('metricsFile', record.metricsFile),
    ...file('logFile', record.logFile),
    plain('health', limits(health.usual)),
    ...Object.entries(health.databases).map(([name, own]) => plain(`databases.${name}.health`, limits(own))),
    { setting: 'schedule', value: times(schedule.usual), origin: schedule.isDefault ? 'default' : null },
    ...Object.entries(schedule.databases).map(([name, own]) => plain(`databases.${name}.schedule`, times(own))),
  ];
}

function explainHooks(setting: string, hooks: Hooks | undefined): readonly Explained[] {
  return hookPoints.flatMap((point) => {
    const steps = hooks?.steps[point] ?? [];
    return steps.length === 0 ? [] : [plain(`${setting}.${point}`, steps.map(describeStep).join('; '))];
  });
}

function explainDatabase(database: DatabaseSettings, describe: (target: TargetSpec) => string): readonly Explained[] {
  const { name, target, rivals, owners, privileges } = database;
  const setting = (key: string): string => `databases.${name}.${key}`;
  const list = (key: string, values: readonly string[]): readonly Explained[] =>
    values.length === 0 ? [] : [plain(setting(key), values.join(', '))];
  return [
    target === null
      ? plain(setting('address'), 'none')
      : { setting: setting('address'), value: describe(target), origin: target.origin },
    ...rivals.map((rival) => ({
      setting: setting('address'),
      value: `not used: ${describe(rival)}`,
      origin: rival.origin,
    })),
    ...(database.all ? [plain(setting('all'), 'every database of the server')] : []),
    ...list('excludeDatabases', database.excludedDatabases),
    ...list('formats', database.formats),
    plain(setting('level'), String(database.zstdLevel)),
    plain(setting('fingerprint'), database.fingerprint),
    ...list('tables', database.tables),
    ...list('schemas', database.schemas),
    ...list('excludeTables', database.excludedTables),
    ...list('excludeSchemas', database.excludedSchemas),
    ...(owners ? [] : [plain(setting('owners'), 'left out')]),
    ...(privileges ? [] : [plain(setting('privileges'), 'left out')]),
    plain(setting('lockTimeout'), formatDuration(database.lockTimeoutMs)),
    ...explainHooks(setting('hooks'), database.hooks),
    ...list('checks', describeChecks(database.checks)),
  ];
}

function describeChecks({ queries, freshness, tables }: CheckSettings): readonly string[] {
  return [
    ...(tables === null ? [] : [`tables ${tables}`]),
    ...queries.map(({ sql, expect }) => `${sql} → ${expect}`),
    ...freshness.map(({ table, column, maxAgeMs }) => `${table}.${column} within ${formatDuration(maxAgeMs)}`),
  ];
}

function thresholds(sizes: Configuration['sizes']): readonly Explained[] {
  const { minimumBytes, warnBelowBytes, changeRatio, changeBytes } = sizes;
  const given = [
    ['minimum', minimumBytes === null ? null : formatBytes(minimumBytes)],
    ['warnBelow', warnBelowBytes === null ? null : formatBytes(warnBelowBytes)],
    ['changePercent', changeRatio === null ? null : `${String(changeRatio * 100)}%`],
    ['changeBytes', changeBytes === null ? null : formatBytes(changeBytes)],
  ] as const;
  return given.flatMap(([key, value]) => (value === null ? [] : [plain(`sizes.${key}`, value)]));
}

function plain(setting: string, value: string): Explained {
  return { setting, value, origin: null };
}
