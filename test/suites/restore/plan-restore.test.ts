import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { BackupSource } from '../../../src/domain/artifact.ts';
import type { Finding } from '../../../src/domain/finding.ts';
import { wholeScope } from '../../../src/domain/scope.ts';
import type { RestoreDestination, RestorePlan } from '../../../src/engine/engine.ts';
import { parsePgUrl } from '../../../src/engine/postgres/connection/address.ts';
import type { RestoreContext } from '../../../src/engine/postgres/restore/context.ts';
import { planRestore } from '../../../src/engine/postgres/restore/plan-restore.ts';
import { restoreBeside } from '../../../src/engine/postgres/restore/restore-beside.ts';
import { makeClock } from '../../harness/clock.ts';
import { distributionMajor, testedMajors } from '../../harness/server-binaries.ts';
import { startPostgres, type TestServer } from '../../harness/postgres-server.ts';
import { makeTestDirectory, type TestDirectory } from '../../harness/temporary.ts';
import { dumpDatabase, quietWork } from './dumped-backup.ts';

const [major = distributionMajor()] = testedMajors();
const replace: RestoreDestination = { kind: 'replace' };
let server: TestServer;
let state: TestDirectory;
let source: BackupSource;

beforeAll(async () => {
  server = await startPostgres({ major });
  state = await makeTestDirectory('plan-restore');
  await server.createDatabase('app');
  await server.psql('CREATE TABLE t (x int); INSERT INTO t VALUES (1), (2)', 'app');
  await server.psql('CREATE ROLE plain LOGIN; CREATE ROLE maker LOGIN CREATEDB');
  ({ source } = await dumpDatabase(server, 'app'));
}, 120_000);

afterAll(async () => {
  await server[Symbol.asyncDispose]();
  await state[Symbol.asyncDispose]();
});

describe('planning a restore', () => {
  it('says every step, and finds nothing in the way of an ordinary one', async () => {
    const plan = await planFor({});
    expect(plan.findings.filter(({ severity }) => severity !== 'note')).toEqual([]);
    expect(plan.findings.map(({ code }) => code)).not.toContain('disk-not-checked');
    expect(plan.keptAs).toBe('app_before_20261121_020000');
    expect(plan.steps[0]).toMatch(/^create a new database beside \(UTF8, .*\) from template0/);
    expect(plan.steps.at(-1)).toBe(
      'end the sessions connected to app and rename, in one transaction: app to app_before_20261121_020000, the copy to app',
    );
  });

  it('finds what the server lacks', async () => {
    const needs = { roles: ['nobody_1'], tablespaces: ['fast'], extensions: [{ name: 'no_such', version: '1' }] };
    const found = await planFor({ source: withManifest({ needs }) });
    expect(codes(found.findings)).toEqual(['roles-missing', 'tablespaces-missing', 'extension-missing']);
    const without = await planFor({
      source: withManifest({ needs: { ...needs, tablespaces: [], extensions: [] } }),
      owners: false,
    });
    expect(codes(without.findings)).toEqual([]);
  });

  it('says what a user who is no superuser may be refused', async () => {
    await server.createDatabase('watched');
    await server.psql(
      `CREATE FUNCTION note_it() RETURNS event_trigger LANGUAGE plpgsql AS 'BEGIN END';
       CREATE EVENT TRIGGER watch_it ON ddl_command_end EXECUTE FUNCTION note_it();`,
      'watched',
    );
    const watched = (await dumpDatabase(server, 'watched')).source;
    const into: RestoreDestination = { kind: 'into', name: 'elsewhere' };
    const owners = { owners: false, privileges: false };
    const found = await planFor({ source: watched, destination: into, user: 'maker', ...owners });
    expect(found.findings).toContainEqual(
      expect.objectContaining({
        severity: 'warning',
        code: 'superuser-needed',
        message: expect.stringContaining('event trigger watch_it') as unknown,
      }),
    );
    const asSuperuser = await planFor({ source: watched, destination: into, ...owners });
    expect(asSuperuser.findings.map(({ code }) => code)).not.toContain('superuser-needed');
  });

  it('finds a server that is too old and a disk that is too small', async () => {
    const { origin } = source.manifest;
    const older = await planFor({ source: withManifest({ origin: { ...origin, majorVersion: major + 1 } }) });
    expect(codes(older.findings)).toEqual(['server-older']);
    const large = await planFor({ source: withManifest({ origin: { ...origin, sizeBytes: 1e15 } }) });
    expect(codes(large.findings)).toEqual(['not-enough-disk']);
    expect(large.findings.at(-1)?.message).toContain('1.00 PB');
  });

  it('finds what the user may not do', async () => {
    expect(codes((await planFor({ user: 'plain' })).findings)).toEqual([
      'cannot-create-database',
      'not-member-of-owner',
      'not-owner',
    ]);
    expect(
      codes((await planFor({ user: 'maker', destination: { kind: 'into', name: 'mine' }, owners: false })).findings),
    ).toEqual([]);
  });

  it('knows names that are taken, too long, or not there yet', async () => {
    expect(codes((await planFor({ destination: { kind: 'into', name: 'app' } })).findings)).toEqual([
      'database-exists',
    ]);
    expect(codes((await planFor({ destination: { kind: 'into', name: 'é'.repeat(32) } })).findings)).toEqual([
      'name-too-long',
    ]);
    const absent = await planFor({ database: 'not_yet' });
    expect(absent).toMatchObject({ keptAs: null, finalName: 'not_yet' });
    expect(absent.findings.map(({ code }) => code)).toEqual(['database-absent']);
  });

  it('never lets a part replace the whole', async () => {
    const part = withManifest({ scope: { ...wholeScope, kind: 'tables', tables: ['t'] } });
    expect(codes((await planFor({ source: part })).findings)).toEqual(['partial-backup']);
    expect(codes((await planFor({ source: part, destination: { kind: 'into', name: 'part' } })).findings)).toEqual([]);
    const rows = withManifest({ scope: { ...wholeScope, kind: 'data' } });
    expect(codes((await planFor({ source: rows, destination: { kind: 'into', name: 'part' } })).findings)).toEqual([
      'no-definitions',
    ]);
  });
});

