/** Lengths of time as `holdfast.yaml` writes them; milliseconds afterwards. */

import { z } from 'zod';
import { parseDurationMs } from './quantity.ts';

export const durationMs = z
  .string()
  .min(1, 'must not be empty')
  .transform((written, context) => {
    const ms = parseDurationMs(written);
    if (ms !== null) return ms;
    context.addIssue({ code: 'custom', message: 'must be written such as 30s or 26h' });
    return z.NEVER;
  });
