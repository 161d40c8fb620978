/**
 * Writes one backup in the order of docs/format.md, section 1: `begin.json`, artifacts, instructions and sums, and the
 * manifest last, when everything else is known to be there. Whatever stops it, there is no manifest then.
 */

import { createHash } from 'node:crypto';
import type { ArtifactRecord, ArtifactRole, ArtifactSink } from '../domain/artifact.ts';
import { backupId, checkDatabaseName, isFileName, parseBackupId } from '../domain/backup-name.ts';
import type { BackupBegin } from '../domain/backup.ts';
import { compactTime, type Clock } from '../domain/clock.ts';
import { salvageTotals } from '../domain/damage.ts';
import type { Fingerprint } from '../domain/fingerprint.ts';
import type { Manifest } from '../domain/manifest.ts';
import type { Work } from '../domain/work.ts';
import type { Store } from '../storage/store.ts';
import { processStartTicks } from '../system/process-alive.ts';
import { writeArtifact } from './artifact-writer.ts';
import { checksumsText, type Checksum } from './checksums.ts';
import { repositoryErrors } from './errors.ts';
import { listIds } from './folders.ts';
import { instructionsText } from './instructions-text.ts';
import {
  beginFile,
  checksumsFile,
  fileKey,
  fingerprintFile,
  folderPrefix,
  instructionsFile,
  manifestFile,
} from './layout.ts';
import { decodeManifest } from './manifest-codec.ts';
import type { BackupWriter, BeginRequest, ManifestParts, RepositoryParts } from './repository.ts';
import { sealJson } from './sealed-json.ts';
import { readSmall } from './small-object.ts';

/** What a killed run left in the store goes once nobody can be writing it any more. */
const interruptedGraceMs = 24 * 3600 * 1000;

/** Throws `object-exists` when another writer has the very same id. */
export async function beginBackup(
  store: Store,
  parts: RepositoryParts,
  request: BeginRequest,
  signal: AbortSignal,
): Promise<BackupWriter> {
  const started = await startAfterOthers(store, parts.clock, request.database, signal);
  const begin: BackupBegin = {
    format: 1,
    id: backupId(started, request.kind, parts.random()),
    database: checkDatabaseName(request.database),
    engine: request.engine,
    kind: request.kind,
    parent: null,
    host: parts.host,
    pid: process.pid,
    startedTicks: processStartTicks(process.pid),
    writer: parts.writer,
    started: started.toISOString(),
  };
  await store.sweepInterrupted(new Date(started.getTime() - interruptedGraceMs));
  const writer = new FolderWriter(store, parts, begin);
  await writer.start(signal);
  return writer;
}

/** Ids sort by their second: of two backups of one database the later one has a later second. */
async function startAfterOthers(store: Store, clock: Clock, database: string, signal: AbortSignal): Promise<Date> {
  const newest = parseBackupId((await listIds(store, database, signal)).at(-1) ?? '');
  const leftMs = newest === null ? 0 : newest.time.getTime() + 1000 - clock.now().getTime();
  // A newest id from the future is another clock's mistake, which no waiting mends.
  if (leftMs > 0 && leftMs <= 1000) await clock.sleep(leftMs, signal);
  return clock.now();
}

const rolesInOrder: readonly ArtifactRole[] = ['archive', 'image', 'sql', 'globals', 'fingerprint'];

class FolderWriter implements BackupWriter {
  readonly begin: BackupBegin;
  readonly stem: string;
  readonly compactTime: string;
  readonly folder: string;
  readonly sink: ArtifactSink;
  readonly #store: Store;
  readonly #parts: RepositoryParts;
  readonly #startedMs: number;
  readonly #artifacts: ArtifactRecord[] = [];
  /** What was written, and how long it must be. */
  readonly #sizes = new Map<string, number>();
  #isBegun = false;

