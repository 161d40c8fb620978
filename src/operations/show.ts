/** Everything that is known about one backup. */

import type { Backup } from '../domain/backup.ts';
import type { Work } from '../domain/work.ts';
import type { ExtractFormat } from '../engine/engine.ts';
import type { FolderFile } from '../repository/repository.ts';
import type { Engines, Parts } from './parts.ts';

export interface ShowRequest {
  /** Null: the only one there is. */
  readonly database: string | null;
  readonly backup: string;
}

export interface ShowResult {
  readonly repository: string;
  readonly backup: Backup;
  readonly ageMs: number;
  readonly files: readonly FolderFile[];
  /** What `extract` can write from it; empty when this version does not know its engine. */
  readonly extractFormats: readonly ExtractFormat[];
}

/** Throws `no-repository` (10), `backup-not-found` (13), `manifest-damaged` (15). */
export async function show(request: ShowRequest, parts: Parts, work: Work): Promise<ShowResult> {
  const repository = await parts.repository({ create: false });
  const { database, backup: name } = request;
  const backup = await repository.find({ name, database, timeZone: parts.timeZone }, work.signal);
  const { manifest } = backup;
  return {
    repository: repository.label,
    backup,
    ageMs: parts.clock.now().getTime() - Date.parse(manifest.started),
    files: await repository.files(manifest, work.signal),
    extractFormats: extractFormats(parts.engines, manifest),
  };
}

function extractFormats(engines: Engines, manifest: Backup['manifest']): readonly ExtractFormat[] {
  try {
    return engines.ofKind(manifest.engine).extractFormats(manifest);
  } catch (thrown) {
    // Showing a backup of an engine that this version does not know is not restoring it.
    if (thrown instanceof Error && 'code' in thrown && thrown.code === 'unknown-engine') return [];
    throw thrown;
  }
}
