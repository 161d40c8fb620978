/**
 * The rules for keeping backups, from `keep:` in `holdfast.yaml`; where it says nothing, from the names that other scripts use.
 * Unlike elsewhere the file comes before the environment: a name left over from an old script must not shorten what
 * somebody wrote down in full.
 */

import {
  builtInLabels,
  hasGeneralRule,
  noClasses,
  type KeepAmount,
  type KeepRules,
} from '../domain/retention/keep-rules.ts';
import type { Finding } from '../domain/finding.ts';
import type { KeepConfiguration } from './configuration.ts';
import { definedOf } from './defined.ts';
import { lookUpFirst, type EnvSource, type Setting } from './env-source.ts';
import type { KeepEntry } from './keep-settings.ts';
import type { ConfigurationFileSource } from './sources.ts';

const dayMs = 24 * 3600 * 1000;

export interface FoundKeep {
  readonly keep: KeepConfiguration;
  readonly findings: readonly Finding[];
}

/** A name of the environment that is no number is a warning, and expires nothing: it must not stop a restore. */
export async function findKeep(
  file: ConfigurationFileSource | null,
  environments: readonly EnvSource[],
  signal: AbortSignal,
): Promise<FoundKeep> {
  const { names, findings } = await findNames(environments, signal);
  const own = Object.entries(file?.content.databases ?? {}).map(([name, { keep }]) => [name, keep] as const);
  const usual = file?.content.keep;
  if (file === null || (usual === undefined && own.every(([, keep]) => keep === undefined))) {
    return { keep: fromNames(names), findings };
  }
  const databases = new Map(
    own.flatMap(([name, keep]) => (keep === undefined ? [] : [[name, rulesOf(usual, keep)] as const])),
  );
  const keep = { usual: rulesOf(usual, undefined), databases, origin: `keep in ${file.label}` };
  return { keep, findings: names.length === 0 ? [] : [unused(names, file.label)] };
}

/** What holds for a database; null: nothing of it expires. */
export function rulesFor({ usual, databases }: KeepConfiguration, database: string): KeepRules | null {
  return databases.has(database) ? (databases.get(database) ?? null) : usual;
}

/** Null when nothing could ever expire by them. */
function rulesOf(usual: KeepEntry | undefined, own: KeepEntry | undefined): KeepRules | null {
  const entries = merge(usual, own);
  if (entries === null) return null;
  const { hourly, daily, weekly, monthly, yearly, minimum = 1, last = 0, labels = {} } = entries;
  const rules: KeepRules = {
    withinMs: withinMs(entries),
    last: last === 0 ? null : last,
    classes: {
      hourly: orNone(hourly),
      daily: orNone(daily),
      weekly: orNone(weekly),
      monthly: orNone(monthly),
      yearly: orNone(yearly),
    },
    minimum,
    labels: { ...builtInLabels, ...labels },
  };
  return hasGeneralRule(rules) || Object.keys(labels).length > 0 ? rules : null;
}

type Entries = Exclude<KeepEntry, 'forever'>;

/** Keys of the database come before those for all. */
function merge(usual: KeepEntry | undefined, own: KeepEntry | undefined): Entries | null {
  if (own === 'forever' || (usual === 'forever' && own === undefined)) return null;
  const general = usual === 'forever' || usual === undefined ? {} : usual;
  if (own === undefined) return general;
  const { within, days, ...others } = general;
  const isOwn = own.within !== undefined || own.days !== undefined;
  // `within` and `days` are one setting under two names.
  return {
    ...others,
    ...definedOf(isOwn ? {} : { within, days }),
    ...definedOf(own),
    labels: { ...general.labels, ...own.labels },
  };
}

function withinMs({ within, days }: Entries): number | null {
  if (within !== undefined) return within;
  return days === undefined ? null : days * dayMs;
}

/** `weekly: 0` switches off what holds for all databases. */
function orNone(amount: KeepAmount | undefined): KeepAmount | null {
  return amount === undefined || (amount.kind === 'count' && amount.count === 0) ? null : amount;
}

interface NamedNumber extends Setting {
  readonly days: number;
}

const daysPer: Readonly<Record<string, number>> = {
  BACKUP_RETENTION_DAYS: 1,
  RETENTION_DAYS: 1,
  RETENTION_WEEKS: 7,
  // A month that is too long keeps a backup a day more; one that is too short would lose it.
  RETENTION_MONTHS: 31,
};

interface FoundNames {
  readonly names: readonly NamedNumber[];
  readonly findings: readonly Finding[];
}

async function findNames(environments: readonly EnvSource[], signal: AbortSignal): Promise<FoundNames> {
  const names: NamedNumber[] = [];
  const findings: Finding[] = [];
  for (const [name, factor] of Object.entries(daysPer)) {
    const setting = await lookUpFirst(environments, name, signal);
    if (setting === null) continue;
    if (/^[1-9]\d{0,4}$/.test(setting.value.trim())) names.push({ ...setting, days: Number(setting.value) * factor });
    else findings.push(notANumber(setting));
  }
  return { names, findings };
}

function notANumber({ origin, name }: Setting): Finding {
  return {
    severity: 'warning',
    code: 'setting-without-effect',
    message: `${origin} is not a whole number above 0: nothing expires by it`,
    hint: `Write it like ${name}=30.`,
  };
}

/** Days keep every backup, weeks and months the best one of each week and month. */
function fromNames(names: readonly NamedNumber[]): KeepConfiguration {
  const daysOf = (wanted: readonly string[]): number =>
    Math.max(0, ...names.filter(({ name }) => wanted.includes(name)).map(({ days }) => days));
  const ageOf = (name: string): KeepAmount | null =>
    daysOf([name]) === 0 ? null : { kind: 'age', maxAgeMs: daysOf([name]) * dayMs };
  const days = daysOf(['BACKUP_RETENTION_DAYS', 'RETENTION_DAYS']);
  const rules: KeepRules = {
    withinMs: days === 0 ? null : days * dayMs,
    last: null,
    classes: { ...noClasses, weekly: ageOf('RETENTION_WEEKS'), monthly: ageOf('RETENTION_MONTHS') },
    minimum: 1,
    labels: builtInLabels,
  };
  const origin = names.map((each) => each.origin).join(', ');
  return { usual: names.length === 0 ? null : rules, databases: new Map(), origin };
}

function unused(names: readonly NamedNumber[], label: string): Finding {
  return {
    severity: 'note',
    code: 'setting-not-used',
    message: `${names.map(({ origin }) => origin).join(', ')}: not used, keep: in ${label} says how long backups stay`,
    hint: 'Take it away, so that nobody relies on it.',
  };
}
