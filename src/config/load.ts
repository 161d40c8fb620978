/**
 * Puts the settings together. Order: flag, environment, `holdfast.yaml`, `--env-file`, `.env.local`, `.env`. With one
 * database configured the environment may give its address; with several, each has its own.
 */

import { isAbsolute, resolve } from 'node:path';
import type { Finding } from '../domain/finding.ts';
import type { TargetSpec } from '../engine/engine.ts';
import type { Configuration, DatabaseSettings, SizeSettings } from './configuration.ts';
import { findChannels } from './channel-settings.ts';
import { findUnusedContainer } from './container.ts';
import { databaseNameOf } from './database-name.ts';
import { settingsOf } from './database-settings.ts';
import { lookUp, lookUpFirst, type EnvSource } from './env-source.ts';
import { libpqVariables, targetFrom } from './env-target.ts';
import { configErrors } from './errors.ts';
import { addressFromFile } from './file-address.ts';
import { findRecordSettings } from './record-settings.ts';
import { findKeep } from './keep-rules.ts';
import { hooksOf, namesAsked } from './hooks.ts';
import { findHealth } from './health-settings.ts';
import { isSameTarget } from './same-target.ts';
import { findSchedule } from './schedule-settings.ts';
import type { ConfigurationFile } from './schema.ts';
import { findSources, type ConfigurationFileSource, type LoadRequest, type Sources } from './sources.ts';
import { findUnusedNames } from './unused-names.ts';
import { readVia, targetVia } from './via-prefix.ts';

export async function loadConfiguration(request: LoadRequest): Promise<Configuration> {
  const sources = await findSources(request);
  const environments = [sources.environment, ...sources.envFiles];
  const { keep, findings: keepFindings } = await findKeep(sources.file, environments, request.signal);
  const found = await findDatabases(request, sources);
  const { findings } = found;
  const databases = throughFlag(found.databases, request);
  const schedule = findSchedule(sources);
  return {
    ...hooksIn(request, sources, databases),
    repository: await findRepository(request, sources),
    drillOn: await findDrillServer(sources, request.signal),
    sizes: sizesOf(sources.file?.content),
    keep,
    timezone: sources.file?.content.timezone ?? null,
    notify: findChannels(sources),
    record: await findRecordSettings(sources, request.cwd, request.signal),
    health: await findHealth(sources, request.signal),
    schedule,
    findings: [
      ...findings,
      ...keepFindings,
      ...schedule.findings,
      ...findShownPassword(request),
      ...findUnclear(environments, databases),
      ...findUnusedNames(environments),
      ...findUnusedContainer(environments, databases),
    ],
  };
}

/** `--via` holds for whatever database is meant, wherever its address comes from. */
function throughFlag(databases: readonly DatabaseSettings[], { flags }: LoadRequest): readonly DatabaseSettings[] {
  if (flags.via === undefined) return databases;
  const via = readVia(flags.via, '--via');
  return databases.map((one) => {
    if (one.target === null) return one;
    const target = targetVia(one.target, via);
    const rivals = one.rivals.map((rival) => targetVia(rival, via));
    return { ...one, target, rivals: rivalsOf(target, rivals) };
  });
}

/** A step may ask by name for what only a `.env` file holds. */
function hooksIn(
  { environment }: LoadRequest,
  { file, envFiles }: Sources,
  databases: readonly DatabaseSettings[],
): Pick<Configuration, 'databases' | 'hooks'> {
  if (file === null) return { databases };
  const { hooks: general, databases: entries } = file.content;
  const asked = [general, ...Object.values(entries).map(({ hooks }) => hooks)].flatMap(namesAsked);
  const written = Object.fromEntries(
    asked.map((name) => [name, envFiles.find(({ names }) => names.has(name))?.names.get(name)]),
  );
  const place = { cwd: file.baseDir, environment: { ...written, ...environment } };
  return {
    databases: databases.map((one) => ({ ...one, hooks: hooksOf(general, entries[one.name]?.hooks, place) })),
    hooks: hooksOf(general, undefined, place),
  };
}

interface FoundDatabases {
  readonly databases: readonly DatabaseSettings[];
  readonly findings: readonly Finding[];
}