describe('restoring under another name', () => {
  it('makes the schemas that a dump of chosen tables leaves out', async () => {
    await server.psql('CREATE SCHEMA "S 1"; CREATE TABLE "S 1".u (x int); INSERT INTO "S 1".u VALUES (7)', 'app');
    const part = await dumpDatabase(server, 'app', {
      arguments: ['--table="S 1".u'],
      scope: { ...wholeScope, kind: 'tables' },
    });
    const plan = await planFor({ source: part.source, destination: { kind: 'into', name: 'part' } });
    await using copy = await restoreBeside(contextFor({}), plan, part.source, quietWork);
    expect(await copy.adopt(quietWork)).toMatchObject({ name: 'part', keptAs: null });
    expect(await server.psql('SELECT x FROM "S 1".u', 'part')).toBe('7');
  });

  it('works as a user without superuser rights', async () => {
    const choices = {
      user: 'maker',
      owners: false,
      privileges: false,
      destination: { kind: 'into', name: 'made' },
    } as const;
    const plan = await planFor(choices);
    await using copy = await restoreBeside(contextFor(choices), plan, source, quietWork);
    await copy.adopt(quietWork);
    expect(await server.psql('SELECT count(*) FROM t', 'made')).toBe('2');
    expect(await server.psql(`SELECT pg_get_userbyid(datdba) FROM pg_database WHERE datname = 'made'`)).toBe('maker');
  });

  it('does without a temporary file where no disk has room for one', async () => {
    const [artifact] = source.manifest.artifacts;
    const huge = withManifest({ artifacts: artifact === undefined ? [] : [{ ...artifact, plainBytes: 1e15 }] });
    const plan = await planFor({ source: huge, destination: { kind: 'into', name: 'streamed' } });
    expect(plan.findings.map(({ code }) => code)).toEqual(['no-temporary-room']);
    await using copy = await restoreBeside(contextFor({}), plan, huge, quietWork);
    expect(await copy.query('SELECT count(*) FROM t', quietWork)).toEqual([['2']]);
  });
});

interface PlanChoices {
  readonly source?: BackupSource;
  readonly destination?: RestoreDestination;
  readonly owners?: boolean;
  readonly privileges?: boolean;
  readonly user?: string;
  readonly database?: string;
}

function planFor(choices: PlanChoices): Promise<RestorePlan> {
  const { owners = true, privileges = owners, destination = replace } = choices;
  return planRestore(
    contextFor(choices),
    { destination, owners, privileges, jobs: null },
    choices.source ?? source,
    quietWork,
  );
}

function contextFor({ user = 'postgres', database = 'app' }: PlanChoices): RestoreContext {
  const clock = makeClock();
  const address = parsePgUrl({ url: server.socketUrl(database), origin: '--url', baseDir: '/', environment: {} });
  return {
    address: { ...address, user },
    label: database,
    clock,
    random: () => Math.random().toString(36).slice(2, 8).padEnd(6, 'x'),
    stateDirectory: join(state.path),
    environment: server.toolEnvironment,
  };
}

function withManifest(changes: Partial<BackupSource['manifest']>): BackupSource {
  return { ...source, manifest: { ...source.manifest, ...changes } };
}

function codes(findings: readonly Finding[]): readonly string[] {
  return findings.filter(({ severity }) => severity === 'blocking').map(({ code }) => code);
}
