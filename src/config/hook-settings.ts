/** `hooks:` of `holdfast.yaml`, for all databases and per database: steps of a team's own around a backup or a restore. */

import { z } from 'zod';
import type { HookPoint } from '../domain/hook.ts';
import { parseDurationMs } from './quantity.ts';

const text = z.string().min(1, 'must not be empty');
const argv = z.array(text).min(1, 'must name a program');
const variable = z.string().regex(/^[A-Za-z_]\w*$/, 'must be the name of a variable');

const detailed = z
  .strictObject({
    run: argv.optional(),
    sh: text.optional(),
    timeout: text
      .transform((written, context) => {
        const ms = parseDurationMs(written);
        if (ms !== null && ms > 0) return ms;
        context.addIssue({ code: 'custom', message: 'must be written such as 30s or 10m' });
        return z.NEVER;
      })
      .optional(),
    env: z.array(variable).default([]),
  })
  .superRefine(({ run, sh }, context) => {
    if ((run === undefined) !== (sh === undefined)) return;
    context.addIssue({
      code: 'custom',
      message: 'must have either run: [program, argument] or sh: a line for the shell',
    });
  });

const step = z.union([argv.transform((run) => ({ run, env: [] as string[] })), detailed]);
const steps = z.array(step).optional();

export const hooksSchema = z.strictObject({
  beforeBackup: steps,
  afterBackup: steps,
  beforeRestore: steps,
  beforeSwap: steps,
  afterSwap: steps,
  afterRestore: steps,
  onFailure: steps,
} satisfies Readonly<Record<HookPoint, typeof steps>>);

export type HooksEntry = z.output<typeof hooksSchema>;
export type StepEntry = z.output<typeof step>;