async function findDatabases(request: LoadRequest, sources: Sources): Promise<FoundDatabases> {
  const flag = await targetFromFlag(request, sources);
  const bare = flag === null ? await bareTargets(sources, request.signal) : [flag];
  const expectedTables = await findExpectedTables(sources, request.signal);
  const { file } = sources;
  const entries = Object.entries(file?.content.databases ?? {});
  if (file === null || entries.length === 0) {
    const [target] = bare;
    if (target === undefined) return { databases: [], findings: [] };
    const name = databaseNameOf(target.url);
    return { databases: [settingsOf(name, null, target, rivalsOf(target, bare), expectedTables)], findings: [] };
  }
  const configured: { readonly name: string; readonly address: TargetSpec | null }[] = [];
  for (const [name, entry] of entries) {
    const address = await addressFromFile(entry, `databases.${name}`, file, sources, request.signal);
    configured.push({ name, address });
  }
  if (flag !== null) return { databases: [fromFlag(flag, configured, file, expectedTables)], findings: [] };
  return fromFile(configured, bare, sources, file, expectedTables);
}

interface ConfiguredDatabase {
  readonly name: string;
  readonly address: TargetSpec | null;
}

/** `--url` says it all: the entry it belongs to gives the other settings, and no source disagrees with a flag. */
function fromFlag(
  flag: TargetSpec,
  configured: readonly ConfiguredDatabase[],
  file: ConfigurationFileSource,
  expectedTables: number | null,
): DatabaseSettings {
  const only = configured.length === 1 && configured[0]?.address === null ? configured[0] : undefined;
  const match = only ?? configured.find(({ address }) => address !== null && isSameTarget(address, flag));
  const entry = match === undefined ? null : (file.content.databases[match.name] ?? null);
  return settingsOf(match?.name ?? databaseNameOf(flag.url), entry, flag, [], expectedTables);
}

function fromFile(
  configured: readonly ConfiguredDatabase[],
  bare: readonly TargetSpec[],
  sources: Sources,
  file: ConfigurationFileSource,
  expectedTables: number | null,
): FoundDatabases {
  const open = configured.filter(({ address }) => address === null);
  const environmentLabel = ` in ${sources.environment.label}`;
  const databases = configured.map(({ name, address }) => {
    const takesBare = configured.length === 1 || (address === null && open.length === 1);
    const entry = file.content.databases[name] ?? null;
    // An address from elsewhere is that of this entry, and reached its way, unless the entry has one of its own.
    const theirs = bare.map((target) => targetVia(target, address === null ? entry?.via : undefined));
    const before = takesBare ? theirs.filter(({ origin }) => origin.endsWith(environmentLabel)) : [];
    const after = takesBare ? theirs.filter(({ origin }) => !origin.endsWith(environmentLabel)) : [];
    const candidates = [...before, ...(address === null ? [] : [address]), ...after];
    const target = candidates[0] ?? null;
    const rivals = target === null ? [] : rivalsOf(target, candidates);
    return settingsOf(name, entry, target, rivals, expectedTables);
  });
  const unused = bare.filter(
    (target) => !databases.some((each) => each.target !== null && isMeant(each.target, target)) && databases.length > 1,
  );
  const findings = unused.map(
    ({ origin }): Finding => ({
      severity: 'note',
      code: 'address-not-used',
      message: `${origin} is not used: ${file.label} gives several databases, and it is none of them`,
      hint: '',
    }),
  );
  return { databases, findings };
}

function isMeant(used: TargetSpec, found: TargetSpec): boolean {
  return used.origin === found.origin || isSameTarget(used, found);
}

function rivalsOf(target: TargetSpec, candidates: readonly TargetSpec[]): readonly TargetSpec[] {
  return candidates.filter((candidate) => !isSameTarget(candidate, target));
}

/** What the environment and the `.env` files name, first come first. */
async function bareTargets(sources: Sources, signal: AbortSignal): Promise<readonly TargetSpec[]> {
  const all = [sources.environment, ...sources.envFiles];
  const found: TargetSpec[] = [];
  for (const source of all) {
    const target = await targetFrom(source, all, signal);
    if (target !== null) found.push(target);
  }
  return found;
}

/** `--url URL`, or `--url env:NAME`, which keeps a password off the command line. */
async function targetFromFlag(request: LoadRequest, sources: Sources): Promise<TargetSpec | null> {
  const { url } = request.flags;
  return url === undefined ? null : targetFromText(url, '--url', request, sources);
}

async function targetFromText(
  text: string,
  flag: string,
  request: Pick<LoadRequest, 'cwd' | 'signal'>,
  sources: Sources,
): Promise<TargetSpec> {
  const environment = libpqVariables(sources.environment, [sources.environment]);
  const name = variableIn(text);
  if (name === null) return { url: text, origin: flag, baseDir: request.cwd, environment };
  const found = await lookUpFirst([sources.environment, ...sources.envFiles], name, request.signal);
  if (found === null) throw configErrors.make('no-target', `${flag} env:${name}: ${name} is not set`);
  return { url: found.value, origin: `${flag}, ${found.origin}`, baseDir: found.source.baseDir, environment };
}

