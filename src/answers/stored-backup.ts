/** What is known of a stored backup, as plain data. */

import type { ArtifactRecord } from '../domain/artifact.ts';
import type { Backup, BackupState } from '../domain/backup.ts';
import { deletableFrom, type BackupHold } from '../domain/backup-hold.ts';
import type { Finding } from '../domain/finding.ts';
import type { BackupKind, BackupNeeds, BackupOrigin, Manifest } from '../domain/manifest.ts';
import type { Mark, ProofOutcome } from '../domain/mark.ts';
import type { Scope } from '../domain/scope.ts';
import type { ShowResult } from '../operations/show.ts';

/** Why a backup stays, or is on its way out. */
export interface HoldAnswer {
  readonly kind: 'pinned' | 'expired';
  /** ISO 8601, UTC. */
  readonly since: string;
  readonly reason: string | null;
  /** When the bytes of an expired one may go (ISO 8601, UTC); null for a pinned one. */
  readonly deletableFrom: string | null;
}

export interface BackupAnswer {
  /** `20261121T020000Z-dump-k3f9` */
  readonly id: string;
  readonly database: string;
  /** `postgres`, `sqlite`. */
  readonly engine: string;
  readonly kind: BackupKind;
  readonly scope: Scope;
  readonly label: string | null;
  readonly state: BackupState;
  /** Null: neither pinned nor expired. */
  readonly hold: HoldAnswer | null;
  /** ISO 8601, UTC. */
  readonly started: string;
  /** ISO 8601, UTC. */
  readonly finished: string;
  readonly durationMs: number;
  /** Without the fingerprint. */
  readonly plainBytes: number;
  readonly storedBytes: number;
  readonly fingerprint: Manifest['fingerprint'];
  /** Where it rests. */
  readonly folder: string;
  /** When every byte was last found right (ISO 8601, UTC). */
  readonly verified: string | null;
  /** The newest drill. */
  readonly proof: { readonly time: string; readonly outcome: ProofOutcome } | null;
  /** Files in the folder that this version does not know. */
  readonly strangers: readonly string[];
}

/** All that is known of one backup. */
export interface BackupDetailsAnswer extends BackupAnswer {
  readonly origin: BackupOrigin;
  /** What the server must have before a restore. */
  readonly needs: BackupNeeds;
  readonly owners: boolean;
  readonly privileges: boolean;
  readonly host: string;
  /** `holdfast 0.1.0` */
  readonly writer: string;
  readonly artifacts: readonly ArtifactRecord[];
  /** What was to be weighed when it was made. */
  readonly findings: readonly Finding[];
  /** Of what was saved from a damaged database: what did not read. */
  readonly salvage?: NonNullable<Manifest['salvage']>;
  /** Newest first. */
  readonly marks: readonly Mark[];
  readonly files: readonly { readonly name: string; readonly sizeBytes: number }[];
  /** What `extract` can write: `sql`, `sql.gz`, `dump`, `db`. */
  readonly extractFormats: readonly string[];
}

export function backupAnswer(backup: Backup): BackupAnswer {
  const { manifest } = backup;
  return {
    id: manifest.id,
    database: manifest.database,
    engine: manifest.engine,
    kind: manifest.kind,
    scope: manifest.scope,
    label: manifest.label,
    state: backup.state,
    hold: holdAnswer(backup.hold),
    started: manifest.started,
    finished: manifest.finished,
    durationMs: manifest.durationMs,
    ...sizesOf(manifest),
    fingerprint: manifest.fingerprint,
    folder: backup.folder,
    verified: backup.newestVerified?.time ?? null,
    proof: backup.newestProof === null ? null : { time: backup.newestProof.time, outcome: backup.newestProof.outcome },
    strangers: backup.strangers,
  };
}

export function backupDetailsAnswer({ backup, files, extractFormats }: ShowResult): BackupDetailsAnswer {
  const { manifest } = backup;
  return {
    ...backupAnswer(backup),
    origin: manifest.origin,
    needs: manifest.needs,
    owners: manifest.owners,
    privileges: manifest.privileges,
    host: manifest.host,
    writer: manifest.writer,
    artifacts: manifest.artifacts,
    findings: manifest.findings,
    ...(manifest.salvage === undefined ? {} : { salvage: manifest.salvage }),
    marks: backup.marks,
    files: files.map(({ name, sizeBytes }) => ({ name, sizeBytes })),
    extractFormats: extractFormats.map(({ name }) => name),
  };
}

/** Null when it is neither pinned nor on its way out. */
export function holdAnswer(hold: BackupHold): HoldAnswer | null {
  if (hold.kind === 'none') return null;
  const { kind, since, reason } = hold;
  return { kind, since, reason, deletableFrom: deletableFrom(hold)?.toISOString() ?? null };
}

/** Of the artifacts, without the fingerprint. */
export function sizesOf(manifest: Manifest): { readonly plainBytes: number; readonly storedBytes: number } {
  const content = manifest.artifacts.filter(({ role }) => role !== 'fingerprint');
  return {
    plainBytes: content.reduce((sum, artifact) => sum + artifact.plainBytes, 0),
    storedBytes: content.reduce((sum, artifact) => sum + artifact.storedBytes, 0),
  };
}
