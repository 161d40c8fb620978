import { spawn } from 'node:child_process';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { PostgresParts } from '../../../src/engine/postgres/postgres-parts.ts';
import { restoreToScratch } from '../../../src/engine/postgres/scratch/scratch-copy.ts';
import { sweepLocal } from '../../../src/engine/postgres/scratch/sweep-local.ts';
import type { ScratchPlace, TargetSpec } from '../../../src/engine/engine.ts';
import { isProcessAlive } from '../../../src/system/process-alive.ts';
import { wallClock } from '../../../src/system/wall-clock.ts';
import { createEveryObjectRoles, loadEveryObject } from '../../harness/every-object.ts';
import { distributionMajor, testedMajors } from '../../harness/server-binaries.ts';
import { startPostgres, type TestServer } from '../../harness/postgres-server.ts';
import { makeTestDirectory, type TestDirectory } from '../../harness/temporary.ts';
import { dumpDatabase, quietWork } from './dumped-backup.ts';

const local: ScratchPlace = { kind: 'local' };
const [major = distributionMajor()] = testedMajors();
let server: TestServer;
let state: TestDirectory;

beforeAll(async () => {
  server = await startPostgres({ major });
  state = await makeTestDirectory('scratch-state');
  await createEveryObjectRoles(server);
}, 120_000);

afterAll(async () => {
  await server[Symbol.asyncDispose]();
  await state[Symbol.asyncDispose]();
});

describe('a throwaway server', () => {
  it('takes every kind of object and leaves nothing behind', { timeout: 120_000 }, async () => {
    await loadEveryObject(server, 'every');
    const { source } = await dumpDatabase(server, 'every', {
      needs: { roles: ['app_owner', 'app_reader', 'Odd "role" name'] },
    });
    const before = await scratchFolders();
    const place = { pid: 0 };
    {
      await using copy = await restoreToScratch(partsOf(), local, source, quietWork);
      expect(copy.description).toMatch(/^throwaway PostgreSQL \d+\.\d+ server$/);
      expect(await copy.query('SELECT current_database(), current_user, inet_server_addr()', quietWork)).toEqual([
        ['every', 'holdfast_scratch', null],
      ]);
      const settings = await copy.query(
        `SELECT string_agg(setting, ',') FROM pg_settings WHERE name IN ('archive_mode', 'listen_addresses', 'fsync', 'ssl')`,
        quietWork,
      );
      expect(settings).toEqual([['off,off,,off']]);
      expect(await copy.check(quietWork)).toEqual([]);
      place.pid = await postmasterPid();
      await expect(copy.adopt(quietWork)).rejects.toMatchObject({ code: 'not-adoptable' });
    }
    expect(isProcessAlive(place.pid)).toBe(false);
    expect(await scratchFolders()).toEqual(before);
    expect(await readdir(join(state.path, 'scratch'))).toEqual([]);
  });

  it('replaces a locale that is not installed, and says so', async () => {
    await server.psql('CREATE DATABASE locale_here');
    const { source } = await dumpDatabase(server, 'locale_here');
    const renamed = {
      ...source,
      open: () => replaceBytes(source.open(source.manifest.artifacts[0] as never, quietWork), 'C.UTF-8', 'xx_YY-8'),
    };
    await using copy = await restoreToScratch(partsOf(), local, renamed, quietWork);
    expect(copy.findings.map(({ code }) => code)).toEqual(['scratch-locale']);
    expect(
      await copy.query(`SELECT datcollate FROM pg_database WHERE datname = current_database()`, quietWork),
    ).toEqual([['C']]);
  });

  it('names the extension that is not installed for it', async () => {
    await server.psql('CREATE DATABASE plain');
    const { source } = await dumpDatabase(server, 'plain', {
      needs: { extensions: [{ name: 'no_such_thing', version: '1' }] },
    });
    await expect(restoreToScratch(partsOf(), local, source, quietWork)).rejects.toMatchObject({
      code: 'extension-missing',
      message: expect.stringContaining('no_such_thing') as string,
    });
  });

  it('is cleared away by the next run when its own was killed', { timeout: 60_000 }, async () => {
    const child = spawn(
      process.execPath,
      [join(import.meta.dirname, 'hold-scratch.ts'), state.path, server.binDirectory],
      {
        stdio: ['ignore', 'pipe', 'inherit'],
      },
    );
    await new Promise((resolve) => child.stdout.once('data', resolve));
    const pid = await postmasterPid();
    expect(isProcessAlive(pid)).toBe(true);
    expect(await sweepLocal(partsOf(), quietWork)).toEqual([]);
    child.kill('SIGKILL');
    await new Promise((resolve) => child.once('close', resolve));
    const findings = await sweepLocal(partsOf(), quietWork);
    expect(findings.map(({ code }) => code)).toContain('swept');
    await expect.poll(() => isProcessAlive(pid)).toBe(false);
    expect(await readdir(join(state.path, 'scratch'))).toEqual([]);
    expect(await sweepLocal(partsOf(), quietWork)).toEqual([]);
  });
});

