/** What `schedule:` of holdfast.yaml may say, for all databases or for one. docs/guide/schedule.md explains the forms. */

import { z } from 'zod';
import { parseSchedule } from '../domain/schedule-text.ts';

const schedule = z
  .string()
  .min(1, 'must not be empty')
  .superRefine((written, context) => {
    const parsed = parseSchedule(written, 'UTC');
    if (parsed.ok) return;
    const message = `${parsed.problem}. Write it such as daily 02:00, every 6h, first sunday 04:00, or 0 2 * * *`;
    context.addIssue({ code: 'custom', message });
  });

export const scheduleSchema = z.strictObject({
  backup: schedule.optional(),
  drill: schedule.optional(),
  'drill-random': schedule.optional(),
  verify: schedule.optional(),
  prune: schedule.optional(),
});

export type ScheduleEntry = z.output<typeof scheduleSchema>;
