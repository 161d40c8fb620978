/**
 * The body of RESTORE.txt: commands of stock tools, filled in for one backup. Lines that begin with four spaces are
 * commands, each whole on its line, for /bin/sh in the backup's folder; libpq's environment variables say where to.
 */

import type { ArtifactRecord, ArtifactRole } from '../../../domain/artifact.ts';
import type { Manifest } from '../../../domain/manifest.ts';
import { describeScope } from '../../../domain/scope.ts';
import { quoteIdentifier } from '../quote.ts';
import { databaseArgument } from '../restore/load/conninfo.ts';

export function restoreInstructions(manifest: Manifest): string {
  const of = (role: ArtifactRole): ArtifactRecord | undefined => manifest.artifacts.find((one) => one.role === role);
  const [archive, globals] = [of('archive'), of('globals')];
  const scripts = manifest.artifacts.filter(({ role }) => role === 'sql');
  const sections = [
    introduction(manifest),
    checkSection(),
    ...(globals === undefined ? [] : [globalsSection(globals)]),
    ...(archive === undefined ? [] : [archiveSection(manifest, archive)]),
    ...scripts.map((script, at) => scriptSection(manifest, script, archive === undefined ? at : at + 1)),
  ];
  return `${sections.join('\n\n')}\n`;
}

