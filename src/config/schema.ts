/** What `holdfast.yaml` may say. Unknown keys are refused. docs/guide/configuration.md explains every key. */

import { z } from 'zod';
import { isDatabaseName } from '../domain/backup-name.ts';
import { notifySchema } from './notify-settings.ts';
import { keepSchema } from './keep-settings.ts';
import { viaSetting } from './via-settings.ts';
import { hooksSchema } from './hook-settings.ts';
import { recordKeys } from './record-keys.ts';
import { isTimeZone } from '../domain/time-zone.ts';
import { durationMs } from './duration-value.ts';
import { healthSchema } from './health-keys.ts';
import { parseBytes, parsePercent } from './quantity.ts';
import { scheduleSchema } from './schedule-keys.ts';

const text = z.string().min(1, 'must not be empty');
const texts = z.union([text.transform((one) => [one]), z.array(text)]);

const bytes = z
  .union([z.number().nonnegative().transform(String), text])
  .transform((written, context) => orIssue(parseBytes(written), 'such as 1000, 1MB or 2GB', context));
const percent = text.transform((written, context) => orIssue(parsePercent(written), 'such as 50%', context));

function orIssue(value: number | null, example: string, context: z.RefinementCtx): number {
  if (value !== null) return value;
  context.addIssue({ code: 'custom', message: `must be written ${example}` });
  return z.NEVER;
}

const addressKeys = {
  url: text.optional(),
  urlEnv: text.optional(),
  urlFile: text.optional(),
  urlCommand: text.optional(),
  via: viaSetting.optional(),
};

const address = z.strictObject(addressKeys);

const check = z
  .strictObject({
    sql: text.optional(),
    expect: z.union([z.string(), z.number(), z.boolean()]).optional(),
    table: text.optional(),
    column: text.optional(),
    within: durationMs.optional(),
    tables: z.union([z.int().nonnegative().transform(String), text]).optional(),
  })
  .superRefine((given, context) => {
    const kinds = [
      given.sql !== undefined && given.expect !== undefined,
      given.table !== undefined && given.column !== undefined && given.within !== undefined,
      given.tables !== undefined,
    ];
    if (kinds.filter(Boolean).length === 1) return;
    context.addIssue({
      code: 'custom',
      message: 'must be one of: sql and expect; table, column and within; tables',
    });
  });

const database = z
  .strictObject({
    ...addressKeys,
    all: z.boolean().optional(),
    excludeDatabases: texts.optional(),
    checks: z.array(check).default([]),
    fingerprint: z.enum(['content', 'independent', 'counts', 'off']).optional(),
    formats: z
      .array(z.enum(['custom', 'sql', 'sql.zst', 'sql.gz']))
      .min(1)
      .optional(),
    tables: texts.optional(),
    schemas: texts.optional(),
    excludeTables: texts.optional(),
    excludeSchemas: texts.optional(),
    owners: z.boolean().optional(),
    privileges: z.boolean().optional(),
    level: z.int().min(1).max(19).optional(),
    lockTimeout: durationMs.optional(),
    keep: keepSchema.optional(),
    hooks: hooksSchema.optional(),
    health: healthSchema.optional(),
    schedule: scheduleSchema.optional(),
  })
  .superRefine((given, context) => {
    const issue = (key: string, message: string): void => {
      context.addIssue({ code: 'custom', path: [key], message });
    };
    if (given.all !== true && given.excludeDatabases !== undefined)
      issue('excludeDatabases', 'needs all: true beside it');
    if (given.all !== true) return;
    const ofOne = [given.tables, given.schemas, given.keep, given.health, given.checks.length > 0 ? true : undefined];
    for (const [index, key] of ['tables', 'schemas', 'keep', 'health', 'checks'].entries()) {
      if (ofOne[index] !== undefined) {
        issue(
          key,
          'is about one database: write it at the top of the file, or in an entry with the name of the database',
        );
      }
    }
  });

const databaseName = z.string().refine(isDatabaseName, {
  message: 'a name is a-z, 0-9, _ and -, at most 63 characters, and not servers, audit or config',
});

export const configurationSchema = z.strictObject({
  notify: notifySchema.optional(),
  ...recordKeys,
  health: healthSchema.optional(),
  schedule: scheduleSchema.optional(),
  repository: text.optional(),
  timezone: text.refine(isTimeZone, { message: 'must be a time zone such as Europe/Berlin or UTC' }).optional(),
  databases: z.record(databaseName, z.union([z.null().transform(() => database.parse({})), database])).default({}),
  keep: keepSchema.optional(),
  hooks: hooksSchema.optional(),
  drill: z.strictObject({ on: z.union([text.transform((url) => ({ url })), address]).optional() }).optional(),
  sizes: z
    .strictObject({
      minimum: bytes.optional(),
      warnBelow: bytes.optional(),
      changePercent: percent.optional(),
      changeBytes: bytes.optional(),
    })
    .optional(),
});

export type ConfigurationFile = z.output<typeof configurationSchema>;
export type DatabaseEntry = ConfigurationFile['databases'][string];
export type AddressEntry = z.output<typeof address>;
export type CheckEntry = z.output<typeof check>;
