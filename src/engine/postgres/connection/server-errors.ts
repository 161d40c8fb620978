/**
 * Turns what the driver throws into errors that say what to do. Decided by SQLSTATE (PostgreSQL documentation, Appendix
 * A) and by the server routine that raised it, never by the message's language. No text here ever holds a password.
 */

import { HoldfastError, messageOf } from '../../../domain/error.ts';
import { postgresErrors } from '../errors.ts';
import { unreachableHint } from '../../hosting.ts';
import { describePlace, serverPlace, type PgAddress } from './address.ts';

/** SQLSTATE of a server error, Node's code of a socket error, or null; looks through our own errors. */
export function errorCodeOf(thrown: unknown): string | null {
  const field = textField(thrown, 'code');
  if (thrown instanceof HoldfastError) return thrown.cause === undefined ? null : errorCodeOf(thrown.cause);
  return field;
}

/** What to throw when connecting failed. */
export function connectError(thrown: unknown, address: PgAddress): HoldfastError {
  if (thrown instanceof HoldfastError) return thrown;
  const code = errorCodeOf(thrown) ?? '';
  const place = describePlace(address);
  const cause = { cause: thrown };
  const said = oneLine(thrown, address);
  const refusal = refusalCode(thrown, code, said);
  switch (refusal) {
    case 'password-refused':
      return code === '28P01'
        ? postgresErrors.make(refusal, `${place} refused the password of user ${address.user}`, cause)
        : postgresErrors.make(refusal, `${place} wants a password and none was given`, cause);
    case 'role-missing':
      return postgresErrors.make(refusal, `${place} has no user named ${address.user}`, cause);
    case 'database-missing':
      return postgresErrors.make(refusal, `${place} has no database named ${address.database}`, cause);
    case 'server-unreachable': {
      const hint = unreachableHint(serverPlace(address).host);
      const details = hint === null ? cause : { ...cause, hint };
      return said === 'timeout expired'
        ? postgresErrors.make(refusal, `${place} did not answer in time`, details)
        : postgresErrors.make(refusal, `cannot connect to ${place}: ${socketReason(code) ?? said}`, details);
    }
    default:
      return postgresErrors.make(refusal, `${place}: ${said}`, cause);
  }
}

type Refusal =
  | 'password-refused'
  | 'role-missing'
  | 'access-refused'
  | 'database-missing'
  | 'too-many-connections'
  | 'server-starting'
  | 'tls-failed'
  | 'server-unreachable';

const refusals: Readonly<Record<string, Refusal>> = {
  '28P01': 'password-refused',
  '3D000': 'database-missing',
  '53300': 'too-many-connections',
  '57P03': 'server-starting',
  '42501': 'access-refused',
  '55000': 'access-refused',
};

function refusalCode(thrown: unknown, code: string, said: string): Refusal {
  const known = refusals[code];
  if (known !== undefined) return known;
  // One SQLSTATE for two things; the routine that raised it tells them apart.
  if (code === '28000') {
    return textField(thrown, 'routine') === 'InitializeSessionUserId' ? 'role-missing' : 'access-refused';
  }
  if (isTlsProblem(thrown, code)) return 'tls-failed';
  // The driver's own words when the server asks and there is nothing to say.
  if (/password must be a (?:non-empty )?string|empty password/.test(said)) return 'password-refused';
  return 'server-unreachable';
}

/** What to throw when a statement failed. */
export function queryError(thrown: unknown, address: PgAddress): HoldfastError {
  if (thrown instanceof HoldfastError) return thrown;
  const code = errorCodeOf(thrown) ?? '';
  const said = oneLine(thrown, address);
  if (isConnectionLoss(thrown, code)) return connectionLost(thrown, address);
  if (code === '55P03') return postgresErrors.make('lock-timeout', said, { cause: thrown });
  const place = textField(thrown, 'where');
  const where = place === null ? '' : ` (${place.split('\n')[0] ?? ''})`;
  return postgresErrors.make('query-failed', `${said}${where}`, { cause: thrown });
}

/** The error for a session that ended while it was needed. */
export function connectionLost(thrown: unknown, address: PgAddress): HoldfastError {
  const said = oneLine(thrown, address);
  return postgresErrors.make('server-gone', `the connection to ${describePlace(address)} was lost: ${said}`, {
    cause: thrown,
  });
}

/** Class 08 (connection), 57P01 to 57P05 (shutdown, crash, dropped database, idle timeout), 25P03 and 25P04, sockets. */
function isConnectionLoss(thrown: unknown, code: string): boolean {
  if (/^(?:08\w{3}|57P0[1245]|25P0[34]|ECONNRESET|EPIPE|ETIMEDOUT|ENETDOWN|EHOSTUNREACH)$/.test(code)) return true;
  return code === '' && /Connection terminated|not queryable|connection error/i.test(messageOf(thrown));
}

function isTlsProblem(thrown: unknown, code: string): boolean {
  return (
    /^(?:ERR_TLS|ERR_SSL|CERT_|DEPTH_ZERO|SELF_SIGNED|UNABLE_TO|ERR_OSSL|EPROTO|HOSTNAME_MISMATCH)/.test(code) ||
    /SSL connection/.test(messageOf(thrown))
  );
}

function socketReason(code: string): string | null {
  switch (code) {
    case 'ECONNREFUSED':
      return 'connection refused';
    case 'ENOENT':
      return 'there is no such socket';
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
      return 'the host name cannot be resolved';
    case 'ETIMEDOUT':
      return 'no answer';
    case 'EHOSTUNREACH':
    case 'ENETUNREACH':
      return 'there is no route to the host';
    case 'EACCES':
      return 'the socket may not be used by this user';
    default:
      return null;
  }
}

function oneLine(thrown: unknown, address: PgAddress): string {
  const first = thrown instanceof AggregateError ? (thrown.errors[0] as unknown) : thrown;
  const text = messageOf(first)
    .replaceAll(/\s*\n\s*/g, ' ')
    .trim();
  const password = address.password ?? '';
  return password.length < 4 ? text : text.replaceAll(password, '…');
}

function textField(thrown: unknown, name: string): string | null {
  if (typeof thrown !== 'object' || thrown === null) return null;
  const value: unknown = Reflect.get(thrown, name);
  return typeof value === 'string' && value !== '' ? value : null;
}
