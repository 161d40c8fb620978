import { HoldfastError, messageOf } from '../domain/error.ts';
import { requestErrors } from './errors.ts';

/** What was thrown, or, once Ctrl-C was pressed, that: what fails after it fails because of it. */
export function asError(thrown: unknown, signal: AbortSignal): HoldfastError {
  const reason: unknown = signal.aborted ? signal.reason : null;
  if (reason instanceof HoldfastError) return reason;
  if (thrown instanceof HoldfastError) return thrown;
  return requestErrors.make('internal-error', `unexpected: ${messageOf(thrown)}`, { cause: thrown });
}

/** Nothing was begun: somebody said no, or has to say it differently. */
export function isRefusal({ code }: HoldfastError): boolean {
  return ['declined', 'usage', 'backup-not-named'].includes(code);
}
