import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Configuration } from './configuration.ts';
import { loadConfiguration } from './load.ts';

let folder = '';

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'holdfast-config-'));
});

afterEach(async () => {
  await rm(folder, { recursive: true });
});

async function load(
  files: Readonly<Record<string, string>>,
  environment: Readonly<Record<string, string>> = {},
  flags: Readonly<Record<string, string>> = {},
): Promise<Configuration> {
  for (const [name, content] of Object.entries(files)) await writeFile(join(folder, name), content);
  return loadConfiguration({ flags, environment, cwd: folder, signal: new AbortController().signal });
}

function target(configuration: Configuration): string {
  const spec = configuration.databases[0]?.target;
  return spec === null || spec === undefined ? 'none' : `${spec.url} from ${spec.origin}`;
}

describe('the order of sources', () => {
  const files = {
    '.env': 'DATABASE_URL=postgres://h/from_env',
    '.env.local': 'DATABASE_URL=postgres://h/from_local',
    'holdfast.yaml': 'databases: {app: {url: postgres://h/from_yaml}}',
    'other.env': 'DATABASE_URL=postgres://h/from_named',
  };

  it('is flag, environment, holdfast.yaml, --env-file, .env.local, .env', async () => {
    const environment = { DATABASE_URL: 'postgres://h/from_environment' };
    const { '.env': env, '.env.local': local, 'other.env': named } = files;
    expect(target(await load({ '.env': env }))).toBe('postgres://h/from_env from DATABASE_URL in .env');
    expect(target(await load({ '.env.local': local }))).toMatch(/from_local/);
    expect(target(await load({ 'other.env': named }, {}, { envFile: 'other.env' }))).toMatch(
      /from_named from DATABASE_URL in other\.env/,
    );
    expect(target(await load(files, {}, { envFile: 'other.env' }))).toMatch(
      /from_yaml from databases\.app\.url in holdfast\.yaml/,
    );
    expect(target(await load(files, environment))).toMatch(/from_environment from DATABASE_URL in the environment/);
    expect(target(await load(files, environment, { url: 'postgres://h/from_flag' }))).toBe(
      'postgres://h/from_flag from --url',
    );
  });

  it('puts DATABASE_URL before DB_NAME before PGDATABASE within one source', async () => {
    const all = { DATABASE_URL: 'postgres://h/one', DB_NAME: 'two', PGDATABASE: 'three' };
    expect(target(await load({}, all))).toMatch(/one from DATABASE_URL/);
    expect(target(await load({}, { ...all, DATABASE_URL: '' }))).toMatch(/two from DB_NAME/);
    expect(target(await load({}, { PGDATABASE: 'three', PGHOST: '/run/pg' }))).toBe(
      'postgresql://%2Frun%2Fpg/three from PGDATABASE in the environment',
    );
  });

  it('reads .env.production only when it is alone or named', async () => {
    const production = { '.env.production': 'DATABASE_URL=postgres://h/production' };
    expect(target(await load(production))).toMatch(/production/);
    expect(target(await load({ ...production, '.env': 'X=1' }))).toBe('none');
    expect(target(await load({ ...production, '.env': 'X=1' }, {}, { envFile: '.env.production' }))).toMatch(
      /production/,
    );
  });
});

describe('an address that leads to a pooler', () => {
  const pooled = 'postgres://u@ep-x-1-pooler.eu.aws.neon.tech/app?sslmode=require';
  const direct = 'postgres://u@ep-x-1.eu.aws.neon.tech/app?sslmode=require';

  it.each(['DIRECT_URL', 'DIRECT_DATABASE_URL', 'DATABASE_URL_UNPOOLED', 'POSTGRES_URL_NON_POOLING'])(
    'is left for the direct one in %s',
    async (name) => {
      expect(target(await load({ '.env': `DATABASE_URL=${pooled}\n${name}=${direct}\n` }))).toBe(
        `${direct} from ${name} in .env`,
      );
    },
  );

  it('of Supabase or Prisma as well', async () => {
    const supabase = 'postgres://postgres.ref:x@aws-0-eu.pooler.supabase.com:6543/postgres?pgbouncer=true';
    const other = 'postgres://postgres:x@db.ref.supabase.co:5432/postgres';
    expect(target(await load({}, { DATABASE_URL: supabase, DIRECT_URL: other }))).toMatch(
      /^postgres:.*from DIRECT_URL/,
    );
    const prisma = 'postgres://u@db/app?schema=public&pgbouncer=true';
    expect(target(await load({}, { DATABASE_URL: prisma, DIRECT_URL: 'postgres://u@db:5433/app' }))).toMatch(
      /from DIRECT_URL/,
    );
  });

  it('stays where nothing better is known: another database, another source, no pooler', async () => {
    const env = `DATABASE_URL=${pooled}\n`;
    expect(target(await load({ '.env': `${env}DIRECT_URL=${direct.replace('/app', '/other')}` }))).toMatch(
      /from DATABASE_URL/,
    );
    expect(target(await load({ '.env': env }, { DIRECT_URL: direct }))).toMatch(/from DATABASE_URL/);
    expect(target(await load({ '.env': `${env}DIRECT_URL=${pooled}` }))).toMatch(/from DATABASE_URL/);
    expect(target(await load({ '.env': `DATABASE_URL=${direct}\nDIRECT_URL=postgres://u@old/app` }))).toMatch(
      /from DATABASE_URL/,
    );
  });
});

