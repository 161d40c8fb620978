/** Where a drill restores to. */

import { isSameTarget } from '../config/same-target.ts';
import type { ScratchPlace, TargetSpec } from '../engine/engine.ts';
import type { ForeignFile } from '../operations/foreign/open-file.ts';
import { noChecks, type DrillChecks } from '../operations/drill-checks.ts';
import type { Parts } from '../operations/parts.ts';
import type { Chosen } from './choose.ts';
import { requestErrors } from './errors.ts';

export interface PlaceWishes {
  /** A server to make the scratch database on; null leaves it to the settings. */
  readonly on: TargetSpec | null;
  /** A staging database, which is replaced and stays; null for none. */
  readonly to: TargetSpec | null;
}

/** Throws `usage` when the staging database is the very one the backups are of. */
export function drillPlace({ on, to }: PlaceWishes, chosen: Chosen): ScratchPlace {
  if (to !== null) {
    refuseSource(to, chosen);
    return { kind: 'staging', target: to };
  }
  const server = on ?? chosen.configuration.drillOn;
  return server === null ? { kind: 'local' } : { kind: 'server', target: server };
}

/** A staging database is dropped for the copy: that must never be the database the backups are of. */
function refuseSource(target: TargetSpec, { settings, database }: Chosen): void {
  const source = settings?.target ?? null;
  if (source === null || !isSameTarget(target, source)) return;
  throw requestErrors.make('usage', `--to names ${database ?? 'the database'} itself, which a drill would drop`, {
    hint: 'Name another database, or use `holdfast restore`, which keeps the replaced one.',
  });
}

/** The checks of the configuration speak the language of the database they are for. */
export function checksFor(file: ForeignFile, { settings }: Chosen, { engines }: Parts): DrillChecks {
  if (settings === null) return noChecks;
  if (settings.target === null) return settings.checks;
  return engines.forUrl(settings.target.url).kind === file.module.kind ? settings.checks : noChecks;
}

/** A scratch place on a named server is for databases of its kind. */
export function demandFitting(place: ScratchPlace, file: ForeignFile): void {
  if (place.kind === 'local' || file.module.accepts(place.target.url)) return;
  const message = `${place.target.origin} names a place for another kind of database than the file holds`;
  throw requestErrors.make('usage', message, { hint: 'Leave it out: the drill then makes a place of its own.' });
}
