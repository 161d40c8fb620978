/** `keep:` of `holdfast.yaml`: how long backups stay. docs/guide/expiry.md explains every key. */

import { z } from 'zod';
import type { KeepAmount } from '../domain/retention/keep-rules.ts';
import { parseAgeMs } from './quantity.ts';

const ageForm = 'a number, or an age such as 36h, 90d, 12w, 6mo or 7y';

const age = z.string().transform((written, context) => ageOf(written) ?? refuse(context, `must be ${ageForm}`));
const within = z
  .string()
  .transform((written, context) => parseAgeMs(written) ?? refuse(context, 'must be an age such as 36h, 30d or 12w'));
const count = z.int('must be a whole number').min(0, 'must not be negative').max(100_000, 'must be at most 100000');
const positive = count.min(1, 'must be at least 1');
const amount = z.union([count.transform(countOf), age]);
const labelAmount = z.union([
  positive.transform(countOf),
  z
    .string()
    .transform((written, context) =>
      written === 'until-next' ? countOf(1) : (ageOf(written) ?? refuse(context, `must be until-next, ${ageForm}`)),
    ),
]);

function ageOf(written: string): KeepAmount | null {
  const maxAgeMs = parseAgeMs(written);
  return maxAgeMs === null || maxAgeMs === 0 ? null : { kind: 'age', maxAgeMs };
}

function countOf(given: number): KeepAmount {
  return { kind: 'count', count: given };
}

function refuse(context: z.RefinementCtx, message: string): never {
  context.addIssue({ code: 'custom', message });
  return z.NEVER;
}

const rules = z
  .strictObject({
    within: within.optional(),
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