describe('DB_* names', () => {
  it('carry any password, also when it comes from elsewhere', async () => {
    const password = `@:/?#%'" $`;
    const configuration = await load(
      { '.env': 'DB_NAME=my app\nDB_USER=me\nDB_HOST=::1\nDB_PORT=5433' },
      { DB_PASSWORD: password },
    );
    const url = new URL(configuration.databases[0]?.target?.url ?? '');
    expect(decodeURIComponent(url.password)).toBe(password);
    expect(url.host).toBe('[::1]:5433');
    expect(decodeURIComponent(url.pathname)).toBe('/my app');
    expect(configuration.databases[0]?.name).toBe('my-app');
  });

  it('take secrets from files', async () => {
    const configuration = await load(
      { secret: 's3cret\n' },
      { DB_NAME: 'app', DB_USER: 'me', DB_PASSWORD_FILE: 'secret' },
    );
    expect(target(configuration)).toMatch(/^postgresql:\/\/me:s3cret@localhost\/app/);
  });

  it('run commands from the environment and never from a file', async () => {
    const command = { DATABASE_URL_COMMAND: 'echo postgres://h/said' };
    expect(target(await load({}, command))).toBe('postgres://h/said from DATABASE_URL_COMMAND in the environment');
    expect(target(await load({ '.env': 'DATABASE_URL_COMMAND=echo postgres://h/said' }))).toBe('none');
  });
});

describe('disagreement', () => {
  it('is told when a second source names another database', async () => {
    const files = { '.env': 'DATABASE_URL=postgres://h/dev' };
    const configuration = await load(files, { DATABASE_URL: 'postgres://h/production' });
    expect(configuration.databases[0]?.rivals.map(({ origin }) => origin)).toEqual(['DATABASE_URL in .env']);
  });

  it('is none when the same database is spelled differently or a flag was given', async () => {
    const files = { '.env': 'DATABASE_URL=postgres://other:pw@LOCALHOST:5432/app?schema=x' };
    const same = await load(files, { DATABASE_URL: 'postgres://127.0.0.1/app' });
    expect(same.databases[0]?.rivals).toEqual([]);
    const flagged = await load(files, {}, { url: 'postgres://h/third' });
    expect(flagged.databases[0]?.rivals).toEqual([]);
  });
});

describe('holdfast.yaml', () => {
  it('gives several databases their own addresses and leaves the environment to the one without', async () => {
    const yaml = 'databases:\n  app: {url: postgres://h/app}\n  shop:\n  other: {urlEnv: OTHER}\n';
    const configuration = await load(
      { 'holdfast.yaml': yaml },
      { DATABASE_URL: 'postgres://h/shop', OTHER: 'postgres://h/o' },
    );
    const found = configuration.databases.map(({ name, target: spec }) => `${name} ${String(spec?.url)}`);
    expect(found).toEqual(['app postgres://h/app', 'shop postgres://h/shop', 'other postgres://h/o']);
  });

  it('does not file the database of --url under the name of another', async () => {
    const configuration = await load(
      { 'holdfast.yaml': 'databases: {app: {url: postgres://h/app}}' },
      {},
      { url: 'postgres://h/x' },
    );
    expect(configuration.databases[0]?.name).toBe('x');
  });
});

