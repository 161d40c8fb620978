/** What `health:` of holdfast.yaml may say, for all databases or for one. docs/guide/watching.md explains the keys. */

import { z } from 'zod';
import { durationMs } from './duration-value.ts';

export const healthSchema = z.strictObject({
  maxAge: durationMs.optional(),
  minCount: z.int().nonnegative().optional(),
  maxProofAge: durationMs.optional(),
});

export type HealthEntry = z.output<typeof healthSchema>;
