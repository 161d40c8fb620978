/**
 * The one error type that stops work. It says what failed (message: lower case, no full stop), what to do next (hint: a
 * sentence) and which exit code the command line answers with. Each folder declares its kinds once, in its own
 * `errors.ts`; `docs/errors.md` is generated from those declarations.
 */

/** Exit codes of the command line (design, "Command line"). */
export type ExitCode = 0 | 1 | 2 | 3 | 10 | 11 | 12 | 13 | 14 | 15 | 16 | 44 | 130;

/** What is known about one kind of error, wherever it is raised. */
export interface ErrorKind {
  readonly exit: ExitCode;
  /** What it means, one sentence, for `docs/errors.md`. */
  readonly meaning: string;
  /** What to do, one sentence. It is the hint when the place that raises the error has no better one. */
  readonly remedy: string;
  /** True when the same call may succeed later without a change. */
  readonly retry?: boolean;
}

export interface ErrorDetails {
  readonly hint?: string;
  readonly cause?: unknown;
  readonly answer?: object;
}

export class HoldfastError extends Error {
  readonly code: string;
  readonly exit: ExitCode;
  readonly hint: string;
  readonly retry: boolean;
  /** What was found out before it failed (of a drill that proved nothing: the comparison); null for most errors. */
  readonly answer: object | null;

  constructor(code: string, kind: ErrorKind, message: string, details: ErrorDetails = {}) {
    super(message, details.cause === undefined ? undefined : { cause: details.cause });
    this.name = 'HoldfastError';
    this.code = code;
    this.exit = kind.exit;
    this.hint = details.hint ?? kind.remedy;
    this.retry = kind.retry ?? false;
    this.answer = details.answer ?? null;
  }
}

/** The same error, with what was found out. */
export function withAnswer(error: HoldfastError, answer: object): HoldfastError {
  const { code, exit, hint, retry, message, cause } = error;
  return new HoldfastError(code, { exit, meaning: '', remedy: hint, retry }, message, { cause, answer });
}

export type ErrorCatalogue = Readonly<Record<string, ErrorKind>>;

export interface DeclaredErrors<K extends string> {
  /** The declarations, for the generated document and the uniqueness test. */
  readonly catalogue: Readonly<Record<K, ErrorKind>>;
  /** Makes the error; the caller throws it. */
  make(code: K, message: string, details?: ErrorDetails): HoldfastError;
}

/** Declares a folder's errors. Codes are kebab-case and unique over the whole program. */
export function declareErrors<const T extends ErrorCatalogue>(catalogue: T): DeclaredErrors<keyof T & string> {
  return {
    catalogue,
    make: (code, message, details) => {
      const kind = catalogue[code];
      if (kind === undefined) throw new TypeError(`undeclared error code ${code}`);
      return new HoldfastError(code, kind, message, details);
    },
  };
}

/** The text of anything that was thrown. */
export function messageOf(thrown: unknown): string {
  return thrown instanceof Error ? thrown.message : String(thrown);
}
