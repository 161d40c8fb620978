/** What is exported in the tests: two databases, as one machine has them. */

import type { ScheduledOperation } from '../../../src/config/schedule-settings.ts';
import type { ExportedDatabase, ExportPlan } from '../../../src/cli/export/export-plan.ts';
import { parseSchedule } from '../../../src/domain/schedule-text.ts';
import type { Schedule } from '../../../src/domain/schedule.ts';

export function scheduleOf(text: string, timeZone = 'UTC'): Schedule {
  const result = parseSchedule(text, timeZone);
  if (!result.ok) throw new Error(result.problem);
  return result.schedule;
}

export function planOf(
  schedules: Partial<Record<ScheduledOperation, string>> = { backup: 'daily 02:00', drill: 'first sunday 04:00' },
  facts: Partial<ExportPlan['place']> = {},
): ExportPlan {
  const database = (name: string, fileFolder: string | null): ExportedDatabase => ({
    name,
    words: [name],
    fileFolder,
    secrets: { names: fileFolder === null ? ['SHOP_URL'] : [], onlyHere: [], machineOnly: null },
    jobs: Object.entries(schedules).map(([operation, text]) => ({
      operation: operation as ScheduledOperation,
      database: name,
      schedule: scheduleOf(text),
      words: [operation, name],
    })),
  });
  return {
    databases: [database('shop', null), database('notes', '/srv/app')],
    place: {
      folder: '/srv/app',
      program: [process.execPath, '/usr/local/bin/holdfast'],
      flags: [],
      variables: [],
      repository: '/srv/backups',
      stateDirectory: '/var/lib/holdfast',
      ...facts,
    },
    timeZone: 'UTC',
    now: new Date('2026-11-21T12:00:00Z'),
    version: '0.1.0',
  };
}
