/** What a backup came to, as facts for programs (docs/json.md). */

import type { BackupResult } from '../../operations/backup.ts';
import { sizesOf } from './backup-text.ts';
import { expiryFacts } from './expiry-text.ts';

export function resultFacts(result: BackupResult): Readonly<Record<string, unknown>> {
  const { manifest } = result;
  return {
    id: manifest.id,
    database: manifest.database,
    target: result.target.label,
    origin: result.target.origin,
    repository: result.repository,
    repositoryCreated: result.repositoryCreated,
    folder: result.folder,
    scope: manifest.scope,
    label: manifest.label,
    durationMs: Math.round(result.durationMs),
    ...sizesOf(manifest),
    plainBytesPerSecond: Math.round(result.plainBytesPerSecond),
    fingerprint: manifest.fingerprint,
    artifacts: manifest.artifacts,
    expiry: result.expiry.result === null ? null : expiryFacts(result.expiry.result),
  };
}
