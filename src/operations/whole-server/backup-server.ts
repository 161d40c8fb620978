/**
 * A backup of every database of a server. Each is a backup of its own, in its own place; one that fails stops no other, and
 * makes the whole a failure. Only an interruption ends it all.
 */

import { HoldfastError } from '../../domain/error.ts';
import type { Finding } from '../../domain/finding.ts';
import { countOf } from '../../domain/amounts.ts';
import type { Manifest } from '../../domain/manifest.ts';
import type { Work } from '../../domain/work.ts';
import type { ServerDatabase, ServerFace, ServerListing, TargetSpec } from '../../engine/engine.ts';
import type { Repository } from '../../repository/repository.ts';
import { backup, type BackupRequest, type BackupResult } from '../backup.ts';
import { operationErrors } from '../errors.ts';
import { existingRepository } from '../existing-repository.ts';
import type { Parts } from '../parts.ts';
import { leftOutFindings, otherServerFindings } from './left-out.ts';
import { placeNames } from './place-names.ts';

export interface ServerBackupRequest {
  readonly target: TargetSpec;
  /** Patterns for names of databases, as psql reads them. */
  readonly exclude: readonly string[];
  /** The place in the repository that the settings give a database; null: none. */
  configuredName(database: ServerDatabase): string | null;
  /** How one database is backed up; `place` is its name in the repository. */
  requestFor(database: ServerDatabase, place: string): BackupRequest;
  /** What to call anything that was thrown. */
  errorOf(thrown: unknown): HoldfastError;
  /** Called as soon as it is known what became of one. */
  readonly onOutcome?: (outcome: DatabaseOutcome) => void;
}

/** `gone`: it was dropped after the databases were listed. */
export type DatabaseOutcome = BackedUpDatabase | LostDatabase;

interface BackedUpDatabase {
  readonly outcome: 'backed-up';
  /** On the server. */
  readonly name: string;
  /** In the repository. */
  readonly place: string;
  readonly result: BackupResult;
}

interface LostDatabase extends Omit<BackedUpDatabase, 'outcome' | 'result'> {
  readonly outcome: 'failed' | 'gone';
  readonly error: HoldfastError;
}

interface PlacedDatabase extends ServerDatabase {
  readonly place: string;
  /** The address of another server whose backups are in this place; null: none are known. */
  readonly otherServer: string | null;
}

export interface PlannedServer {
  readonly listing: ServerListing;
  /** In the order of the work. */
  readonly databases: readonly PlacedDatabase[];
  readonly findings: readonly Finding[];
}

export interface ServerBackupResult extends PlannedServer {
  readonly repository: string;
  readonly outcomes: readonly DatabaseOutcome[];
  readonly durationMs: number;
}

/** What a backup of the whole server would do now. Throws `not-a-server` (2), and what says why nobody can be asked. */
export async function planServer(
  request: Pick<ServerBackupRequest, 'target' | 'exclude' | 'configuredName'>,
  parts: Parts,
  work: Work,
): Promise<PlannedServer> {
  const module = parts.engines.forUrl(request.target.url);
  if (module.server === undefined) {
    const { label } = module.open(request.target).target;
    throw operationErrors.make('not-a-server', `${label} is one database, not a server with several`);
  }
  const listing = await listServer(module.server, request, work);
  const newestIn = newestManifests(await existingRepository(parts), work);
  const places = await placeNames(
    listing.databases.map((each) => ({ name: each.name, configured: request.configuredName(each) })),
    async (place) => ownerOf(await newestIn(place), place, module.kind),
  );
  const databases: PlacedDatabase[] = [];
  for (const each of listing.databases) {
    const place = places.get(each.name) ?? each.name;
    // A place that the settings give it is its own, however the server is called there.
    const isGiven = request.configuredName(each) !== null;
    const address = isGiven ? null : ((await newestIn(place))?.origin.address ?? null);
    databases.push({ ...each, place, otherServer: address === listing.server ? null : address });
  }
  return { listing, databases, findings: [...leftOutFindings(listing), ...otherServerFindings(databases)] };
}

