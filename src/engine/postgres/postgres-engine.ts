/**
 * One PostgreSQL database as an `Engine`. Every method is a function in its folder, loaded when it is called: naming a
 * target must not cost the driver's start.
 */

import type { Engine, Target, TargetSpec } from '../engine.ts';
import { describeAddress, isSocketDirectory, readAddress, type PgAddress } from './connection/address.ts';
import type { PostgresParts } from './postgres-parts.ts';
import type { RestoreContext } from './restore/context.ts';

export const postgresKind = 'postgres';

/** Throws `invalid-target`. */
export function openPostgres(spec: TargetSpec, parts: PostgresParts): Engine {
  const read = readAddress(spec);
  const context = restoreContext(read.address, parts);
  return {
    kind: postgresKind,
    target: describeTarget(read.address, spec),
    inspect: async (purpose, work) =>
      (await import('./preflight/inspect.ts')).inspectSource(read, purpose, parts.environment, work),
    backup: async (request, sink, work) =>
      (await import('./dump/backup.ts')).backupDatabase(request, { read, environment: parts.environment, sink }, work),
    planRestore: async (request, source, work) =>
      request.destination.kind === 'in-place'
        ? (await import('./restore/inplace/plan-in-place.ts')).planInPlace(context, request, source, work)
        : (await import('./restore/plan-restore.ts')).planRestore(context, request, source, work),
    restore: async (plan, source, work, whenStill = nothing) =>
      plan.request.destination.kind === 'in-place'
        ? (await import('./restore/inplace/restore-in-place.ts')).restoreInPlace(context, plan, source, whenStill, work)
        : (await import('./restore/restore-beside.ts')).restoreBeside(context, plan, source, work),
    planTables: async (request, source, work) =>
      (await import('./restore/tables/plan-tables.ts')).planTables(context, request, source, work),
    restoreTables: async (request, source, work) =>
      (await import('./restore/tables/restore-tables.ts')).restoreTables(context, request, source, work),
    kept: async (work) => (await import('./restore/kept.ts')).listKept(context, work),
    undo: async (work) => (await import('./restore/kept.ts')).undoRestore(context, work),
    dropKept: async (name) => (await import('./restore/kept.ts')).dropKept(context, name),
    leftovers: async (work) => (await import('./restore/kept.ts')).findLeftovers(context, work),
  };
}

async function nothing(): Promise<void> {
  await Promise.resolve();
}

export function restoreContext(address: PgAddress, parts: PostgresParts): RestoreContext {
  return { address, label: describeAddress(address), ...parts };
}

function describeTarget(address: PgAddress, spec: TargetSpec): Target {
  // The socket and the loopback addresses of one port are one server.
  const isHere = isSocketDirectory(address.host) || ['localhost', '127.0.0.1', '::1'].includes(address.host);
  const place = isHere ? 'local' : address.host.toLowerCase();
  return {
    label: describeAddress(address),
    origin: spec.origin,
    databaseName: address.database,
    identity: JSON.stringify([postgresKind, place, address.port, address.database]),
  };
}
