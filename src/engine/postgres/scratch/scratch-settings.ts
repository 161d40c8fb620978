/**
 * How a throwaway server is set up: fast, small, and deaf to everything a restored database may have been part of
 * (PostgreSQL documentation, "Server Configuration"; restored servers are dangerous neighbours).
 */

import { totalmem } from 'node:os';

/** The bootstrap superuser: a name that no backup's role has. */
export const scratchSuperuser = 'holdfast_scratch';

const mebibyte = 1024 * 1024;

/** Extensions whose CREATE EXTENSION fails unless the server loaded their library when it started. */
const preloaded: ReadonlySet<string> = new Set(['citus', 'pg_cron', 'pgaudit', 'timescaledb']);

export function librariesToPreload(extensions: readonly string[]): readonly string[] {
  return extensions.filter((name) => preloaded.has(name));
}

export function scratchSettings(
  major: number,
  socket: string,
  preload: readonly string[],
): readonly (readonly [name: string, value: string])[] {
  return [
    ['listen_addresses', ''],
    ['unix_socket_directories', socket.replaceAll(',', '\\,')],
    ['unix_socket_permissions', '0700'],
    ['port', '5432'],
    ['fsync', 'off'],
    ['full_page_writes', 'off'],
    ['synchronous_commit', 'off'],
    ['wal_level', 'minimal'],
    ['max_wal_senders', '0'],
    ['archive_mode', 'off'],
    ['max_logical_replication_workers', '0'],
    ['primary_conninfo', ''],
    ['synchronous_standby_names', ''],
    ['ssl', 'off'],
    ['autovacuum', 'off'],
    ['checkpoint_timeout', '1h'],
    ['jit', 'off'],
    ['max_connections', '60'],
    // Many partitions are locked at once when they are compared or analysed.
    ['max_locks_per_transaction', '1024'],
    ['shared_buffers', `${String(megabytes(16, 128, 512))}MB`],
    ['maintenance_work_mem', `${String(megabytes(32, 64, 256))}MB`],
    ['logging_collector', 'off'],
    ['log_min_error_statement', 'panic'],
    ['shared_preload_libraries', preload.join(',')],
    ...(preload.includes('pg_cron') ? ([['cron.launch_active_jobs', 'off']] as const) : []),
    ...(major >= 14 ? ([['client_connection_check_interval', '10s']] as const) : []),
  ];
}

/** A share of the machine's memory, within limits. */
function megabytes(share: number, least: number, most: number): number {
  return Math.min(most, Math.max(least, Math.floor(totalmem() / share / mebibyte)));
}