it('finds the repository by flag, BACKUP_DIR, file, and defaults to ./backups', async () => {
  expect((await load({})).repository).toEqual({ path: join(folder, 'backups'), origin: 'default' });
  expect((await load({}, { BACKUP_DIR: '/srv/b' })).repository.path).toBe('/srv/b');
  expect((await load({ '.env': 'BACKUP_DIR=./there' })).repository.path).toBe(join(folder, 'there'));
  expect((await load({}, { BACKUP_DIR: '/srv/b' }, { repository: 'mine' })).repository.path).toBe(join(folder, 'mine'));
});

it('warns of names that have no effect yet', async () => {
  const { findings } = await load({ '.env': 'S3_BUCKET=s3://b' });
  expect(findings.map(({ message }) => message)).toEqual([
    'S3_BUCKET in .env: has no effect yet, backups stay on this machine',
  ]);
});

it('refuses a reference that another tool would have expanded', async () => {
  await expect(load({ '.env': 'DATABASE_URL=postgres://${DB_USER}@h/app' })).rejects.toThrow(/refers to \$\{DB_USER\}/);
});

describe('a way to the database', () => {
  const docker = ['docker', 'exec', '-i', 'chain-postgres'];
  const team = { DB_CONTAINER: 'chain-postgres', DB_NAME: 'chaindb', DB_USER: 'chain' };
  const viaOf = (configuration: Configuration): readonly string[] | undefined =>
    configuration.databases[0]?.target?.via;

  it('is DB_CONTAINER with the DB_ names, host and port as seen from there', async () => {
    const alone = await load({}, team);
    expect(target(alone)).toBe('postgresql://chain@/chaindb from DB_NAME in the environment');
    expect(viaOf(alone)).toEqual(docker);
    expect(alone.findings).toEqual([]);
    const named = await load({}, { ...team, DB_HOST: 'db', DB_PORT: '5433', PGHOST: 'elsewhere' });
    expect(target(named)).toMatch(/^postgresql:\/\/chain@db:5433\/chaindb /);
    expect(viaOf(named)).toEqual(docker);
  });

  it('is not DB_CONTAINER for an address that is written out, and a warning says so', async () => {
    const both = await load({ '.env': 'DB_CONTAINER=chain-postgres\nDATABASE_URL=postgres://h/app' });
    expect(viaOf(both)).toBeUndefined();
    expect(both.findings).toMatchObject([
      {
        severity: 'warning',
        code: 'setting-without-effect',
        message: expect.stringContaining('DATABASE_URL in .env') as unknown,
      },
    ]);
    await expect(load({}, { ...team, DB_CONTAINER: '--privileged' })).rejects.toThrow(/not the name of a container/);
  });

  it('stands in holdfast.yaml with the address, or for the one of the environment', async () => {
    const yaml = 'databases: {app: {url: postgres://h/app, via: docker exec -i chain-postgres}}';
    expect(viaOf(await load({ 'holdfast.yaml': yaml }))).toEqual(docker);
    const overridden = await load({ 'holdfast.yaml': yaml }, { DATABASE_URL: 'postgres://h/app' });
    expect(viaOf(overridden)).toBeUndefined();
    expect(overridden.databases[0]?.rivals).toHaveLength(1);
    const open = 'databases: {app: {via: [docker, exec, -i, chain-postgres]}}';
    expect(viaOf(await load({ 'holdfast.yaml': open }, { DATABASE_URL: 'postgres://h/app' }))).toEqual(docker);
    const drill = await load({ 'holdfast.yaml': 'drill: {on: {url: postgres://h/x, via: ssh host}}' });
    expect(drill.drillOn?.via).toEqual(['ssh', 'host']);
  });

  it('is that of --via before all others, also for rivals', async () => {
    const files = { '.env': 'DATABASE_URL=postgres://h/chaindb' };
    const configuration = await load(files, { ...team, DB_HOST: 'h' }, { via: 'ssh -p 2222 host' });
    expect(viaOf(configuration)).toEqual(['ssh', '-p', '2222', 'host']);
    expect(configuration.databases[0]?.rivals).toEqual([]);
  });

  it.each([
    ["via: 'ssh \"host'", /quote that is not closed/],
    ['via: kubectl exec -i pod', /must end in --/],
    ['via: sshpass -pxyz ssh host', /sshpass -e/],
    ['via: []', /must not be empty/],
  ])('is refused with its place when it cannot work: %s', async (setting, says) => {
    const yaml = `databases:\n  app:\n    url: postgres://h/app\n    ${setting}\n`;
    await expect(load({ 'holdfast.yaml': yaml })).rejects.toThrow(says);
  });
});
