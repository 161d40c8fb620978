/** The forms of marks (docs/format.md, section 7). */

import { z } from 'zod';
import { backupIdSchema, countSchema, findingSchema, timeSchema } from './manifest-schema.ts';
import type { Mark } from './mark.ts';

const common = {
  format: z.literal(1),
  id: backupIdSchema,
  time: timeSchema,
  host: z.string(),
  writer: z.string(),
  files: z.array(z.string()).readonly(),
};

const comparisonSchema = z
  .object({
    tablesCompared: countSchema,
    countedOnly: countSchema,
    rowsCompared: countSchema,
    largeObjectsCompared: countSchema,
    sequencesCompared: countSchema,
    objectsCompared: countSchema,
    basis: z.string(),
    differences: z.array(z.object({ kind: z.string(), name: z.string(), what: z.string() }).readonly()).readonly(),
  })
  .readonly();

export const markSchema: z.ZodType<Mark> = z.discriminatedUnion('kind', [
  z
    .object({
      kind: z.literal('verified'),
      ...common,
      durationMs: z.number().min(0),
      storedBytes: countSchema,
      findings: z.array(findingSchema).readonly(),
    })
    .readonly(),
  z
    .object({
      kind: z.literal('damaged'),
      ...common,
      foundBy: z.string(),
      problems: z.array(z.object({ file: z.string(), code: z.string(), message: z.string() }).readonly()).readonly(),
    })
    .readonly(),
  z
    .object({
      kind: z.literal('proof'),
      ...common,
      outcome: z.enum(['proven', 'different', 'checks-failed', 'restored']),
      scope: z.string(),
      place: z.string(),
      comparison: comparisonSchema.nullable(),
      checks: z
        .array(z.object({ check: z.string(), expected: z.string(), actual: z.string(), ok: z.boolean() }).readonly())
        .readonly(),
      findings: z.array(findingSchema).readonly(),
      restoreMs: z.number().min(0),
      compareMs: z.number().min(0),
      checksMs: z.number().min(0),
    })
    .readonly(),
  z.object({ kind: z.literal('pin'), ...common, reason: z.string().nullable() }).readonly(),
  z.object({ kind: z.literal('unpin'), ...common, reason: z.string().nullable() }).readonly(),
  z.object({ kind: z.literal('expired'), ...common, reason: z.string(), by: z.string() }).readonly(),
]);
