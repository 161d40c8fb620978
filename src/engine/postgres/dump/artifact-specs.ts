/** Names and compression of a backup's artifacts. */

import type { ArtifactSpec } from '../../../domain/artifact.ts';
import type { BackupRequest, DumpFormat } from '../../engine.ts';

const gzipLevel = 6;

export function archiveSpec(request: BackupRequest): ArtifactSpec {
  const compression = { kind: 'zstd', level: request.zstdLevel } as const;
  return { name: `${request.stem}.dump.zst`, role: 'archive', compression };
}

export function sqlSpec(request: BackupRequest, format: DumpFormat): ArtifactSpec {
  const compression =
    format === 'sql.gz'
      ? ({ kind: 'gzip', level: gzipLevel } as const)
      : ({ kind: 'zstd', level: request.zstdLevel } as const);
  return { name: `${request.stem}.${format}`, role: 'sql', compression };
}

export function globalsSpec(request: Pick<BackupRequest, 'compactTime' | 'zstdLevel'>): ArtifactSpec {
  const compression = { kind: 'zstd', level: request.zstdLevel } as const;
  return { name: `globals-${request.compactTime}.sql.zst`, role: 'globals', compression };
}
