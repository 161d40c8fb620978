/** The keys of holdfast.yaml for what a run leaves beside its journal. */

import { z } from 'zod';
import { logLevels } from '../domain/log-level.ts';

const text = z.string().min(1, 'must not be empty');

export const recordKeys = {
  metricsFile: text.optional(),
  logFile: text.optional(),
  logLevel: z.enum(logLevels).optional(),
  syslog: z.boolean().optional(),
};
