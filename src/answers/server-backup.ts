/** What became of the databases of a whole server, as plain data. */

import type { ExitCode } from '../domain/error.ts';
import type { Finding } from '../domain/finding.ts';
import type { ServerListing } from '../engine/engine.ts';
import type { DatabaseOutcome, PlannedServer, ServerBackupResult } from '../operations/whole-server/backup-server.ts';
import { madeBackupAnswer, type MadeBackupAnswer } from './made-backup.ts';

export interface ServerPlanAnswer {
  /** The server, without a password: `db.example.com:5432`. */
  readonly target: string;
  /** In the order of the work: the name on the server, and that in the repository. */
  readonly databases: readonly { readonly name: string; readonly database: string }[];
  readonly leftOut: ServerListing['leftOut'];
}

export interface ServerBackupAnswer {
  readonly all: true;
  /** The server, without a password: `db.example.com:5432`. */
  readonly target: string;
  readonly repository: string;
  readonly databases: readonly DatabaseOutcomeAnswer[];
  readonly leftOut: ServerListing['leftOut'];
  /** Of all that were backed up, without fingerprints. */
  readonly plainBytes: number;
  readonly storedBytes: number;
  readonly files: number;
  readonly durationMs: number;
}

export type DatabaseOutcomeAnswer = BackedUpDatabaseAnswer | LostDatabaseAnswer;

export interface BackedUpDatabaseAnswer extends MadeBackupAnswer {
  /** On the server; `database` is the name in the repository. */
  readonly name: string;
  readonly outcome: 'backed-up';
  readonly error: null;
}

export interface LostDatabaseAnswer {
  /** On the server; `database` is the name in the repository. */
  readonly name: string;
  /** `gone`: it was dropped or renamed after the databases were listed. */
  readonly outcome: 'failed' | 'gone';
  readonly database: string;
  readonly id: null;
  readonly error: { readonly code: string; readonly message: string; readonly hint: string; readonly exit: ExitCode };
}

export function serverPlanAnswer({ listing, databases }: PlannedServer): ServerPlanAnswer {
  return {
    target: listing.server,
    databases: databases.map(({ name, place }) => ({ name, database: place })),
    leftOut: listing.leftOut,
  };
}

export function serverBackupAnswer(result: ServerBackupResult): ServerBackupAnswer {
  const made = result.outcomes.flatMap((one) => (one.outcome === 'backed-up' ? [one.result] : []));
  const sum = (sizeOf: (one: (typeof made)[number]) => number): number =>
    made.reduce((total, one) => total + sizeOf(one), 0);
  return {
    all: true,
    target: result.listing.server,
    repository: result.repository,
    databases: result.outcomes.map(databaseOutcomeAnswer),
    leftOut: result.listing.leftOut,
    plainBytes: sum((one) => one.plainBytes),
    storedBytes: sum((one) => one.storedBytes),
    files: sum(({ manifest }) => manifest.artifacts.filter(({ role }) => role !== 'fingerprint').length),
    durationMs: Math.round(result.durationMs),
  };
}

export function databaseOutcomeAnswer(outcome: DatabaseOutcome): DatabaseOutcomeAnswer {
  const { name, place } = outcome;
  if (outcome.outcome === 'backed-up') {
    return { name, outcome: outcome.outcome, ...madeBackupAnswer(outcome.result), error: null };
  }
  const { code, message, hint, exit } = outcome.error;
  return { name, outcome: outcome.outcome, database: place, id: null, error: { code, message, hint, exit } };
}

/** About the server rather than one of its databases: said of each, and named after none. */
const serverWide: ReadonlySet<string> = new Set(['restore-leftover', 'globals-without-passwords']);

/** What is to be weighed of one database, with its name; blocking if it could not be backed up. */
export function outcomeFindings(outcome: DatabaseOutcome): readonly Finding[] {
  const about = (finding: Finding): Finding =>
    serverWide.has(finding.code) ? finding : { ...finding, message: `${outcome.name}: ${finding.message}` };
  if (outcome.outcome === 'backed-up') {
    return [...outcome.result.findings, ...outcome.result.expiry.findings].map(about);
  }
  const { code, message, hint } = outcome.error;
  if (outcome.outcome === 'failed') return [about({ severity: 'blocking', code, message, hint })];
  return [
    about({
      severity: 'warning',
      code: 'database-gone',
      message: 'it was dropped or renamed after the databases were listed; there is no new backup of it',
      hint: 'If it was renamed, the next run finds it under its new name.',
    }),
  ];
}
