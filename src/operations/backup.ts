/**
 * Makes one backup. Everything that can be checked is checked first; then the engine writes its artifacts, and the
 * repository its manifest, last. Whatever goes wrong, or an interruption, removes what was written: there is a whole
 * backup afterwards, or none.
 */

import { checkDatabaseName, databaseNameFrom } from '../domain/backup-name.ts';
import type { Backup, Catalog } from '../domain/backup.ts';
import { messageOf } from '../domain/error.ts';
import type { Finding } from '../domain/finding.ts';
import type { FingerprintMode } from '../domain/fingerprint.ts';
import type { Hooks } from '../domain/hook.ts';
import type { Manifest } from '../domain/manifest.ts';
import type { KeepRules } from '../domain/retention/keep-rules.ts';
import type { Scope } from '../domain/scope.ts';
import { checkSizes, limitsForScope, type SizeLimits } from '../domain/size-check.ts';
import type { Work } from '../domain/work.ts';
import type {
  BackupOutcome,
  DumpFormat,
  Engine,
  EngineModule,
  Inspection,
  Target,
  TargetSpec,
} from '../engine/engine.ts';
import type { BackupWriter } from '../repository/repository.ts';
import { aroundBackup } from './around-backup.ts';
import { checkRoom } from './backup-room.ts';
import { expireAfterBackup, type ExpiryAfterBackup } from './expire-after-backup.ts';
import { blockingError, mergeFindings } from './findings.ts';
import { findLeftovers } from './leftovers.ts';
import { lockDatabase } from './lock.ts';
import type { Parts } from './parts.ts';

export interface BackupRequest {
  readonly target: TargetSpec;
  /** The name in the repository; null takes it from the target's own. */
  readonly database: string | null;
  readonly label: string | null;
  readonly formats: readonly DumpFormat[];
  readonly scope: Scope;
  readonly fingerprint: FingerprintMode;
  readonly owners: boolean;
  readonly privileges: boolean;
  readonly zstdLevel: number;
  readonly lockTimeoutMs: number;
  readonly sizeLimits: SizeLimits;
  /** Applied once the backup is made; null: nothing goes. */
  readonly keep: KeepRules | null;
  /** Absent: none. */
  readonly hooks?: Hooks;
  /** Called once, when it is known what will be backed up and before anything is written. */
  readonly onStart?: (start: BackupStart) => void;
}

export interface BackupStart {
  readonly target: Target;
  readonly inspection: Inspection;
  readonly repository: string;
}

export interface BackupResult {
  readonly target: Target;
  readonly manifest: Manifest;
  /** Where it rests: `backups/app/backups/20261121T020000Z-dump-k3f9`. */
  readonly folder: string;
  readonly repository: string;
  readonly repositoryCreated: boolean;
  /** Everything that should be weighed, of the inspection, the backup and its sizes. */
  readonly findings: readonly Finding[];
  /** What the rules for keeping backups came to afterwards. */
  readonly expiry: ExpiryAfterBackup;
  readonly durationMs: number;
  readonly plainBytes: number;
  readonly storedBytes: number;
  /** Plain bytes for one stored byte, of all artifacts but the fingerprint. */
  readonly ratio: number;
  readonly plainBytesPerSecond: number;
}

/** Enough earlier backups to know what is usual. */
const previousBackups = 20;

/** Throws `locked` (11), `not-ready`, `no-room`, `backup-too-small`, `hook-failed`, and what engine and store throw. */
export async function backup(request: BackupRequest, parts: Parts, work: Work): Promise<BackupResult> {
  const { target } = parts.engines.forUrl(request.target.url).open(request.target);
  const database = checkDatabaseName(request.database ?? databaseNameFrom(target.databaseName));
  await using _lock = await lockDatabase(parts, target, 'backup');
  return await aroundBackup({ ...request, database }, work, () => backupUnderLock(request, parts, work));
}

