/**
 * The limits of `holdfast health`. Order: the environment, the database's entry in holdfast.yaml, `health:` of the file,
 * `.env` files, what is usual. The names are those of the scripts that teams have.
 */

import { usualHealthLimits, type HealthLimits } from '../domain/health.ts';
import { definedOf } from './defined.ts';
import { lookUpFirst, type EnvSource, type Setting } from './env-source.ts';
import { configErrors } from './errors.ts';
import type { HealthEntry } from './health-keys.ts';
import type { Sources } from './sources.ts';

export interface HealthSettings {
  readonly usual: HealthLimits;
  /** Of the databases that have an entry of their own. */
  readonly databases: Readonly<Record<string, HealthLimits>>;
}

export async function findHealth(sources: Sources, signal: AbortSignal): Promise<HealthSettings> {
  const fromFiles = await limitsFrom(sources.envFiles, signal);
  const fromEnvironment = await limitsFrom([sources.environment], signal);
  const content = sources.file?.content;
  const combine = (own: HealthEntry | undefined): HealthLimits => ({
    ...usualHealthLimits,
    ...fromFiles,
    ...limitsOf(content?.health),
    ...limitsOf(own),
    ...fromEnvironment,
  });
  const databases = Object.entries(content?.databases ?? {}).map(([name, { health }]) => [name, combine(health)]);
  return { usual: combine(undefined), databases: Object.fromEntries(databases) as HealthSettings['databases'] };
}

export function healthLimitsOf({ usual, databases }: HealthSettings, database: string): HealthLimits {
  return databases[database] ?? usual;
}

function limitsOf(entry: HealthEntry | undefined): Partial<HealthLimits> {
  return definedOf({ maxAgeMs: entry?.maxAge, minCount: entry?.minCount, maxProofAgeMs: entry?.maxProofAge });
}

async function limitsFrom(sources: readonly EnvSource[], signal: AbortSignal): Promise<Partial<HealthLimits>> {
  const hours =
    (await lookUpFirst(sources, 'ALERT_IF_OLDER_THAN_HOURS', signal)) ??
    (await lookUpFirst(sources, 'MAX_AGE_HOURS', signal));
  const daily = await lookUpFirst(sources, 'EXPECTED_DAILY_BACKUPS', signal);
  return definedOf({
    maxAgeMs: hours === null ? undefined : numberIn(hours, /^\d{1,6}(?:\.\d+)?$/) * 3_600_000,
    minCount: daily === null ? undefined : numberIn(daily, /^\d{1,6}$/),
  });
}

function numberIn({ value, origin }: Setting, form: RegExp): number {
  if (form.test(value.trim())) return Number(value);
  throw configErrors.make('settings-invalid', `${origin} is not a number`);
}
