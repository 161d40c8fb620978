/** `keep:` of `holdfast.yaml`: how long backups stay. docs/guide/expiry.md explains every key. */

import { z } from 'zod';
import { parseAgeMs } from './quantity.ts';

const age = z.string().transform((written, context) => {
  const maxAgeMs = parseAgeMs(written);
  if (maxAgeMs !== null && maxAgeMs > 0) return { kind: 'age' as const, maxAgeMs };
  context.addIssue({ code: 'custom', message: 'must be a number, or an age such as 36h, 90d, 12w, 6mo or 7y' });
  return z.NEVER;
});

const count = z.int('must be a whole number').min(0, 'must not be negative').max(100_000, 'must be at most 100000');
const positive = count.min(1, 'must be at least 1');
const amount = z.union([count.transform((given) => ({ kind: 'count' as const, count: given })), age]);
const untilNext = z.literal('until-next').transform(() => ({ kind: 'count' as const, count: 1 }));
const labelAmount = z.union([
  untilNext,
  positive.transform((given) => ({ kind: 'count' as const, count: given })),
  age,
]);

const rules = z
  .strictObject({
    within: age.optional(),
    days: positive.optional(),
    last: count.optional(),
    hourly: amount.optional(),
    daily: amount.optional(),
    weekly: amount.optional(),
    monthly: amount.optional(),
    yearly: amount.optional(),
    minimum: positive.optional(),
    labels: z.record(z.string().min(1, 'must not be empty'), labelAmount).optional(),
  })
  .refine(({ within, days }) => within === undefined || days === undefined, {
    message: 'within and days say the same: give one of them',
  });

/** `forever` takes a database out of the rules that hold for all. */
export const keepSchema = z.union([rules, z.literal('forever')]);

export type KeepEntry = z.output<typeof keepSchema>;
