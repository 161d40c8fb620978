import type { Backup } from '../domain/backup.ts';
import type { HoldfastError } from '../domain/error.ts';
import type { Finding } from '../domain/finding.ts';
import type { DamageProblem } from '../domain/mark.ts';
import type { SizeLimits } from '../domain/size-check.ts';
import type { Work } from '../domain/work.ts';
import type { Parts } from './parts.ts';

export interface VerifyRequest {
  readonly database: string | null;
  readonly backup: string;
  readonly sizeLimits: SizeLimits;
}

export interface VerifyResult {
  readonly backup: Backup;
  readonly outcome: 'verified' | 'damaged';
  readonly problems: readonly DamageProblem[];
  readonly findings: readonly Finding[];
  readonly storedBytes: number;
  readonly plainBytes: number;
  readonly frames: number;
  readonly files: number;
  readonly durationMs: number;
}

export declare function verify(request: VerifyRequest, parts: Parts, work: Work): Promise<VerifyResult>;
/** The error the command ends with: `damage-found` (15); null when nothing is wrong. */
export declare function verifyFailure(result: VerifyResult): HoldfastError | null;
