/**
 * One PostgreSQL database as an `Engine`. Every method is a function in its folder, loaded when it is called: naming a
 * target must not cost the driver's start.
 */

import type { Work } from '../../domain/work.ts';
import type { Engine, GlobalsFace, TableRequest, Target, TargetSpec } from '../engine.ts';
import {
  describeAddress,
  isOnThisMachine,
  readAddress,
  serverPlace,
  type PgAddress,
  type ReadAddress,
} from './connection/address.ts';
import type { PostgresParts } from './postgres-parts.ts';
import type { RestoreContext } from './restore/context.ts';
import { keepReached, withReached } from './via/reach.ts';
import { describePrefix } from './via/via.ts';

export const postgresKind = 'postgres';

/** For what connects to the server. */
type OnServer = <T>(work: Work, action: (context: RestoreContext) => Promise<T>) => Promise<T>;

/** Throws `invalid-target`. */
export function openPostgres(spec: TargetSpec, parts: PostgresParts): Engine {
  const read = readAddress(spec);
  const { environment } = parts;
  const on: OnServer = (work, action) =>
    withReached(read, work.signal, ({ address }) => action(restoreContext(address, parts)));
  return {
    kind: postgresKind,
    target: describeTarget(read.address, spec),
    inspect: async (purpose, work) => {
      const { inspectSource } = await import('./preflight/inspect.ts');
      return withReached(read, work.signal, (reached) => inspectSource(reached, purpose, environment, work));
    },
    backup: async (request, sink, work) => {
      const { backupDatabase } = await import('./dump/backup.ts');
      return withReached(read, work.signal, (reached) =>
        backupDatabase(request, { read: reached, environment, sink }, work),
      );
    },
    ...damageMethods(read, parts),
    planRestore: async (request, source, work) => {
      if (request.destination.kind === 'in-place') {
        const { planInPlace } = await import('./restore/inplace/plan-in-place.ts');
        return on(work, (context) => planInPlace(context, request, source, work));
      }
      const { planRestore } = await import('./restore/plan-restore.ts');
      return on(work, (context) => planRestore(context, request, source, work));
    },
    restore: async (plan, source, work, whenStill = nothing) => {
      if (plan.request.destination.kind === 'in-place') {
        const { restoreInPlace } = await import('./restore/inplace/restore-in-place.ts');
        return keepReached(read, work.signal, ({ address }) =>
          restoreInPlace(restoreContext(address, parts), plan, source, whenStill, work),
        );
      }
      const { restoreBeside } = await import('./restore/restore-beside.ts');
      return keepReached(read, work.signal, ({ address }) =>
        restoreBeside(restoreContext(address, parts), plan, source, work),
      );
    },
    globals: globalsFace(on),
    ...tableMethods(read, parts, on),
    ...keptMethods(on),
  };
}

function damageMethods(read: ReadAddress, parts: PostgresParts): Pick<Engine, 'assess' | 'salvage'> {
  const { clock, environment } = parts;
  return {
    assess: async (work) => {
      const { assessDamage } = await import('./damage/assess.ts');
      return withReached(read, work.signal, ({ address }) => assessDamage(address, clock, work));
    },
    salvage: async (request, sink, work) => {
      const { salvageDatabase } = await import('./damage/salvage.ts');
      return withReached(read, work.signal, ({ address }) =>
        salvageDatabase(request, { address, environment, sink, clock }, work),
      );
    },
  };
}

function globalsFace(on: OnServer): GlobalsFace {
  return {
    plan: async (request, source, work) => {
      const { planGlobals } = await import('./globals/restore-globals.ts');
      return on(work, (context) => planGlobals(context, request, source, work));
    },
    restore: async (request, source, work) => {
      const { restoreGlobals } = await import('./globals/restore-globals.ts');
      return on(work, (context) => restoreGlobals(context, request, source, work));
    },
  };
}

function tableMethods(
  read: ReadAddress,
  parts: PostgresParts,
  on: OnServer,
): Pick<Engine, 'planTables' | 'restoreTables'> {
  return {
    planTables: async (request, source, work) => {
      const { planTables } = await import('./restore/tables/plan-tables.ts');
      const action = (context: RestoreContext): ReturnType<typeof planTables> =>
        planTables(context, request, source, work);
      return needsServer(request) ? on(work, action) : action(restoreContext(read.address, parts));
    },
    restoreTables: async (request, source, work) => {
      const { restoreTables } = await import('./restore/tables/restore-tables.ts');
      const action = (context: RestoreContext): ReturnType<typeof restoreTables> =>
        restoreTables(context, request, source, work);
      return needsServer(request) ? on(work, action) : action(restoreContext(read.address, parts));
    },
  };
}

function keptMethods(on: OnServer): Pick<Engine, 'kept' | 'undo' | 'dropKept' | 'leftovers'> {
  return {
    kept: async (work) => {
      const { listKept } = await import('./restore/kept.ts');
      return on(work, (context) => listKept(context, work));
    },
    undo: async (work) => {
      const { undoRestore } = await import('./restore/kept.ts');
      return on(work, (context) => undoRestore(context, work));
    },
    dropKept: async (name, work) => {
      const { dropKept } = await import('./restore/kept.ts');
      return on(work, (context) => dropKept(context, name));
    },
    leftovers: async (work) => {
      const { findLeftovers } = await import('./restore/kept.ts');
      return on(work, (context) => findLeftovers(context, work));
    },
  };
}

/** Tables that go into a file need none. */
function needsServer({ destination }: TableRequest): boolean {
  return destination.kind !== 'file';
}

async function nothing(): Promise<void> {
  await Promise.resolve();
}

export function restoreContext(address: PgAddress, parts: PostgresParts): RestoreContext {
  return { address, label: describeAddress(address), ...parts };
}

function describeTarget(address: PgAddress, spec: TargetSpec): Target {
  const { via } = address;
  const { host, port } = serverPlace(address);
  // The socket and the loopback addresses of one port are one server.
  const place = isOnThisMachine(host) ? 'local' : host.toLowerCase();
  const there = via === undefined ? [] : [describePrefix(via.prefix)];
  return {
    label: describeAddress(address),
    origin: spec.origin,
    databaseName: address.database,
    identity: JSON.stringify([postgresKind, ...there, place, port, address.database]),
  };
}