describe('a drill on a server in use', () => {
  it('makes a database of its own and drops it', async () => {
    await server.psql('CREATE DATABASE used');
    await server.psql('CREATE TABLE t (x int); INSERT INTO t VALUES (1)', 'used');
    const { source } = await dumpDatabase(server, 'used');
    const scratch = `SELECT count(*) FROM pg_database WHERE datname LIKE 'holdfast_drill_%'`;
    {
      await using copy = await restoreToScratch(
        partsOf(),
        { kind: 'server', target: targetOf('used') },
        source,
        quietWork,
      );
      expect(await copy.query('SELECT * FROM t', quietWork)).toEqual([['1']]);
      expect(await server.psql(scratch)).toBe('1');
    }
    expect(await server.psql(scratch)).toBe('0');
  });

  it('replaces a staging database that stays', async () => {
    await server.psql('CREATE DATABASE staged_from');
    await server.psql('CREATE TABLE t (x int); INSERT INTO t VALUES (1)', 'staged_from');
    const { source } = await dumpDatabase(server, 'staged_from');
    for (let round = 0; round < 2; round += 1) {
      await using copy = await restoreToScratch(
        partsOf(),
        { kind: 'staging', target: targetOf('staging') },
        source,
        quietWork,
      );
      expect(copy.name).toBe('staging');
      await server.psql('INSERT INTO t VALUES (2)', 'staging');
    }
    expect(await server.psql('SELECT count(*) FROM t', 'staging')).toBe('2');
    expect(await server.psql(`SELECT count(*) FROM pg_database WHERE datname LIKE 'staging%'`)).toBe('1');
  });

  it('never drops the database the backup was taken from', async () => {
    await server.psql('CREATE DATABASE origin');
    await server.psql('CREATE TABLE t (x int); INSERT INTO t VALUES (1)', 'origin');
    const { source } = await dumpDatabase(server, 'origin');
    const target = { ...targetOf('origin'), url: server.url('origin') };
    const attempt = restoreToScratch(partsOf(), { kind: 'staging', target }, source, quietWork);
    await expect(attempt).rejects.toMatchObject({ code: 'target-unfit' });
    expect(await server.psql('SELECT count(*) FROM t', 'origin')).toBe('1');
  });

  it('refuses where something is missing, before anything is made', async () => {
    await server.psql('CREATE DATABASE lacking');
    const { source } = await dumpDatabase(server, 'lacking', { needs: { roles: ['nobody_here'] } });
    const attempt = restoreToScratch(partsOf(), { kind: 'server', target: targetOf('used') }, source, quietWork);
    await expect(attempt).rejects.toMatchObject({
      code: 'target-unfit',
      message: expect.stringContaining('nobody_here') as string,
    });
  });
});

function partsOf(): PostgresParts {
  return {
    clock: wallClock,
    random: () => Math.random().toString(36).slice(2, 8).padEnd(6, 'x'),
    stateDirectory: state.path,
    environment: server.toolEnvironment,
  };
}

function targetOf(database: string): TargetSpec {
  return { url: server.socketUrl(database), origin: '--to', baseDir: '/', environment: {} };
}

async function scratchFolders(): Promise<readonly string[]> {
  return (await readdir('/tmp')).filter((name) => name.startsWith(`holdfast-scratch-${String(process.pid)}-`));
}

/** Of the one throwaway server that is noted in the state directory. */
async function postmasterPid(): Promise<number> {
  const [note] = await readdir(join(state.path, 'scratch'));
  const { directory } = JSON.parse(await readFile(join(state.path, 'scratch', note ?? ''), 'utf8')) as {
    directory: string;
  };
  return Number((await readFile(join(directory, 'data', 'postmaster.pid'), 'utf8')).split('\n')[0]);
}

/** Same length, so that the archive stays one. */
async function* replaceBytes(bytes: AsyncIterable<Uint8Array>, from: string, to: string): AsyncGenerator<Uint8Array> {
  for await (const chunk of bytes)
    yield Buffer.from(Buffer.from(chunk).toString('latin1').replaceAll(from, to), 'latin1');
}
