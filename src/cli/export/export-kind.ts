/** What `holdfast export NAME` is made of: one file, or several that belong together. */

import type { Finding } from '../../domain/finding.ts';
import type { Context } from '../command.ts';

export interface ExportKind {
  readonly name: string;
  readonly summary: string;
  render(context: Context, request: ExportRequest): Promise<readonly ExportFile[]>;
}

export interface ExportFile {
  /** Its usual name, without a folder. */
  readonly name: string;
  /** Ends with a new line. */
  readonly content: string;
}

export interface ExportRequest {
  /** Null: every configured one. */
  readonly database: string | null;
  /** Only what belongs before a deployment. */
  readonly step: boolean;
  /** For what a person should know before using the file; never written into it. */
  weigh(finding: Finding): void;
}