/** The same for whoever holds the lock of the database already; without its hooks. */
export async function backupUnderLock(request: BackupRequest, parts: Parts, work: Work): Promise<BackupResult> {
  const startedMs = parts.clock.monotonicMs();
  const module = parts.engines.forUrl(request.target.url);
  const engine = module.open(request.target);
  const { target } = engine;
  const database = checkDatabaseName(request.database ?? databaseNameFrom(target.databaseName));
  const inspection = await engine.inspect('backup', work);
  const notReady = blockingError('not-ready', inspection.findings);
  if (notReady !== null) throw notReady;
  const repository = await parts.repository({ create: true });
  request.onStart?.({ target, inspection, repository: repository.label });
  const catalog = await repository.list({ database, newest: previousBackups }, work.signal);
  const room = await checkRoom(repository, comparable(catalog, module.kind, request), inspection, request);
  const left = await findLeftovers(module, engine, catalog.unfinished, work);
  const writer = await repository.beginBackup({ database, engine: module.kind, kind: module.backupKind }, work.signal);
  const { manifest, findings } = await removingOnFailure(writer, work, () =>
    write({ request, engine, module, writer, work }, comparable(catalog, module.kind, request), inspection),
  );
  const measured = measure(manifest, parts.clock.monotonicMs() - startedMs);
  return {
    target,
    manifest,
    folder: writer.folder,
    repository: repository.label,
    repositoryCreated: repository.created,
    findings: mergeFindings(left, room, findings),
    ...measured,
    expiry: await expireAfterBackup(repository, manifest, request.keep, parts, work),
  };
}

interface Writing {
  readonly request: BackupRequest;
  readonly engine: Engine;
  readonly module: EngineModule;
  readonly writer: BackupWriter;
  readonly work: Work;
}

async function write(
  { request, engine, module, writer, work }: Writing,
  previous: readonly Backup[],
  inspection: Inspection,
): Promise<{ readonly manifest: Manifest; readonly findings: readonly Finding[] }> {
  const { formats, scope, owners, privileges, zstdLevel, lockTimeoutMs } = request;
  const outcome: BackupOutcome = await engine.backup(
    {
      stem: writer.stem,
      compactTime: writer.compactTime,
      formats,
      scope,
      fingerprint: request.fingerprint,
      owners,
      privileges,
      zstdLevel,
      lockTimeoutMs,
    },
    writer.sink,
    work,
  );
  work.signal.throwIfAborted();
  const sizes = checkSizes(
    writer.artifacts,
    previous.map(({ manifest }) => manifest.artifacts),
    limitsForScope(request.sizeLimits, scope),
  );
  const tooSmall = blockingError('backup-too-small', sizes);
  if (tooSmall !== null) throw tooSmall;
  const findings = mergeFindings(inspection.findings, outcome.findings, sizes);
  work.report({ kind: 'step', text: 'writing the manifest' });
  const manifest = await writer.finish(
    {
      scope,
      label: request.label,
      origin: outcome.origin,
      needs: outcome.needs,
      owners,
      privileges,
      fingerprint: outcome.fingerprint,
      fingerprintMode: outcome.fingerprint?.mode ?? 'off',
      findings,
    },
    (draft) => module.restoreInstructions(draft),
    work.signal,
  );
  return { manifest, findings };
}

/** The reason of the failure is thrown on, whatever becomes of the cleaning up. */
export async function removingOnFailure<T>(writer: BackupWriter, work: Work, action: () => Promise<T>): Promise<T> {
  try {
    return await action();
  } catch (thrown) {
    try {
      await writer.abandon();
    } catch (left) {
      const text = `what was written could not be removed from ${writer.folder}: ${messageOf(left)}`;
      work.report({ kind: 'note', level: 'warn', text });
    }
    throw thrown;
  }
}

/** Earlier backups whose size says something about this one's. */
function comparable(catalog: Catalog, engine: string, { scope }: BackupRequest): readonly Backup[] {
  const wanted = JSON.stringify(scope);
  return catalog.backups.filter(
    ({ manifest, state }) =>
      manifest.engine === engine && state !== 'damaged' && JSON.stringify(manifest.scope) === wanted,
  );
}

export function measure(
  manifest: Manifest,
  durationMs: number,
): Pick<BackupResult, 'durationMs' | 'plainBytes' | 'storedBytes' | 'ratio' | 'plainBytesPerSecond'> {
  const content = manifest.artifacts.filter(({ role }) => role !== 'fingerprint');
  const plainBytes = content.reduce((sum, one) => sum + one.plainBytes, 0);
  const storedBytes = content.reduce((sum, one) => sum + one.storedBytes, 0);
  return {
    durationMs,
    plainBytes,
    storedBytes,
    ratio: storedBytes === 0 ? 1 : plainBytes / storedBytes,
    plainBytesPerSecond: durationMs === 0 ? 0 : (plainBytes / durationMs) * 1000,
  };
}
