/**
 * libpq's parameters that have an environment variable (PostgreSQL documentation, libpq, 34.15), without those that
 * the address itself carries. Parameters that are not here (`schema`, `pgbouncer`, `connection_limit`, `pool_timeout` of
 * Prisma and others) mean nothing to libpq and are left out.
 */
export const environmentOfParameter: readonly (readonly [parameter: string, variable: string])[] = [
  ['sslrootcert', 'PGSSLROOTCERT'],
  ['sslcert', 'PGSSLCERT'],
  ['sslkey', 'PGSSLKEY'],
  ['sslcrl', 'PGSSLCRL'],
  ['sslcrldir', 'PGSSLCRLDIR'],
  ['sslsni', 'PGSSLSNI'],
  ['sslcertmode', 'PGSSLCERTMODE'],
  ['sslnegotiation', 'PGSSLNEGOTIATION'],
  ['ssl_min_protocol_version', 'PGSSLMINPROTOCOLVERSION'],
  ['ssl_max_protocol_version', 'PGSSLMAXPROTOCOLVERSION'],
  ['channel_binding', 'PGCHANNELBINDING'],
  ['require_auth', 'PGREQUIREAUTH'],
  ['requirepeer', 'PGREQUIREPEER'],
  ['gssencmode', 'PGGSSENCMODE'],
  ['krbsrvname', 'PGKRBSRVNAME'],
  ['gsslib', 'PGGSSLIB'],
  ['connect_timeout', 'PGCONNECT_TIMEOUT'],
  ['application_name', 'PGAPPNAME'],
  ['options', 'PGOPTIONS'],
  ['passfile', 'PGPASSFILE'],
  ['target_session_attrs', 'PGTARGETSESSIONATTRS'],
];
