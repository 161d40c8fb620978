/**
 * Settings that decide how pg_dump's COPY writes values, and that it takes from the server's, the database's or the role's
 * defaults. With these its text is what our own sessions read (session.ts), so that hashes of the two can be compared.
 * DateStyle, IntervalStyle and extra_float_digits are set by pg_dump itself (pg_dump.c, setup_connection).
 */

import type { Session } from '../connection/session.ts';

const wanted: Readonly<Record<string, string>> = { bytea_output: 'hex', quote_all_identifiers: 'off' };

/**
 * Environment for pg_dump. The time zone goes as a parameter that poolers know; the others only where a default differs,
 * because some poolers refuse a connection that brings options.
 */
export async function textSettings(session: Session): Promise<Readonly<Record<string, string>>> {
  const rows = await session.query<{ name: string; default_value: string }>(
    'select name, reset_val as default_value from pg_settings where name = any ($1::text[])',
    [Object.keys(wanted)],
  );
  const differing = rows.filter(({ name, default_value }) => wanted[name] !== default_value);
  const options = differing.map(({ name }) => `-c ${name}=${wanted[name] ?? ''}`).join(' ');
  const given = session.address.options['PGOPTIONS'];
  return {
    PGTZ: 'UTC',
    ...(options === '' ? {} : { PGOPTIONS: given === undefined ? options : `${given} ${options}` }),
  };
}
