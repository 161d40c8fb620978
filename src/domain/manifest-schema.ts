/**
 * The forms of `begin.json`, `manifest.json` and of the fingerprint (docs/format.md, sections 3 and 6). Outside data is
 * parsed here once; inside it is trusted. Unknown fields are dropped: a later version may add some.
 */

import { z } from 'zod';
import { isDatabaseName, isFileName, parseBackupId } from './backup-name.ts';
import type { BackupBegin } from './backup.ts';
import type { Fingerprint } from './fingerprint.ts';
import type { Manifest } from './manifest.ts';

export const countSchema = z.int().min(0);
export const timeSchema = z.iso.datetime();
export const sha256Schema = z.string().regex(/^[0-9a-f]{64}$/);
export const backupIdSchema = z.string().refine((text) => parseBackupId(text) !== null, 'not the id of a backup');
export const databaseSchema = z.string().refine(isDatabaseName, 'not the name of a database');
export const fileNameSchema = z.string().refine(isFileName, 'not a file name');

const kindSchema = z.enum(['dump', 'image', 'base']);
const names = z.array(z.string()).readonly();

export const findingSchema = z
  .object({
    severity: z.enum(['blocking', 'warning', 'note']),
    code: z.string(),
    message: z.string(),
    hint: z.string(),
  })
  .readonly();

const scopeSchema = z
  .object({
    kind: z.enum(['whole', 'schema', 'data', 'tables']),
    tables: names,
    excludedTables: names,
    schemas: names,
    excludedSchemas: names,
    salvaged: z.literal(true).exactOptional(),
  })
  .readonly();

const artifactSchema = z
  .object({
    name: fileNameSchema,
    role: z.enum(['archive', 'sql', 'globals', 'image', 'fingerprint']),
    compression: z.enum(['zstd', 'gzip', 'none']),
    frames: countSchema,
    plainBytes: countSchema,
    storedBytes: countSchema,
    sha256: sha256Schema,
  })
  .readonly();

const originSchema = z
  .object({
    product: z.string(),
    version: z.string(),
    majorVersion: countSchema,
    databaseName: z.string(),
    address: z.string(),
    sizeBytes: countSchema,
    tool: z.string(),
    migration: z.object({ tool: z.string(), name: z.string() }).readonly().exactOptional(),
  })
  .readonly();

const needsSchema = z
  .object({
    roles: names,
    tablespaces: names,
    extensions: z.array(z.object({ name: z.string(), version: z.string() }).readonly()).readonly(),
  })
  .readonly();

const salvageTotalsSchema = z
  .object({
    tables: countSchema,
    damagedTables: countSchema,
    rows: countSchema,
    lostRanges: countSchema,
    failures: countSchema,
  })
  .readonly();

export const manifestSchema: z.ZodType<Manifest> = z
  .object({
    format: z.literal(1),
    id: backupIdSchema,
    database: databaseSchema,
    engine: z.string().min(1),
    kind: kindSchema,
    scope: scopeSchema,
    label: z.string().nullable(),
    host: z.string(),
    writer: z.string(),
    started: timeSchema,
    finished: timeSchema,
    durationMs: z.number().min(0),
    origin: originSchema,
    needs: needsSchema,
    owners: z.boolean(),
    privileges: z.boolean(),
    fingerprint: z
      .object({
        mode: z.enum(['content', 'independent', 'counts', 'off']),
        tables: countSchema,
        rows: countSchema,
        largeObjects: countSchema,
        objects: countSchema,
      })
      .readonly(),
    artifacts: z.array(artifactSchema).readonly(),
    salvage: salvageTotalsSchema.exactOptional(),
    findings: z.array(findingSchema).readonly(),
  })
  .readonly()
  .refine(({ artifacts }) => new Set(artifacts.map((one) => one.name)).size === artifacts.length, 'a file named twice')
  .refine(({ id, kind }) => parseBackupId(id)?.kind === kind, 'a kind that is not that of the id');

export const beginSchema: z.ZodType<BackupBegin> = z
  .object({
    format: z.literal(1),
    id: backupIdSchema,
    database: databaseSchema,
    engine: z.string(),
    kind: kindSchema,
    parent: z.string().nullable(),
    host: z.string(),
    pid: countSchema,
    startedTicks: z.number().nullable(),
    writer: z.string(),
    started: timeSchema,
  })
  .readonly();

const hexSum = z
  .string()
  .regex(/^[0-9a-f]{16}$/)
  .nullable();

const qualifiedName = z.object({ schema: z.string(), table: z.string() }).readonly();

const tableSchema = z
  .object({
    schema: z.string(),
    table: z.string(),
    kind: z.enum(['table', 'materialized-view', 'extension-config', 'virtual-table']),
    columns: names,
    condition: z.string().exactOptional(),
    loadedVia: qualifiedName.exactOptional(),
    rows: countSchema,
    sum: hexSum,
  })
  .readonly();

const lostRangeSchema = z
  .object({ unit: z.enum(['block', 'row', 'rowid']), first: z.string(), last: z.string(), error: z.string() })
  .readonly();

const salvageSchema = z
  .object({
    definitions: z.string(),
    tables: z
      .array(
        z
          .object({
            schema: z.string(),
            table: z.string(),
            rows: countSchema,
            lost: z.array(lostRangeSchema).readonly(),
            moreLost: countSchema,
            error: z.string().nullable(),
          })
          .readonly(),
      )
      .readonly(),
    failures: z.array(z.object({ what: z.string(), error: z.string() }).readonly()).readonly(),
  })
  .readonly();

export const fingerprintSchema: z.ZodType<Fingerprint> = z
  .object({
    version: z.literal(1),
    engine: z.string(),
    mode: z.enum(['content', 'independent', 'counts']),
    encoding: z.string().exactOptional(),
    basis: z.string().exactOptional(),
    tables: z.array(tableSchema).readonly(),
    largeObjects: z.object({ count: countSchema, bytes: countSchema, sum: hexSum }).readonly().nullable(),
    sequences: z
      .array(
        z
          .object({
            schema: z.string(),
            name: z.string(),
            lastValue: z.string().regex(/^-?\d+$/),
            isCalled: z.boolean(),
          })
          .readonly(),
      )
      .readonly(),
    objects: z.array(z.object({ kind: z.string(), name: z.string(), facts: z.string() }).readonly()).readonly(),
    salvage: salvageSchema.exactOptional(),
  })
  .readonly();
