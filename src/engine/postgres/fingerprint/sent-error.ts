/** An error on its way from a worker thread: cloning would lose what kind it was. */

import { HoldfastError, messageOf, type ExitCode } from '../../../domain/error.ts';

export interface SentError {
  /** Null for what is none of ours: a defect. */
  readonly kind: {
    readonly code: string;
    readonly exit: ExitCode;
    readonly hint: string;
    readonly retry: boolean;
  } | null;
  readonly message: string;
  readonly cause: unknown;
}

export function packError(thrown: unknown): SentError {
  if (!(thrown instanceof HoldfastError)) return { kind: null, message: messageOf(thrown), cause: undefined };
  const { code, exit, hint, retry, message } = thrown;
  return { kind: { code, exit, hint, retry }, message, cause: packCause(thrown.cause) };
}

export function unpackError(sent: SentError): Error {
  if (sent.kind === null) return new Error(sent.message);
  const { code, exit, hint, retry } = sent.kind;
  return new HoldfastError(code, { exit, meaning: '', remedy: hint, retry }, sent.message, {
    hint,
    cause: sent.cause,
  });
}

/** Of a server's error its code is what decides further on. */
function packCause(cause: unknown): unknown {
  if (typeof cause !== 'object' || cause === null) return undefined;
  const code: unknown = Reflect.get(cause, 'code');
  return { message: messageOf(cause), ...(typeof code === 'string' ? { code } : {}) };
}
