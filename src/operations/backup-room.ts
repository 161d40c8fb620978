/**
 * Is there room in the repository? Known well when the same was backed up before; otherwise guessed from the size of the
 * database, of which indexes and free space never reach a dump: a third of it for each format is usual, and less than
 * a tenth is hopeless.
 */

import { formatBytes } from '../domain/amounts.ts';
import type { Backup } from '../domain/backup.ts';
import type { Finding } from '../domain/finding.ts';
import type { Inspection } from '../engine/engine.ts';
import type { Repository } from '../repository/repository.ts';
import type { BackupRequest } from './backup.ts';
import { operationErrors } from './errors.ts';

/** Growth between two backups that is nothing unusual. */
const usualGrowth = 1.1;

/** Throws `no-room`. `previous`: backups of the same database and scope, newest first. */
export async function checkRoom(
  repository: Repository,
  previous: readonly Backup[],
  inspection: Inspection,
  request: BackupRequest,
): Promise<readonly Finding[]> {
  const freeBytes = await repository.freeBytes();
  if (freeBytes === null) return [];
  const free = `${formatBytes(freeBytes)} free in ${repository.label}`;
  const [last] = previous;
  if (last !== undefined && last.manifest.artifacts.length >= request.formats.length) {
    const needed = last.manifest.artifacts.reduce((sum, { storedBytes }) => sum + storedBytes, 0) * usualGrowth;
    if (freeBytes >= needed) return [];
    throw operationErrors.make('no-room', `${free}, the last backup took ${formatBytes(needed / usualGrowth)}`);
  }
  if (inspection.sizeBytes === null || request.scope.kind !== 'whole') return [];
  const formats = Math.max(1, request.formats.length);
  const size = `the database has ${formatBytes(inspection.sizeBytes)}`;
  if (freeBytes < (inspection.sizeBytes / 10) * formats) throw operationErrors.make('no-room', `${free}, ${size}`);
  if (freeBytes >= (inspection.sizeBytes / 3) * formats) return [];
  return [
    {
      severity: 'warning',
      code: 'little-room',
      message: `${free}, ${size}: the backup may not fit`,
      hint: 'Free some room, or choose another place for backups.',
    },
  ];
}
