/** The settings a program gives itself: the same keys as `holdfast.yaml` has (docs/guide/configuration.md). */

import type { HookPoint } from '../domain/hook.ts';
import type { LogLevel } from '../domain/log-level.ts';
import type { MessageKind } from '../domain/message-kind.ts';
import type { RunVerb } from '../domain/run.ts';

/** Where a database is: one of the four ways, and how to get there. */
export interface AddressSettings {
  /** `postgres://app@db/app`, `file:prisma/dev.db`. */
  readonly url?: string;
  /** The name of a variable that holds it. */
  readonly urlEnv?: string;
  /** A file that holds it. */
  readonly urlFile?: string;
  /** A command that prints it, for `/bin/sh`. */
  readonly urlCommand?: string;
  /** The command that runs others where the database is: `docker exec -i NAME`, `ssh HOST`. */
  readonly via?: string | readonly string[];
}

/** How many or for how long: `7`, or an age such as `36h`, `90d`, `12w`, `6mo`, `7y`. */
export type KeepAmountSettings = number | string;

/** Which backups stay (docs/guide/expiry.md). */
export interface KeepSettings {
  /** All of the last time: `30d`. */
  readonly within?: string;
  /** The same in days. */
  readonly days?: number;
  /** The newest so many. */
  readonly last?: number;
  readonly hourly?: KeepAmountSettings;
  readonly daily?: KeepAmountSettings;
  readonly weekly?: KeepAmountSettings;
  readonly monthly?: KeepAmountSettings;
  readonly yearly?: KeepAmountSettings;
  /** Never fewer than this. */
  readonly minimum?: number;
  /** By label: a number, an age, or `until-next`. */
  readonly labels?: Readonly<Record<string, KeepAmountSettings>>;
}

/** When a database counts as covered (docs/guide/watching.md). */
export interface HealthLimitSettings {
  /** How old the newest whole backup may be: `26h`. */
  readonly maxAge?: string;
  /** How many there must be in the last 24 hours. */
  readonly minCount?: number;
  /** How old the newest proven one may be: `8d`. */
  readonly maxProofAge?: string;
}

/** A step of your own: program and arguments, or a line for the shell. */
export type StepSettings =
  | readonly string[]
  | {
      readonly run?: readonly string[];
      readonly sh?: string;
      /** `10m`, unless said otherwise. */
      readonly timeout?: string;
      /** Variables that hold secrets and are let through. */
      readonly env?: readonly string[];
    };

/** Steps around backups and restores (docs/guide/hooks.md). */
export type HookSettings = Readonly<Partial<Record<HookPoint, readonly StepSettings[]>>>;

/** What a restored copy must show (docs/guide/proving.md): a query, the freshness of a column, or the number of tables. */
export type CheckSettings =
  | { readonly sql: string; readonly expect: string | number | boolean }
  | { readonly table: string; readonly column: string; readonly within: string }
  | { readonly tables: string | number };

/** One database, or with `all` a whole server. */
export interface DatabaseSettings extends AddressSettings {
  /** Every database of the server that the address names (docs/guide/whole-server.md). */
  readonly all?: boolean;
  /** With `all`: but not these; patterns as psql reads them. */
  readonly excludeDatabases?: string | readonly string[];
  readonly checks?: readonly CheckSettings[];
  readonly fingerprint?: 'content' | 'independent' | 'counts' | 'off';
  readonly formats?: readonly ('custom' | 'sql' | 'sql.zst' | 'sql.gz')[];
  readonly tables?: string | readonly string[];
  readonly schemas?: string | readonly string[];
  readonly excludeTables?: string | readonly string[];
  readonly excludeSchemas?: string | readonly string[];
  readonly owners?: boolean;
  readonly privileges?: boolean;
  /** zstd's, 1 to 19. */
  readonly level?: number;
  /** `30s`, unless said otherwise. */
  readonly lockTimeout?: string;
  readonly keep?: KeepSettings | 'forever';
  readonly hooks?: HookSettings;
  readonly health?: HealthLimitSettings;
  readonly schedule?: ScheduleSettings;
}

/** When what is due (docs/guide/schedule.md): for `holdfast export`; the library itself starts nothing. */
export type ScheduleSettings = Readonly<
  Partial<Record<'backup' | 'drill' | 'drill-random' | 'verify' | 'prune', string>>
>;

interface ChannelRules {
  readonly on?: readonly MessageKind[];
  readonly verbs?: readonly RunVerb[];
  readonly databases?: readonly string[];
}

/** Whom to tell (docs/guide/messages.md). Each secret also as `…Env`, `…File` or `…Command`. */
export type ChannelSettings = ChannelRules & {
  readonly kind: 'slack' | 'email' | 'pagerduty' | 'webhook' | 'ping';
} & Readonly<Record<string, unknown>>;

/** Everything that `holdfast.yaml` may say. Relative paths begin at `cwd`. */
export interface Settings {
  /** The folder in which backups rest; `backups`, unless said otherwise. */
  readonly repository?: string;
  /** By the name that each has in the repository. */
  readonly databases?: Readonly<Record<string, DatabaseSettings | null>>;
  readonly keep?: KeepSettings | 'forever';
  readonly health?: HealthLimitSettings;
  readonly hooks?: HookSettings;
  readonly notify?: readonly ChannelSettings[];
  readonly schedule?: ScheduleSettings;
  /** A server on which drills make their scratch databases; a throwaway server of this machine otherwise. */
  readonly drill?: { readonly on?: string | AddressSettings };
  /** When the size of a backup is wrong, or odd. */
  readonly sizes?: {
    readonly minimum?: number | string;
    readonly warnBelow?: number | string;
    /** `50%` */
    readonly changePercent?: string;
    readonly changeBytes?: number | string;
  };
  /** In which times without a zone are read: `Europe/Berlin`. */
  readonly timezone?: string;
  readonly metricsFile?: string;
  readonly logFile?: string;
  readonly logLevel?: LogLevel;
  readonly syslog?: boolean;
}
