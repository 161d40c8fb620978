/** The body of an ErrorResponse, where the driver itself does not read the server's messages. */

import { DatabaseError } from 'pg';

const errorFields: Readonly<Record<string, keyof DatabaseError>> = {
  S: 'severity',
  C: 'code',
  D: 'detail',
  H: 'hint',
  W: 'where',
  s: 'schema',
  t: 'table',
  c: 'column',
  R: 'routine',
};

/** Fields of a code byte and a string each (documentation, "Error and Notice Message Fields"). */
export function readErrorMessage(body: Buffer): DatabaseError {
  const fields = new Map<string, string>();
  for (let at = 0; at < body.length && body[at] !== 0; ) {
    const end = body.indexOf(0, at + 1);
    const stop = end === -1 ? body.length : end;
    fields.set(String.fromCharCode(body[at] ?? 0), body.toString('utf8', at + 1, stop));
    at = stop + 1;
  }
  const error = new DatabaseError(fields.get('M') ?? 'an error without a message', body.length, 'error');
  return Object.assign(
    error,
    Object.fromEntries(Object.entries(errorFields).map(([code, name]) => [name, fields.get(code)])),
  );
}