/** A word of /bin/sh that means exactly this text. */
export function shellWord(text: string): string {
  return /^[A-Za-z0-9_@%+=:,./-]+$/.test(text) && !text.startsWith('-') ? text : `'${text.replaceAll("'", `'\\''`)}'`;
}

function introduction(manifest: Manifest): string {
  const { origin, needs, scope } = manifest;
  const part =
    scope.salvaged === true
      ? salvagedPart
      : scope.kind === 'whole'
        ? ''
        : `\nIt holds only a part of it: ${describeScope(scope)}.`;
  const wants = [
    ['roles', needs.roles.join(', ')],
    ['tablespaces', needs.tablespaces.join(', ')],
    ['extensions', needs.extensions.map(({ name, version }) => `${name} ${version}`).join(', ')],
  ].filter(([, names]) => names !== '');
  return [
    `This folder is a backup of the ${origin.product} ${origin.version} database ${JSON.stringify(origin.databaseName)}, made with ${origin.tool}.${part}`,
    '',
    'To restore it without Holdfast you need zstd (or gzip) and the client tools of the same or a newer major version of',
    'PostgreSQL, and a server of the same or a newer one. Run the commands in this folder. Say where the server is with',
    'PGHOST, PGPORT, PGUSER and PGPASSWORD (or ~/.pgpass); the user must be a superuser or own what it restores.',
    ...wants.map(([kind, names]) => `The server must have these ${String(kind)}: ${String(names)}`),
  ].join('\n');
}

const salvagedPart = `
It was SALVAGED from a damaged database: it holds what still read, and what did not is listed, table by table, in
fingerprint.json.zst (zstd -dc fingerprint.json.zst, "salvage"). The script stops at the first error until all rows are in;
then it goes on behind errors, because indexes and constraints may miss rows that were lost: look at what psql says.`;

function checkSection(): string {
  return ['Check that every byte is as it was written:', '', '    sha256sum -c SHA256SUMS'].join('\n');
}

function globalsSection(globals: ArtifactRecord): string {
  return [
    'On a new server, create the roles and tablespaces first. A role that is there already is an error, and none to worry',
    'about:',
    '',
    `    ${readCommand(globals)} | psql -X -d postgres`,
  ].join('\n');
}

function archiveSection(manifest: Manifest, archive: ArtifactRecord): string {
  const options = restoreOptions(manifest);
  if (manifest.scope.kind !== 'whole') return partSection(manifest, archive);
  const file = shellWord(`/tmp/${archive.name.replace(/\.(?:zst|gz)$/, '')}`);
  return [
    `Restore it under its own name, ${JSON.stringify(manifest.origin.databaseName)}, which must be free on the server, with everything that`,
    'belongs to the database itself:',
    '',
    `    ${readCommand(archive)} | pg_restore --exit-on-error --create${options} -d postgres`,
    '',
    'Or into a new database of another name, with two jobs, which need a file:',
    '',
    `    ${readCommand(archive)} > ${file}`,
    '    createdb -T template0 restored',
    `    pg_restore --exit-on-error --jobs=2${options} -d restored ${file}`,
    `    rm ${file}`,
  ].join('\n');
}

/**
 * Triggers that fire would change what is loaded, and foreign keys may refer in a circle. (`pg_restore
 * --disable-triggers` would leave triggers enabled that were not.)
 */
const rowsOnly = [
  'Load the rows into a database, here named restored, that has the tables already and no rows in them. Triggers stay',
  'silent and foreign keys are not checked meanwhile, which needs a superuser (another user leaves PGOPTIONS',
  'out, and has to be content with what the triggers do):',
].join('\n');
const silently = `PGOPTIONS='-c session_replication_role=replica' `;

function partSection(manifest: Manifest, archive: ArtifactRecord): string {
  const isData = manifest.scope.kind === 'data';
  return [
    isData ? rowsOnly : 'Restore it into a new database, here named restored:',
    '',
    ...(isData ? [] : ['    createdb -T template0 restored']),
    ...schemasOf(manifest).map(
      (schema) => `    psql -X -d restored -c ${shellWord(`CREATE SCHEMA IF NOT EXISTS ${quoteIdentifier(schema)}`)}`,
    ),
    `    ${readCommand(archive)} | ${isData ? silently : ''}pg_restore --exit-on-error${restoreOptions(manifest)} -d restored`,
  ].join('\n');
}

/** A dump of chosen tables has the tables, not their schemas; only what the scope names literally is known here. */
function schemasOf(manifest: Manifest): readonly string[] {
  if (manifest.scope.kind !== 'tables') return [];
  const schemas = manifest.scope.tables.flatMap((pattern) => {
    const schema = /^([a-z_][a-z0-9_]*)\.[^.]+$/.exec(pattern)?.[1];
    return schema === undefined || schema === 'public' ? [] : [schema];
  });
  return [...new Set(schemas)];
}

/** `place`: 0 for the way to restore the backup, higher for further copies of the same, each into a database of its own. */
function scriptSection(manifest: Manifest, script: ArtifactRecord, place: number): string {
  const { kind } = manifest.scope;
  const isWhole = place === 0 && kind === 'whole';
  const name = isWhole ? manifest.origin.databaseName : place === 0 ? 'restored' : copyName(place);
  const isData = kind === 'data';
  const heading = isData
    ? rowsOnly
    : isWhole
      ? `Restore it under its own name, ${JSON.stringify(name)}, which must be free on the server (its owner, settings and privileges\nas a database are not in the SQL):`
      : place === 0
        ? 'Restore the SQL into a database:'
        : 'The same as SQL, into a new database:';
  return [
    heading,
    '',
    ...(isData ? [] : [`    createdb -T template0 -- ${shellWord(name)}`]),
    `    ${readCommand(script)} | ${isData ? silently : ''}psql -X -q -v ON_ERROR_STOP=1 ${databaseOption(name)}`,
  ].join('\n');
}

function copyName(place: number): string {
  return place === 1 ? 'restored_from_sql' : `restored_from_sql_${String(place)}`;
}

/** psql takes a name that looks like a connection string for one. */
function databaseOption(name: string): string {
  return /=|^postgres(?:ql)?:\/\//.test(name) ? shellWord(databaseArgument(name)) : `-d ${shellWord(name)}`;
}

/** Prints the plain bytes. */
function readCommand(artifact: ArtifactRecord): string {
  const name = shellWord(artifact.name);
  switch (artifact.compression) {
    case 'zstd':
      return `zstd -dc ${name}`;
    case 'gzip':
      return `gzip -dc ${name}`;
    case 'none':
      return `cat ${name}`;
  }
}

/** An archive holds owners whatever pg_dump was told (its documentation, `--no-owner`). */
function restoreOptions(manifest: Manifest): string {
  return `${manifest.owners ? '' : ' --no-owner'}${manifest.privileges ? '' : ' --no-privileges'}`;
}
