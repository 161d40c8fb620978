/** The face of everything a command says: to people or to programs, the same facts. */

import type { HoldfastError, ExitCode } from '../../domain/error.ts';
import type { Finding } from '../../domain/finding.ts';
import type { ProgressEvent } from '../../domain/work.ts';
import type { Style } from './style.ts';

/** One line of `--json`; `docs/json.md` lists the types. */
export type JsonRecord = { readonly type: string } & Readonly<Record<string, unknown>>;

export interface Output {
  readonly style: Style;
  /** A line of the log: what is being done. Not said with `--quiet`. */
  info(text: string): void;
  /** The answer itself, for people: tables, summaries. */
  print(lines: readonly string[]): void;
  /** The same for programs. */
  emit(record: JsonRecord): void;
  finding(finding: Finding): void;
  report(event: ProgressEvent): void;
  /** Last words of a command that did what it should, perhaps with warnings. */
  result(command: string, exit: ExitCode, facts: Readonly<Record<string, unknown>>): void;
  /** Last words of one that did not. */
  error(error: HoldfastError): void;
  /** Takes the progress line away, so that someone else may write to the terminal. */
  pause(): void;
  /** Stops timers; nothing is said afterwards. */
  close(): void;
}

/** Where text goes: standard output and standard error, or something a test reads. */
export interface TextSink {
  write(text: string): void;
  readonly isTerminal: boolean;
  /** True when it ends in the systemd journal. */
  readonly isJournal?: boolean;
  /** Null when it is no terminal. */
  columns(): number | null;
}
