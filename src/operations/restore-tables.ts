import type { BackupSource } from '../domain/artifact.ts';
import type { Backup } from '../domain/backup.ts';
import type { Finding } from '../domain/finding.ts';
import type { Work } from '../domain/work.ts';
import type { Engine, RestoredTable, TableRequest, Target, TargetSpec } from '../engine/engine.ts';
import type { Parts } from './parts.ts';

export interface RestoreTablesRequest extends TableRequest {
  readonly target: TargetSpec;
  readonly database: string | null;
  readonly backup: string;
}

export interface TablesPlan {
  readonly request: TableRequest;
  readonly backup: Backup;
  readonly target: Target;
  readonly repository: string;
  readonly engine: Engine;
  readonly source: BackupSource;
  readonly steps: readonly string[];
  readonly findings: readonly Finding[];
  readonly ageMs: number;
  readonly checkedBytes: number;
}

export interface RestoreTablesResult {
  readonly backup: Backup;
  readonly target: Target;
  readonly tables: readonly RestoredTable[];
  readonly findings: readonly Finding[];
  readonly durationMs: number;
}

export declare function planRestoreTables(request: RestoreTablesRequest, parts: Parts, work: Work): Promise<TablesPlan>;
export declare function executeRestoreTables(plan: TablesPlan, parts: Parts, work: Work): Promise<RestoreTablesResult>;
