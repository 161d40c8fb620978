import type { Context } from '../command.ts';

/** A file that `holdfast export NAME` prints. */
export interface ExportKind {
  readonly name: string;
  readonly summary: string;
  /** The whole text, ending with a new line. */
  render(context: Context): Promise<string>;
}
