/** A drill on a throwaway server of ours. */

import type { BackupSource } from '../../../domain/artifact.ts';
import type { Finding } from '../../../domain/finding.ts';
import type { Manifest } from '../../../domain/manifest.ts';
import type { Work } from '../../../domain/work.ts';
import type { RestoredCopy } from '../../engine.ts';
import type { ArchiveToc } from '../archive/toc.ts';
import { findServerBinaries, type ClientTools } from '../client-tools.ts';
import { withDatabase } from '../connection/address.ts';
import { openSession, type Session } from '../connection/session.ts';
import type { PostgresParts } from '../postgres-parts.ts';
import { chooseArtifact } from '../restore/load/choose-artifact.ts';
import { rolesInSettings, type DatabaseStatements } from '../restore/database/database-statements.ts';
import { fillDatabase } from '../restore/database/fill-database.ts';
import { makeRestoredCopy } from '../restore/database/restored-copy.ts';
import { scratchErrors } from './errors.ts';
import { startLocalServer, type LocalServer } from './local-server.ts';
import { refuseAdoption } from './refuse-adoption.ts';
import { createRoles, createTablespaces } from './scratch-roles.ts';
import { librariesToPreload } from './scratch-settings.ts';

/** Besides the database: the temporary archive, and what a new cluster takes. */
const clusterBytes = 200 * 1024 * 1024;

export async function restoreLocally(parts: PostgresParts, source: BackupSource, work: Work): Promise<RestoredCopy> {
  const { manifest } = source;
  const artifact = chooseArtifact(manifest, ['archive', 'sql']);
  const binaries = await findServerBinaries(manifest.origin.majorVersion, parts.environment);
  work.report({ kind: 'step', text: `starting a throwaway PostgreSQL ${binaries.version} server` });
  await using undo = new AsyncDisposableStack();
  const server = undo.use(
    await startLocalServer(
      {
        binaries,
        wantedBytes: manifest.origin.sizeBytes + artifact.plainBytes + clusterBytes,
        stateDirectory: parts.stateDirectory,
        preload: librariesToPreload(manifest.needs.extensions.map(({ name }) => name)),
      },
      work.signal,
    ),
  );
  await demandExtensions(server, binaries, manifest, work.signal);
  const name = databaseName(manifest);
  const notes: Finding[] = [];
  const address = withDatabase(server.address, name);
  const filled = await fillDatabase(
    { ...parts, address, label: `the throwaway server` },
    {
      source,
      name,
      owners: true,
      privileges: true,
      jobs: null,
      acceptPlainLocale: true,
      likeDatabase: null,
      beforeCreate: (session, toc, statements) => furnish(session, server, manifest, toc, statements, notes),
    },
    work,
  );
  undo.use(filled.guard);
  const kept = undo.move();
  return makeRestoredCopy({
    address,
    description: `throwaway PostgreSQL ${binaries.version} server`,
    restoreMs: filled.restoreMs,
    findings: [...notes, ...filled.findings],
    sourceMajor: manifest.origin.majorVersion,
    adopt: refuseAdoption,
    // It goes with its server.
    remove: () => Promise.resolve(),
    release: () => kept.disposeAsync(),
  });
}

/** Roles, tablespaces, and no setting that would keep sessions of this server from starting. */
async function furnish(
  session: Session,
  server: LocalServer,
  manifest: Manifest,
  toc: ArchiveToc | null,
  statements: DatabaseStatements,
  notes: Finding[],
): Promise<DatabaseStatements> {
  await createRoles(session, [...manifest.needs.roles, ...rolesInSettings(statements)], toc);
  await createTablespaces(session, server, manifest.needs.tablespaces);
  const isHarmless = (statement: string): boolean => !/\b(?:session|local)_preload_libraries\b/i.test(statement);
  const left = statements.properties.filter((statement) => !isHarmless(statement));
  for (const statement of left) notes.push(leftOut(statement));
  return { ...statements, properties: statements.properties.filter(isHarmless) };
}

/** The team's queries may ask for the database by name. */
function databaseName(manifest: Manifest): string {
  const { databaseName: name } = manifest.origin;
  return ['postgres', 'template0', 'template1'].includes(name) ? 'holdfast_drill' : name;
}

async function demandExtensions(
  server: LocalServer,
  binaries: ClientTools,
  manifest: Manifest,
  signal: AbortSignal,
): Promise<void> {
  const names = manifest.needs.extensions.map(({ name }) => name);
  if (names.length === 0) return;
  await using session = await openSession(server.address, { purpose: 'drill', signal });
  const rows = await session.query<{ name: string }>(
    'select unnest($1::text[]) as name except select name::text from pg_available_extensions order by 1',
    [names],
  );
  if (rows.length === 0) return;
  const missing = rows.map(({ name }) => name).join(', ');
  throw scratchErrors.make(
    'extension-missing',
    `the backup needs extension${rows.length === 1 ? '' : 's'} ${missing}, not installed for the PostgreSQL ${binaries.version} in ${binaries.directory}`,
    {
      hint: `Install the package that provides ${missing} for PostgreSQL ${String(binaries.major)} (Debian: apt-cache search postgresql-${String(binaries.major)}), or drill on a server that has it with --to.`,
    },
  );
}

function leftOut(statement: string): Finding {
  return {
    severity: 'note',
    code: 'scratch-setting-left-out',
    message: `a setting of the database was left out here, because it loads libraries into every session: ${statement}`,
    hint: '',
  };
}
