/** What was configured, wherever it was written: the settings of this run, with their origins. */

import type { Finding } from '../domain/finding.ts';
import type { FingerprintMode } from '../domain/fingerprint.ts';
import type { KeepRules } from '../domain/retention/keep-rules.ts';
import type { Hooks } from '../domain/hook.ts';
import type { DumpFormat, TargetSpec } from '../engine/engine.ts';
import type { ChannelSettings } from './channel-settings.ts';
import type { RecordSettings } from './record-settings.ts';
import type { HealthSettings } from './health-settings.ts';
import type { ScheduleSettings } from './schedule-settings.ts';

export interface Configuration {
  readonly databases: readonly DatabaseSettings[];
  /** An absolute path. */
  readonly repository: { readonly path: string; readonly origin: string };
  /** The server on which drills may make scratch databases; null for a throwaway server of our own. */
  readonly drillOn: TargetSpec | null;
  readonly sizes: SizeSettings;
  readonly keep: KeepConfiguration;
  /** Of databases that have no entry of their own; absent: there is no `holdfast.yaml`. */
  readonly hooks?: Hooks;
  /** Null is the machine's. */
  readonly timezone: string | null;
  /** Whom to tell. */
  readonly notify: readonly ChannelSettings[];
  readonly record: RecordSettings;
  readonly health: HealthSettings;
  readonly schedule: ScheduleSettings;
  readonly findings: readonly Finding[];
}

export interface DatabaseSettings {
  readonly name: string;
  /** Null when only its other settings are configured. */
  readonly target: TargetSpec | null;
  /** Other sources that name a different database; they stop what would change one. */
  readonly rivals: readonly TargetSpec[];
  /** The entry is a whole server: every database of the one that the address names. */
  readonly all: boolean;
  /** Patterns of databases that are no part of it. */
  readonly excludedDatabases: readonly string[];
  readonly checks: CheckSettings;
  readonly fingerprint: FingerprintMode;
  readonly formats: readonly DumpFormat[];
  readonly tables: readonly string[];
  readonly schemas: readonly string[];
  readonly excludedTables: readonly string[];
  readonly excludedSchemas: readonly string[];
  readonly owners: boolean;
  readonly privileges: boolean;
  readonly zstdLevel: number;
  readonly lockTimeoutMs: number;
  /** Absent: there is no `holdfast.yaml`. */
  readonly hooks?: Hooks;
}

/** How long backups stay. Null rules: nothing expires. */
export interface KeepConfiguration {
  readonly usual: KeepRules | null;
  /** Of databases that say more, or something else. */
  readonly databases: ReadonlyMap<string, KeepRules | null>;
  /** `keep in holdfast.yaml`; empty when nothing is said anywhere. */
  readonly origin: string;
}

/** Null is the built-in threshold. */
export interface SizeSettings {
  readonly minimumBytes: number | null;
  readonly warnBelowBytes: number | null;
  /** 0.5 is ±50 %. */
  readonly changeRatio: number | null;
  readonly changeBytes: number | null;
}

/** What a team wants to see in a restored copy; the shape drills take. */
export interface CheckSettings {
  readonly queries: readonly { readonly sql: string; readonly expect: string }[];
  readonly freshness: readonly { readonly table: string; readonly column: string; readonly maxAgeMs: number }[];
  /** `27`, `>= 20`; null: not checked. */
  readonly tables: string | null;
}
