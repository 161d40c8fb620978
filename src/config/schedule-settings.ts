/** When each operation runs: `schedule:` of holdfast.yaml, over it the database's own, and what is usual without either. */

import type { Finding } from '../domain/finding.ts';
import { findOrTrap, parseSchedule } from '../domain/schedule-text.ts';
import type { Schedule } from '../domain/schedule.ts';
import { configErrors } from './errors.ts';
import type { ScheduleEntry } from './schedule-keys.ts';
import type { ConfigurationFileSource, Sources } from './sources.ts';

/** In the order in which they are shown. */
export const scheduledOperations = ['backup', 'drill', 'drill-random', 'verify', 'prune'] as const;

export type ScheduledOperation = (typeof scheduledOperations)[number];

/** Operations that are not in it run by hand only. */
export type Schedules = Readonly<Partial<Record<ScheduledOperation, Schedule>>>;

export interface ScheduleSettings {
  readonly usual: Schedules;
  /** Of the databases that have an entry of their own. */
  readonly databases: Readonly<Record<string, Schedules>>;
  /** True when nobody wrote one. */
  readonly isDefault: boolean;
  readonly findings: readonly Finding[];
}

/** A backup each night, and the newest proven once a week. */
const usualEntry: ScheduleEntry = { backup: 'daily 02:00', drill: 'sunday 04:00' };

export function findSchedule({ file }: Pick<Sources, 'file'>): ScheduleSettings {
  const content = file?.content;
  const timeZone = content?.timezone ?? Intl.DateTimeFormat().resolvedOptions().timeZone;
  const own = Object.entries(content?.databases ?? {}).flatMap(([name, { schedule }]) =>
    schedule === undefined ? [] : [[name, schedule] as const],
  );
  const isDefault = content?.schedule === undefined && own.length === 0;
  const shared = isDefault ? usualEntry : (content?.schedule ?? {});
  const databases = own.map(([name, entry]) => [name, schedulesOf({ ...shared, ...entry }, timeZone)] as const);
  return {
    usual: schedulesOf(shared, timeZone),
    databases: Object.fromEntries(databases),
    isDefault,
    findings: [
      ...findTraps('schedule', schedulesOf(shared, timeZone), file),
      ...own.flatMap(([name, entry]) => findTraps(`databases.${name}.schedule`, schedulesOf(entry, timeZone), file)),
    ],
  };
}

export function schedulesFor({ usual, databases }: ScheduleSettings, database: string): Schedules {
  return databases[database] ?? usual;
}

function schedulesOf(entry: ScheduleEntry, timeZone: string): Schedules {
  const found = scheduledOperations.flatMap((operation) => {
    const written = entry[operation];
    if (written === undefined) return [];
    const parsed = parseSchedule(written, timeZone);
    if (!parsed.ok) throw configErrors.make('settings-invalid', `schedule.${operation}: ${parsed.problem}`);
    return [[operation, parsed.schedule] as const];
  });
  return Object.fromEntries(found);
}

function findTraps(place: string, schedules: Schedules, file: ConfigurationFileSource | null): readonly Finding[] {
  return Object.entries(schedules).flatMap(([operation, schedule]) => {
    const trap = findOrTrap(schedule);
    if (trap === null) return [];
    return [
      {
        severity: 'warning',
        code: 'schedule-means-or',
        message: `${place}.${operation} in ${file?.label ?? 'the settings'}: ${trap.message}`,
        hint: trap.meant === null ? 'Write it in words, or restrict one kind of day only.' : `Write: ${trap.meant}`,
      },
    ] as const;
  });
}