  constructor(store: Store, parts: RepositoryParts, begin: BackupBegin) {
    this.#store = store;
    this.#parts = parts;
    this.#startedMs = parts.clock.monotonicMs();
    this.begin = begin;
    this.compactTime = compactTime(new Date(begin.started));
    this.stem = `${begin.database}-${this.compactTime}`;
    this.folder = `${store.label}/${folderPrefix(begin).slice(0, -1)}`;
    this.sink = { write: (spec, bytes, work) => this.#write(spec, bytes, work) };
  }

  get artifacts(): readonly ArtifactRecord[] {
    return this.#artifacts;
  }

  async start(signal: AbortSignal): Promise<void> {
    const bytes = sealJson(this.begin);
    await this.#store.put(this.#key(beginFile), bytes, { ifAbsent: true, signal });
    // From here on the folder is ours; before, another writer's must not be touched.
    this.#isBegun = true;
    this.#sizes.set(beginFile, bytes.length);
  }

  async finish(
    parts: ManifestParts,
    instructions: (manifest: Manifest) => string,
    signal: AbortSignal,
  ): Promise<Manifest> {
    if (parts.fingerprint !== null) await this.#writeFingerprint(parts.fingerprint, signal);
    const manifest = this.#describe(parts);
    const sealed = sealJson(manifest);
    const decoded = decodeManifest(sealed, this.begin);
    if (!decoded.ok) throw new TypeError(`the manifest of ${this.begin.id} is ${decoded.problem}`);
    const text = await this.#writeText(instructionsFile, instructionsText(manifest, instructions(manifest)), signal);
    const begun: Checksum = { name: beginFile, sha256: sha256(sealJson(this.begin)) };
    await this.#writeText(checksumsFile, checksumsText([begun, text, ...this.#artifacts]), signal);
    await this.#demandAllStored(signal);
    await this.#store.put(this.#key(manifestFile), sealed, { ifAbsent: true, signal });
    const stored = await readSmall(this.#store, this.#key(manifestFile), signal);
    if (stored === null || !stored.equals(sealed)) {
      throw repositoryErrors.make('write-lost', `${this.folder}/${manifestFile} did not come back as it was written`);
    }
    return decoded.value;
  }

  async abandon(): Promise<void> {
    if (!this.#isBegun) return;
    // It must also go through after the signal that stopped the backup.
    const { signal } = new AbortController();
    const prefix = folderPrefix(this.begin);
    const first = this.#key(manifestFile);
    const last = this.#key(beginFile);
    await this.#store.delete(first, signal);
    const others: string[] = [];
    for await (const { key } of this.#store.list(prefix, { signal })) if (key !== last) others.push(key);
    for (const key of others) await this.#store.delete(key, signal);
    await this.#store.delete(last, signal);
  }

  #key(name: string): string {
    return fileKey(this.begin, name);
  }

  async #write(...[spec, bytes, work]: Parameters<ArtifactSink['write']>): Promise<ArtifactRecord> {
    if (!isFileName(spec.name)) throw new TypeError(`not a name for an artifact: ${spec.name}`);
    const record = await writeArtifact(this.#store, this.#key(spec.name), spec, bytes, work);
    this.#artifacts.push(record);
    this.#sizes.set(record.name, record.storedBytes);
    return record;
  }

  async #writeFingerprint(fingerprint: Fingerprint, signal: AbortSignal): Promise<void> {
    const work: Work = { signal, report: () => undefined };
    const spec = { name: fingerprintFile, role: 'fingerprint', compression: { kind: 'zstd', level: 3 } } as const;
    await this.#write(spec, once(sealJson(fingerprint)), work);
  }

  async #writeText(name: string, text: string, signal: AbortSignal): Promise<Checksum> {
    const bytes = Buffer.from(text, 'utf8');
    await this.#store.put(this.#key(name), bytes, { ifAbsent: true, signal });
    this.#sizes.set(name, bytes.length);
    return { name, sha256: sha256(bytes) };
  }

  #describe(parts: ManifestParts): Manifest {
    const { clock, writer } = this.#parts;
    const { id, database, engine, kind, host, started } = this.begin;
    const { fingerprint, fingerprintMode, scope, label, origin, needs, owners, privileges, findings } = parts;
    return {
      format: 1,
      id,
      database,
      engine,
      kind,
      scope,
      label,
      host,
      writer,
      started,
      finished: clock.now().toISOString(),
      durationMs: Math.max(0, Math.round(clock.monotonicMs() - this.#startedMs)),
      origin,
      needs,
      owners,
      privileges,
      fingerprint: { mode: fingerprintMode, ...totalsOf(fingerprint) },
      artifacts: this.#artifacts.toSorted((a, b) => rolesInOrder.indexOf(a.role) - rolesInOrder.indexOf(b.role)),
      ...(fingerprint?.salvage === undefined ? {} : { salvage: salvageTotals(fingerprint.salvage) }),
      findings,
    };
  }

  /** A store may accept bytes and not have them (a full disk behind a lying cache, a lost mount). */
  async #demandAllStored(signal: AbortSignal): Promise<void> {
    const prefix = folderPrefix(this.begin);
    const found = new Map<string, number>();
    for await (const { key, object } of this.#store.list(prefix, { signal })) {
      if (object !== null) found.set(key.slice(prefix.length), object.sizeBytes);
    }
    for (const [name, sizeBytes] of this.#sizes) {
      const is = found.get(name);
      if (is === sizeBytes) continue;
      const what = is === undefined ? 'is not there' : `has ${String(is)} bytes`;
      throw repositoryErrors.make('write-lost', `${this.folder}/${name} ${what}, ${String(sizeBytes)} were written`);
    }
  }
}

function totalsOf(fingerprint: Fingerprint | null): Omit<Manifest['fingerprint'], 'mode'> {
  return {
    tables: fingerprint?.tables.length ?? 0,
    rows: fingerprint?.tables.reduce((rows, table) => rows + table.rows, 0) ?? 0,
    largeObjects: fingerprint?.largeObjects?.count ?? 0,
    objects: fingerprint?.objects.length ?? 0,
  };
}

function sha256(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}

async function* once(bytes: Uint8Array): AsyncGenerator<Uint8Array, void> {
  yield await Promise.resolve(bytes);
}
