/** `backup --salvage`: what still reads of a damaged database, table by table, and a list of what does not. */

import type { ArtifactSink } from '../../../domain/artifact.ts';
import type { Clock } from '../../../domain/clock.ts';
import type { SalvageRecord } from '../../../domain/damage.ts';
import { HoldfastError } from '../../../domain/error.ts';
import type { Finding } from '../../../domain/finding.ts';
import type { Fingerprint } from '../../../domain/fingerprint.ts';
import type { BackupNeeds, BackupOrigin } from '../../../domain/manifest.ts';
import { salvageScope } from '../../../domain/scope.ts';
import type { Work } from '../../../domain/work.ts';
import type { SalvageOutcome, SalvageRequest } from '../../engine.ts';
import type { ClientTools } from '../client-tools.ts';
import { describePlace, type PgAddress } from '../connection/address.ts';
import { globalsSpec } from '../dump/artifact-specs.ts';
import { dumpGlobals } from '../dump/globals.ts';
import { readNeeds } from '../dump/needs.ts';
import { findTools } from '../via/find-tools.ts';
import { snapshotFindings } from './assess.ts';
import { readDefinitions } from './definitions.ts';
import { openListing, type Listing } from './open-listing.ts';
import { nothingSaved, writeSalvage, type Saved } from './write-salvage.ts';

export interface SalvageParts {
  readonly address: PgAddress;
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly sink: ArtifactSink;
  readonly clock: Clock;
}

const noNeeds: BackupNeeds = { roles: [], tablespaces: [], extensions: [] };

export async function salvageDatabase(
  request: SalvageRequest,
  parts: SalvageParts,
  work: Work,
): Promise<SalvageOutcome> {
  work.report({ kind: 'step', text: `looking what there is in ${parts.address.database}` });
  await using listing = await openListing(parts.address, parts.clock, work);
  const { session, listed, form } = listing;
  const { address } = session;
  const tools = await otherwise<ClientTools | null>(
    null,
    () => findTools(address, form.major, parts.environment, work.signal),
    work,
  );
  work.report({ kind: 'step', text: 'reading the definitions' });
  const { owners, privileges } = request;
  const definitions = await readDefinitions({ session, listed, tools, owners, privileges }, work.signal);
  const globals = await saveGlobals(request, { ...parts, address }, tools, work);
  const needs = await otherwise(
    noNeeds,
    () => session.attempt(() => readNeeds(session.current, { ...request, scope: salvageScope }, []), needsPatienceMs),
    work,
  );
  const saved = nothingSaved();
  const spec = {
    name: `${request.stem}.sql.zst`,
    role: 'sql',
    compression: { kind: 'zstd', level: request.zstdLevel },
  } as const;
  await parts.sink.write(spec, writeSalvage(listing, { ...definitions, owners }, saved, work), {
    ...work,
    report: () => undefined,
  });
  const salvage: SalvageRecord = {
    definitions: definitions.source,
    tables: saved.readings,
    failures: [...listed.failures, ...definitions.failures, ...saved.failures],
  };
  return {
    kind: 'dump',
    origin: await describeOrigin(listing, definitions.source),
    needs,
    salvage,
    fingerprint: fingerprintOf(saved, salvage),
    findings: [
      ...listing.findings,
      ...definitions.findings,
      ...globals,
      ...saved.findings,
      ...snapshotFindings(session),
    ],
  };
}

function fingerprintOf({ tables, largeObjects, sequences }: Saved, salvage: SalvageRecord): Fingerprint {
  return {
    version: 1,
    engine: 'postgres',
    mode: 'content',
    encoding: 'UTF8',
    basis: 'rows counted and hashed as they were saved from a damaged database',
    tables,
    largeObjects,
    sequences,
    objects: [],
    salvage,
  };
}

const needsPatienceMs = 60_000;

/** What does not read is no reason to save nothing. */
async function otherwise<T>(fallback: T, action: () => Promise<T>, work: Work): Promise<T> {
  try {
    return await action();
  } catch (thrown) {
    work.signal.throwIfAborted();
    if (!(thrown instanceof HoldfastError) || thrown.code === 'server-gone') throw thrown;
    work.report({ kind: 'note', level: 'warn', text: thrown.message });
    return fallback;
  }
}

async function saveGlobals(
  request: SalvageRequest,
  { address, sink }: SalvageParts,
  tools: ClientTools | null,
  work: Work,
): Promise<readonly Finding[]> {
  if (tools === null) return [withoutGlobals('there is no pg_dumpall that fits')];
  try {
    return (await dumpGlobals({ address, tools, sink, mayReadPasswords: true }, globalsSpec(request), work)).findings;
  } catch (thrown) {
    work.signal.throwIfAborted();
    if (!(thrown instanceof HoldfastError)) throw thrown;
    return [withoutGlobals(thrown.message)];
  }
}

function withoutGlobals(why: string): Finding {
  return {
    severity: 'warning',
    code: 'globals-not-saved',
    message: `roles and settings of the server could not be saved: ${why}`,
    hint: 'An older backup has them.',
  };
}

async function describeOrigin({ session, listed }: Listing, tool: string): Promise<BackupOrigin> {
  const [row] = await session.query<{ version: string; number: number; database: string }>(
    `select current_setting('server_version') as version, current_setting('server_version_num')::int as number,
            current_database()::text as database`,
  );
  return {
    product: 'PostgreSQL',
    version: (row?.version ?? '').split(' ')[0] ?? '',
    majorVersion: Math.floor((row?.number ?? 0) / 10_000),
    databaseName: row?.database ?? session.address.database,
    address: describePlace(session.address),
    sizeBytes: listed.tables.reduce((sum, { sizeBytes }) => sum + (sizeBytes ?? 0), 0),
    tool: tool.startsWith('pg_dump') ? tool : 'Holdfast salvage',
  };
}
