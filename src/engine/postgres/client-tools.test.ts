import { chmod, mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { chooseTools, findClientTools, toolPath, type ClientTools } from './client-tools.ts';

let directory = '';
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'holdfast-tools-'));
});
afterAll(async () => {
  await rm(directory, { recursive: true });
});

/** A folder of programs that only say their version. */
async function install(
  name: string,
  version: string,
  tools = ['pg_dump', 'pg_restore', 'pg_dumpall'],
): Promise<string> {
  const folder = join(directory, name);
  await mkdir(folder);
  for (const tool of tools) {
    await writeFile(join(folder, tool), `#!/bin/sh\necho '${tool} (PostgreSQL) ${version}'\n`);
    await chmod(join(folder, tool), 0o755);
  }
  return folder;
}

function tools(major: number): ClientTools {
  return { directory: `/${String(major)}`, major, version: `${String(major)}.1`, tool: () => null };
}

describe('client tools', () => {
  it('are of the server’s own version, else of the next newer one, never older', () => {
    const installed = [tools(18), tools(15), tools(17)];
    expect(chooseTools(installed, 15)?.major).toBe(15);
    expect(chooseTools(installed, 16)?.major).toBe(17);
    expect(chooseTools(installed, 13)?.major).toBe(15);
    expect(chooseTools(installed, 19)).toBeNull();
  });

  it('are found where HOLDFAST_PG_BIN says, whatever the distribution adds to their version', async () => {
    const folder = await install('own', '91.4 (Debian 91.4-1.pgdg120+1)');
    const found = await findClientTools(91, { HOLDFAST_PG_BIN: folder, PATH: '' });
    expect(found).toMatchObject({ directory: folder, major: 91, version: '91.4' });
    expect(toolPath(found, 'pg_dump')).toBe(join(folder, 'pg_dump'));
    expect(() => toolPath(found, 'psql')).toThrow(/psql is not in/);
  });

  it('of a beta are known by its number', async () => {
    const folder = await install('beta', '92beta1');
    expect(await findClientTools(92, { PATH: folder })).toMatchObject({ major: 92, version: '92beta1' });
  });

  it('do not count when they are not complete, or are Debian’s wrapper', async () => {
    const partial = await install('partial', '93.1', ['pg_dump']);
    const wrapped = await install('wrapped', '93.1', ['pg_wrapper']);
    for (const name of ['pg_dump', 'pg_restore', 'pg_dumpall']) await symlink('pg_wrapper', join(wrapped, name));
    await expect(findClientTools(93, { PATH: `${partial}:${wrapped}` })).rejects.toMatchObject({
      code: expect.stringMatching(/client-(?:too-old|missing)/) as unknown,
    });
  });

  it('that are all too old are named, with what to install', async () => {
    const folder = await install('old', '90.2');
    await expect(findClientTools(99, { PATH: folder })).rejects.toMatchObject({
      code: 'client-too-old',
      message: expect.stringMatching(
        /the server is PostgreSQL 99, and the newest client tools here are 90\.2/,
      ) as unknown,
      hint: expect.stringContaining('apt-get install postgresql-client-99') as unknown,
    });
  });
});
