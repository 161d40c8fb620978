/**
 * Is the size of a backup plausible? A dump that shrank to nothing is the classic backup that nobody could restore. All
 * limits are about plain bytes, so that a compression level or a well compressing table changes nothing.
 */

import type { ArtifactRecord, ArtifactRole } from './artifact.ts';
import type { Finding } from './finding.ts';
import type { Scope } from './scope.ts';
import { formatBytes } from './amounts.ts';

/** Null switches a limit off. */
export interface SizeLimits {
  /** Smaller fails. */
  readonly minimumBytes: number | null;
  /** Smaller warns. */
  readonly smallBytes: number | null;
  /** 0.5: less than half or more than one and a half of the previous ones warns. */
  readonly changeRatio: number | null;
  /** A change by more than this warns. */
  readonly changeBytes: number | null;
}

export const usualSizeLimits: SizeLimits = {
  minimumBytes: 1000,
  smallBytes: 1_000_000,
  changeRatio: 0.5,
  changeBytes: 1_000_000_000,
};

/** A part of a database may be as small as it likes, only not empty. */
export function limitsForScope(limits: SizeLimits, scope: Scope): SizeLimits {
  if (scope.kind === 'whole') return limits;
  const minimumBytes = limits.minimumBytes === null ? null : Math.min(1, limits.minimumBytes);
  return { ...limits, minimumBytes, smallBytes: null };
}

/** Roles whose size is the database's: not the roles and settings, not the fingerprint. */
const contentRoles: ReadonlySet<ArtifactRole> = new Set(['archive', 'sql', 'image']);

export function contentArtifacts(artifacts: readonly ArtifactRecord[]): readonly ArtifactRecord[] {
  return artifacts.filter((artifact) => contentRoles.has(artifact.role));
}

/** The plain bytes a restore reads: of several formats of the same content, one. */
export function contentBytes(artifacts: readonly ArtifactRecord[]): number {
  return contentArtifacts(artifacts)[0]?.plainBytes ?? 0;
}

/**
 * `previous`: the artifacts of earlier backups of the same database and scope, newest first. Each artifact is held
 * against the median of the newest five of its role.
 */
export function checkSizes(
  artifacts: readonly ArtifactRecord[],
  previous: readonly (readonly ArtifactRecord[])[],
  limits: SizeLimits,
): readonly Finding[] {
  return contentArtifacts(artifacts).flatMap((artifact) => {
    const earlier = previous.flatMap((one) => contentArtifacts(one).filter((it) => it.role === artifact.role));
    const usual = median(earlier.slice(0, 5).map((one) => one.plainBytes));
    return [...checkSmallness(artifact, limits), ...checkChange(artifact, usual, limits)];
  });
}

function checkSmallness({ name, plainBytes }: ArtifactRecord, limits: SizeLimits): readonly Finding[] {
  const minimum = limits.minimumBytes ?? 0;
  if (limits.minimumBytes !== null && (plainBytes === 0 || plainBytes < minimum)) {
    return [
      {
        severity: 'blocking',
        code: 'backup-too-small',
        message: `${name} holds ${formatBytes(plainBytes)}, at least ${formatBytes(minimum)} must be there`,
        hint: 'Look at the database: is it the right one, and not empty? The minimum can be set.',
      },
    ];
  }
  if (limits.smallBytes === null || plainBytes >= limits.smallBytes) return [];
  return [
    {
      severity: 'warning',
      code: 'backup-small',
      message: `${name} holds only ${formatBytes(plainBytes)}`,
      hint: 'If the database is that small, lower the limit for small backups.',
    },
  ];
}

function checkChange(artifact: ArtifactRecord, usual: number | null, limits: SizeLimits): readonly Finding[] {
  if (usual === null) return [];
  const change = Math.abs(artifact.plainBytes - usual);
  const isLarge =
    (limits.changeRatio !== null && change > limits.changeRatio * usual) ||
    (limits.changeBytes !== null && change > limits.changeBytes);
  if (!isLarge) return [];
  const [is, was] = [formatBytes(artifact.plainBytes), formatBytes(usual)];
  return [
    {
      severity: 'warning',
      code: 'backup-size-changed',
      message: `${artifact.name} holds ${is}, the previous backups about ${was}`,
      hint: 'If so much was added or deleted, all is well; else look at the database before older backups are gone.',
    },
  ];
}

function median(values: readonly number[]): number | null {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? null;
}
