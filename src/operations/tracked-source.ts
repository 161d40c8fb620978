/**
 * A backup's source that remembers which files were read to their end, and what damage was met. A restoring program that
 * is fed from a stream which breaks off fails in its own words; the damage is the reason, and must be what is reported.
 */

import type { ArtifactRecord, BackupSource } from '../domain/artifact.ts';
import { HoldfastError } from '../domain/error.ts';
import type { Fingerprint } from '../domain/fingerprint.ts';
import type { Manifest } from '../domain/manifest.ts';
import type { DamageProblem } from '../domain/mark.ts';
import type { Work } from '../domain/work.ts';
import type { Repository } from '../repository/repository.ts';

export class TrackedSource implements BackupSource {
  readonly #source: BackupSource;
  readonly #opened = new Set<ArtifactRecord>();
  readonly #readFiles = new Set<string>();
  #damage: { readonly file: string; readonly error: HoldfastError } | null = null;

  constructor(source: BackupSource) {
    this.#source = source;
  }

  get manifest(): Manifest {
    return this.#source.manifest;
  }

  get isForeign(): boolean {
    return this.#source.isForeign === true;
  }

  /** Read to the end and found to be what the manifest says, in its order. */
  get readFiles(): readonly string[] {
    return this.manifest.artifacts.map(({ name }) => name).filter((name) => this.#readFiles.has(name));
  }

  /** Opened, and left before the end: their hash is not known. */
  get unread(): readonly ArtifactRecord[] {
    return [...this.#opened].filter(({ name }) => !this.#readFiles.has(name));
  }

  /** To be called when such an artifact was hashed after all. */
  noteRead(artifact: ArtifactRecord): void {
    this.#readFiles.add(artifact.name);
  }

  /** To be called when it was, and is damaged. */
  noteDamage(artifact: ArtifactRecord, thrown: unknown): void {
    this.#note(artifact.name, thrown);
  }

  get problems(): readonly DamageProblem[] {
    return this.#damage === null ? [] : [problemOf(this.#damage.file, this.#damage.error)];
  }

  /** The reason behind an error: damage that was met while reading, else the error itself. */
  reasonOf(thrown: unknown): unknown {
    return this.#damage?.error ?? thrown;
  }

  open(artifact: ArtifactRecord, work: Work): AsyncIterable<Uint8Array> {
    this.#opened.add(artifact);
    return this.#follow(artifact.name, this.#source.open(artifact, work));
  }

  async fingerprint(work: Work): Promise<Fingerprint | null> {
    const file = this.manifest.artifacts.find(({ role }) => role === 'fingerprint')?.name;
    try {
      const fingerprint = await this.#source.fingerprint(work);
      if (file !== undefined) this.#readFiles.add(file);
      return fingerprint;
    } catch (thrown) {
      this.#note(file ?? 'manifest.json', thrown);
      throw thrown;
    }
  }

  async *#follow(file: string, bytes: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array, void> {
    try {
      yield* bytes;
      this.#readFiles.add(file);
    } catch (thrown) {
      this.#note(file, thrown);
      throw thrown;
    }
  }

  #note(file: string, thrown: unknown): void {
    if (this.#damage === null && isDamage(thrown)) this.#damage = { file, error: thrown };
  }
}

/**
 * A restoring program may stop reading when it has what it needs; the bytes behind count all the same. Throws
 * `damaged-artifact`. `artifacts`: further ones that must be whole, although nothing read them.
 */
export async function hashUnread(
  source: TrackedSource,
  repository: Repository,
  work: Work,
  artifacts: readonly ArtifactRecord[] = [],
): Promise<void> {
  if (source.problems.length > 0) throw source.reasonOf(new TypeError('the backup is damaged'));
  const { readFiles } = source;
  for (const artifact of new Set([...source.unread, ...artifacts.filter(({ name }) => !readFiles.includes(name))])) {
    try {
      await repository.hashStored(source.manifest, artifact, work.signal, () => undefined);
      source.noteRead(artifact);
    } catch (thrown) {
      source.noteDamage(artifact, thrown);
      throw thrown;
    }
  }
}

export function isDamage(thrown: unknown): thrown is HoldfastError {
  return thrown instanceof HoldfastError && thrown.exit === 15;
}

export function problemOf(file: string, error: HoldfastError): DamageProblem {
  return { file, code: error.code, message: error.message };
}
