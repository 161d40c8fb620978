import { HoldfastError, messageOf } from '../domain/error.ts';
import { cliErrors } from './errors.ts';

/** What was thrown, or, once Ctrl-C was pressed, that: what fails after it fails because of it. */
export function asError(thrown: unknown, signal: AbortSignal): HoldfastError {
  const reason: unknown = signal.aborted ? signal.reason : null;
  if (reason instanceof HoldfastError) return reason;
  if (thrown instanceof HoldfastError) return thrown;
  return cliErrors.make('internal-error', `unexpected: ${messageOf(thrown)}`, { cause: thrown });
}