/** Of `env:NAME` the name; null for an address itself. */
function variableIn(text: string): string | null {
  return /^env:([A-Za-z_]\w*)$/.exec(text)?.[1] ?? null;
}

/** A further address given on the command line (`--to`, `--on`), read as `--url` is, and reached as `--via` says. */
export async function targetFromArgument(text: string, flag: string, request: LoadRequest): Promise<TargetSpec> {
  const { via } = request.flags;
  const target = await targetFromText(text, flag, request, await findSources(request, variableIn(text)));
  return targetVia(target, via === undefined ? undefined : readVia(via, '--via'));
}

async function findRepository(request: LoadRequest, sources: Sources): Promise<Configuration['repository']> {
  const { flags, cwd, signal } = request;
  if (flags.repository !== undefined) return { path: resolve(cwd, flags.repository), origin: '--repository' };
  const inEnvironment = await lookUp(sources.environment, 'BACKUP_DIR', signal);
  if (inEnvironment !== null) return { path: resolve(cwd, inEnvironment.value), origin: inEnvironment.origin };
  const { file } = sources;
  if (file?.content.repository !== undefined) {
    return { path: resolve(file.baseDir, file.content.repository), origin: `repository in ${file.label}` };
  }
  const inFile = await lookUpFirst(sources.envFiles, 'BACKUP_DIR', signal);
  if (inFile === null) return { path: resolve(cwd, 'backups'), origin: 'default' };
  // A relative one is meant from where their scripts run, which is where the file lies.
  const path = isAbsolute(inFile.value) ? inFile.value : resolve(inFile.source.baseDir, inFile.value);
  return { path, origin: inFile.origin };
}

async function findDrillServer(sources: Sources, signal: AbortSignal): Promise<TargetSpec | null> {
  const { file } = sources;
  const on = file?.content.drill?.on;
  return file === null || on === undefined ? null : addressFromFile(on, 'drill.on', file, sources, signal);
}

async function findExpectedTables(sources: Sources, signal: AbortSignal): Promise<number | null> {
  const found = await lookUpFirst([sources.environment, ...sources.envFiles], 'EXPECTED_TABLES', signal);
  if (found === null) return null;
  if (/^\d{1,6}$/.test(found.value.trim())) return Number(found.value);
  throw configErrors.make('settings-invalid', `${found.origin} is not a number`);
}

function sizesOf(content: ConfigurationFile | undefined): SizeSettings {
  const sizes = content?.sizes;
  return {
    minimumBytes: sizes?.minimum ?? null,
    warnBelowBytes: sizes?.warnBelow ?? null,
    changeRatio: sizes?.changePercent ?? null,
    changeBytes: sizes?.changeBytes ?? null,
  };
}

function holdsPassword(url: string): boolean {
  const rest = /^[a-z]+:\/\/(.*)$/is.exec(url)?.[1] ?? '';
  const [first, ...others] = rest.split('@');
  return others.length > 0 && /^[^/:]*:./s.test(first ?? '');
}

/** Arguments can be read by every user of the machine (ps, /proc). */
function findShownPassword({ flags }: LoadRequest): readonly Finding[] {
  if (flags.url === undefined || !holdsPassword(flags.url)) return [];
  return [
    {
      severity: 'note',
      code: 'password-shown',
      message: 'the password in --url can be seen by every user of this machine',
      hint: 'Put the address into a variable and pass --url env:NAME.',
    },
  ];
}

const addressNames = ['DATABASE_URL', 'DB_NAME', 'DB_USER', 'DB_PASSWORD', 'DB_HOST', 'DB_PORT', 'PGPASSWORD'];

function findUnclear(sources: readonly EnvSource[], databases: readonly DatabaseSettings[]): readonly Finding[] {
  const used = sources.filter(({ label }) => databases.some(({ target }) => target?.origin.endsWith(` in ${label}`)));
  return used.flatMap(({ label, unclear }) =>
    addressNames
      .filter((name) => unclear.has(name))
      .map(
        (name): Finding => ({
          severity: 'note',
          code: 'unclear-quoting',
          message: `a shell and dotenv read ${name} in ${label} differently; it was read as a shell quotes`,
          hint: 'Put the value in single quotes.',
        }),
      ),
  );
}
