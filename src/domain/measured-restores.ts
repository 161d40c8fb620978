/** The list of measured restores as a machine keeps it, in JSON. */

import { z } from 'zod';
import type { MeasuredRestore } from './restore-estimate.ts';

const schema: z.ZodType<readonly MeasuredRestore[]> = z.array(
  z.object({ database: z.string(), engine: z.string(), plainBytes: z.number(), restoreMs: z.number() }),
);

/** Empty for anything else: it is a memory for estimates, and nothing depends on it. */
export function parseMeasuredRestores(text: string): readonly MeasuredRestore[] {
  try {
    const parsed = schema.safeParse(JSON.parse(text));
    return parsed.success ? parsed.data : [];
  } catch (thrown) {
    if (thrown instanceof SyntaxError) return [];
    throw thrown;
  }
}
