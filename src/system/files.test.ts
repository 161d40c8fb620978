import { mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { fsyncDirectory, writeFileDurably } from './atomic-file.ts';
import { freeBytesAt } from './free-space.ts';
import { stateDirectory } from './state-directory.ts';
import { findAbandonedDirectories, makeTemporaryDirectory, type TemporaryDirectory } from './temporary-directory.ts';

let folder: TemporaryDirectory;
beforeEach(async () => {
  folder = await makeTemporaryDirectory('files');
});
afterEach(() => folder[Symbol.asyncDispose]());

function modeOf(path: string): string {
  return (statSync(path).mode & 0o777).toString(8);
}

describe('writeFileDurably', () => {
  it('writes and replaces a file that only its owner can read', async () => {
    const path = join(folder.path, 'file');
    await writeFileDurably(path, 'the longer first');
    await writeFileDurably(path, Buffer.from('second'));
    expect(readFileSync(path, 'utf8')).toBe('second');
    expect(modeOf(path)).toBe('600');
    expect(readdirSync(folder.path)).toEqual(['file']);
  });

  it('leaves the old one, and nothing else, when it fails', async () => {
    const path = join(folder.path, 'taken');
    mkdirSync(join(path, 'full'), { recursive: true });
    await expect(writeFileDurably(path, 'x')).rejects.toThrow();
    await expect(writeFileDurably(join(folder.path, 'missing', 'x'), 'x')).rejects.toMatchObject({ code: 'ENOENT' });
    expect(readdirSync(folder.path)).toEqual(['taken']);
  });
});

describe('fsyncDirectory', () => {
  it('needs a folder that is there', async () => {
    await fsyncDirectory(folder.path);
    await expect(fsyncDirectory(join(folder.path, 'missing'))).rejects.toMatchObject({ code: 'ENOENT' });
  });
});

describe('freeBytesAt', () => {
  it('answers for what is not there yet by the folder it will be in', async () => {
    expect(await freeBytesAt(folder.path)).toBeGreaterThan(0);
    expect(await freeBytesAt(join(folder.path, 'a', 'b'))).toBeGreaterThan(0);
    writeFileSync(join(folder.path, 'file'), '');
    expect(await freeBytesAt(join(folder.path, 'file', 'below'))).toBeGreaterThan(0);
  });
});

describe('stateDirectory', () => {
  it('is named by HOLDFAST_STATE_DIR, XDG_STATE_HOME or HOME, in this order, and made for its owner', () => {
    const base = folder.path;
    const own = { HOLDFAST_STATE_DIR: join(base, 'own'), XDG_STATE_HOME: join(base, 'xdg'), HOME: join(base, 'home') };
    expect(stateDirectory(own)).toBe(join(base, 'own'));
    expect(modeOf(join(base, 'own'))).toBe('700');
    expect(stateDirectory({ ...own, HOLDFAST_STATE_DIR: '' })).toBe(join(base, 'xdg', 'holdfast'));
    expect(stateDirectory({ HOME: own.HOME, XDG_STATE_HOME: 'relative' })).toBe(
      join(base, 'home', '.local', 'state', 'holdfast'),
    );
  });

  it('says what to set when it cannot be made', () => {
    writeFileSync(join(folder.path, 'file'), '');
    expect(() => stateDirectory({ HOLDFAST_STATE_DIR: join(folder.path, 'file', 'x') })).toThrow(
      expect.objectContaining({ code: 'state-directory' }) as Error,
    );
  });
});

describe('makeTemporaryDirectory', () => {
  it('is ours alone, carries purpose and process, and is gone with everything in it when disposed', async () => {
    const directory = await makeTemporaryDirectory('test', folder.path);
    expect(basename(directory.path)).toMatch(new RegExp(`^holdfast-test-${String(process.pid)}-`));
    expect(modeOf(directory.path)).toBe('700');
    mkdirSync(join(directory.path, 'a', 'b'), { recursive: true });
    writeFileSync(join(directory.path, 'a', 'b', 'c'), 'x');
    await directory[Symbol.asyncDispose]();
    await directory[Symbol.asyncDispose]();
    expect(readdirSync(folder.path)).toEqual([]);
  });

  it('is under the temporary folder of the system when nothing else is said', async () => {
    await using directory = await makeTemporaryDirectory('test');
    expect(directory.path.startsWith(tmpdir())).toBe(true);
  });

  it('is found when its process is gone, by its purpose', async () => {
    await using mine = await makeTemporaryDirectory('test', folder.path);
    expect(basename(mine.path)).not.toBe('');
    // Beyond the largest process number there can be (proc_sys_kernel(5), pid_max).
    for (const name of ['holdfast-test-4194305-abcdef', 'holdfast-other-4194305-abcdef', 'holdfast-test-x-abcdef']) {
      mkdirSync(join(folder.path, name));
    }
    expect(await findAbandonedDirectories('test', folder.path)).toEqual([
      join(folder.path, 'holdfast-test-4194305-abcdef'),
    ]);
    rmSync(join(folder.path, 'holdfast-test-4194305-abcdef'), { recursive: true });
    expect(await findAbandonedDirectories('test', folder.path)).toEqual([]);
  });
});