/** Throws what `planServer` throws, and the interruption. What fails of single databases is in the result. */
export async function backupServer(
  request: ServerBackupRequest,
  parts: Parts,
  work: Work,
): Promise<ServerBackupResult> {
  const startedMs = parts.clock.monotonicMs();
  const plan = await planServer(request, parts, work);
  if (plan.databases.length === 0) {
    throw operationErrors.make('no-databases', `${plan.listing.server} has no database to back up`);
  }
  const outcomes: DatabaseOutcome[] = [];
  for (const database of plan.databases) {
    const outcome = await backupOne(database, request, parts, work);
    outcomes.push(outcome);
    request.onOutcome?.(outcome);
  }
  const repository = await parts.repository({ create: true });
  const durationMs = parts.clock.monotonicMs() - startedMs;
  return { ...plan, repository: repository.label, outcomes, durationMs };
}

/** `databases-failed` (1), which names each; null when none failed. */
export function serverFailure({ outcomes, listing }: ServerBackupResult): HoldfastError | null {
  const failed = outcomes.flatMap((one) => (one.outcome === 'failed' ? [one] : []));
  if (failed.length === 0) return null;
  const good = outcomes.filter(({ outcome }) => outcome === 'backed-up').map(({ name }) => name);
  const list = failed.map(({ name, error }) => `${name} (${error.code}: ${error.message})`).join('; ');
  const rest = good.length === 0 ? 'none was backed up' : `backed up, and whole: ${good.join(', ')}`;
  const count = `${String(failed.length)} of ${countOf(outcomes.length, 'database')} of ${listing.server}`;
  const [first] = failed;
  const hint = failed.length === 1 && first !== undefined ? first.error.hint : null;
  return operationErrors.make(
    'databases-failed',
    `${count} could not be backed up: ${list}; ${rest}`,
    hint === null ? {} : { hint },
  );
}

async function backupOne(
  { name, target, place, otherServer }: PlacedDatabase,
  request: ServerBackupRequest,
  parts: Parts,
  work: Work,
): Promise<DatabaseOutcome> {
  work.report({ kind: 'step', text: `backing up ${name}` });
  try {
    const wanted = request.requestFor({ name, target }, place);
    // Nobody's rules may count, and delete, what another server's database has in the same place.
    const result = await backup(otherServer === null ? wanted : { ...wanted, keep: null }, parts, work);
    return { outcome: 'backed-up', name, place, result };
  } catch (thrown) {
    work.signal.throwIfAborted();
    const error = request.errorOf(thrown);
    const outcome = (await isGone(name, request, parts, work)) ? 'gone' : 'failed';
    return { outcome, name, place, error };
  }
}

/** True only when the server itself says that there is no such database any more. */
async function isGone(name: string, request: ServerBackupRequest, parts: Parts, work: Work): Promise<boolean> {
  const { server } = parts.engines.forUrl(request.target.url);
  if (server === undefined) return false;
  try {
    const { databases, leftOut } = await server.list(request.target, request.exclude, work);
    return ![...databases, ...leftOut].some((each) => each.name === name);
  } catch (thrown) {
    work.signal.throwIfAborted();
    // Nobody can say: then it failed, for the reason that is known.
    if (thrown instanceof HoldfastError) return false;
    throw thrown;
  }
}

async function listServer(
  server: ServerFace,
  { target, exclude }: Pick<ServerBackupRequest, 'target' | 'exclude'>,
  work: Work,
): Promise<ServerListing> {
  work.report({ kind: 'step', text: 'listing the databases of the server' });
  return server.list(target, exclude, work);
}

type NewestIn = (place: string) => Promise<Manifest | null>;

/** Each place is looked into once. */
function newestManifests(repository: Repository | null, work: Work): NewestIn {
  const found = new Map<string, Promise<Manifest | null>>();
  const lookUp = async (place: string): Promise<Manifest | null> => {
    const listed = await repository?.list({ database: place, newest: 1 }, work.signal);
    return listed?.backups[0]?.manifest ?? null;
  };
  return (place) => {
    const newest = found.get(place) ?? lookUp(place);
    found.set(place, newest);
    return newest;
  };
}

/** Backups of another kind of database are somebody else's as well. */
function ownerOf(newest: Manifest | null, place: string, engine: string): string | null {
  if (newest === null) return null;
  return newest.engine === engine ? newest.origin.databaseName : `${newest.engine}:${place}`;
}
