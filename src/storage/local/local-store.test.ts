import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  chmodSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  truncateSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { collected, inChunks, lifelikeBytes } from '../../../test/harness/stream-bytes.ts';
import { describeStore } from '../../../test/suites/store-conformance.ts';
import { makeTemporaryDirectory, type TemporaryDirectory } from '../../system/temporary-directory.ts';
import { openLocalStore } from './local-store.ts';
import { nameWithoutLinks } from './name-file.ts';

describeStore('the local store', async () => {
  const folder = await makeTemporaryDirectory('store');
  return {
    store: openLocalStore(join(folder.path, 'not', 'there', 'yet')),
    [Symbol.asyncDispose]: () => folder[Symbol.asyncDispose](),
  };
});

let folder: TemporaryDirectory;
beforeEach(async () => {
  folder = await makeTemporaryDirectory('store');
});
afterEach(() => folder[Symbol.asyncDispose]());

async function keysOf(root: string): Promise<string[]> {
  return (await collected(openLocalStore(root).list(''))).map((entry) => entry.key);
}

function modeOf(path: string): string {
  return (statSync(path).mode & 0o777).toString(8);
}

describe('the local store', () => {
  it('makes files 0600 and folders 0700', async () => {
    await openLocalStore(join(folder.path, 'r')).put('a/b', Buffer.from('x'));
    expect([
      modeOf(join(folder.path, 'r')),
      modeOf(join(folder.path, 'r/a')),
      modeOf(join(folder.path, 'r/a/b')),
    ]).toEqual(['700', '700', '600']);
  });

  it('leaves no temporary file behind, and no empty folder after a delete', async () => {
    const store = openLocalStore(folder.path);
    await store.put('a/b', inChunks(lifelikeBytes(1000), 10));
    await store.put('a/b', Buffer.from('x'));
    await expect(store.put('a/b', Buffer.from('x'), { ifAbsent: true })).rejects.toThrow();
    expect(readdirSync(join(folder.path, 'a'))).toEqual(['b']);
    await store.delete('a/b');
    expect(readdirSync(folder.path)).toEqual([]);
  });

  it('lets two runs delete the same folder at once', async () => {
    const stores = [openLocalStore(folder.path), openLocalStore(folder.path)];
    const keys = Array.from({ length: 8 }, (_, file) => `app/backups/one/${file}.json`);
    const deleteAll = async (store: (typeof stores)[number]): Promise<void> => {
      for (const key of keys) await store.delete(key);
    };
    // In about one of six rounds one of them meets a folder that the other has just removed.
    for (let round = 0; round < 60; round += 1) {
      for (const key of keys) await stores[0]?.put(key, Buffer.from('x'));
      await Promise.all(stores.map(deleteAll));
      expect(readdirSync(folder.path)).toEqual([]);
    }
  });

  it('hides what is being written, and sweeps what a dead run left', async () => {
    const store = openLocalStore(folder.path);
    const seen: string[][] = [];
    async function* source(): AsyncGenerator<Uint8Array> {
      yield await Promise.resolve(lifelikeBytes(10));
      seen.push(await keysOf(folder.path));
    }
    await store.put('a/b', source());
    expect(seen).toEqual([[]]);
    const left = join(folder.path, 'a', '.tmp-1-abc');
    writeFileSync(left, 'half');
    utimesSync(left, 1000, 1000);
    expect(await store.sweepInterrupted(new Date(999_000))).toBe(0);
    expect(await keysOf(folder.path)).toEqual(['a/b']);
    expect(await store.sweepInterrupted(new Date(1_001_000))).toBe(1);
    expect(readdirSync(join(folder.path, 'a'))).toEqual(['b']);
  });

  it('says of a file that was copied here with its old time that it is new here', async () => {
    const store = openLocalStore(folder.path);
    await store.put('a/b', Buffer.from('x'));
    utimesSync(join(folder.path, 'a', 'b'), 1000, 1000);
    const { ctime } = statSync(join(folder.path, 'a', 'b'));
    const [listed] = await collected(store.list('a/'));
    for (const object of [await store.head('a/b'), listed?.object]) expect(object?.modified).toEqual(ctime);
  });

  it('lists files that others put there, through links too, and nothing that is not a file', async () => {
    mkdirSync(join(folder.path, 'elsewhere'));
    mkdirSync(join(folder.path, 'root', 'sub'), { recursive: true });
    mkdirSync(join(folder.path, 'root', 'empty', 'deeper'), { recursive: true });
    writeFileSync(join(folder.path, 'elsewhere', 'old.sql.gz'), 'x');
    writeFileSync(join(folder.path, 'root', 'plain'), 'x');
    writeFileSync(
      Buffer.concat([Buffer.from(join(folder.path, 'root', 'sub')), Buffer.from('/bad\xff', 'latin1')]),
      'x',
    );
    symlinkSync(join(folder.path, 'elsewhere'), join(folder.path, 'root', 'linked'));
    symlinkSync('plain', join(folder.path, 'root', 'latest'));
    symlinkSync('nowhere', join(folder.path, 'root', 'dangling'));
    symlinkSync('..', join(folder.path, 'root', 'sub', 'up'));
    symlinkSync(join(folder.path, 'root'), join(folder.path, 'elsewhere', 'back'));
    execFileSync('mkfifo', [join(folder.path, 'root', 'fifo')]);
    expect(await keysOf(join(folder.path, 'root'))).toEqual(['latest', 'linked/old.sql.gz', 'plain']);
    const store = openLocalStore(join(folder.path, 'root'));
    const top = (await collected(store.list('', { delimiter: '/' }))).map((entry) => entry.key);
    expect(top).toEqual(['latest', 'linked/', 'plain']);
    expect(await store.head('fifo')).toBeNull();
    expect(await store.head('sub')).toBeNull();
  });

  it('never gives fewer bytes than the file had when it was opened', async () => {
    const store = openLocalStore(folder.path);
    await store.put('k', lifelikeBytes(3_000_000));
    const reading = (async () => {
      for await (const chunk of store.get('k')) if (chunk.length > 0) truncateSync(join(folder.path, 'k'), 1_000_000);
    })();
    await expect(reading).rejects.toMatchObject({ code: 'object-changed', retry: true });
  });

  it('says that a file grew while it was read', async () => {
    const store = openLocalStore(folder.path);
    await store.put('k', lifelikeBytes(100));
    const reading = (async () => {
      for await (const chunk of store.get('k')) writeFileSync(join(folder.path, 'k'), Buffer.alloc(chunk.length + 1));
    })();
    await expect(reading).rejects.toMatchObject({ code: 'object-changed' });
  });

  it('tells a name that collides with a folder', async () => {
    const store = openLocalStore(folder.path);
    await store.put('a/b', Buffer.from('x'));
    await expect(store.put('a', Buffer.from('x'))).rejects.toMatchObject({ code: 'invalid-key' });
    await expect(store.put('a/b/c', Buffer.from('x'))).rejects.toMatchObject({ code: 'invalid-key' });
    await expect(store.put('n'.repeat(300), Buffer.from('x'))).rejects.toMatchObject({ code: 'invalid-key' });
    expect(await keysOf(folder.path)).toEqual(['a/b']);
  });

  it('knows the room of a folder that is not there yet', async () => {
    const free = await openLocalStore(join(folder.path, 'x', 'y')).freeBytes();
    expect(free).toBeGreaterThan(0);
  });
});

describe('a writer that is killed', () => {
  it('leaves nothing that is listed, and what it left is swept', async () => {
    const url = JSON.stringify(new URL('./local-store.ts', import.meta.url).href);
    const script = `
      const { openLocalStore } = await import(${url});
      async function* endless() {
        for (let count = 0; ; count += 1) {
          if (count === 20) console.log('writing');
          yield Buffer.alloc(100_000, 1);
          await new Promise((resolve) => setTimeout(resolve, 1));
        }
      }
      await openLocalStore(${JSON.stringify(folder.path)}).put('a/b', endless());
    `;
    const writer = spawn(process.execPath, ['--input-type=module', '-e', script], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    await once(writer.stdout, 'data');
    writer.kill('SIGKILL');
    await once(writer, 'exit');
    expect(readdirSync(join(folder.path, 'a'))).toHaveLength(1);
    expect(await keysOf(folder.path)).toEqual([]);
    const store = openLocalStore(folder.path);
    const now = statSync(join(folder.path, 'a')).mtimeMs;
    expect(await store.sweepInterrupted(new Date(now + 60_000))).toBe(1);
    expect(readdirSync(join(folder.path, 'a'))).toEqual([]);
  });
});

describe('a file system without hard links', () => {
  it('lets one of several writers have the name, and leaves no claim', async () => {
    const target = join(folder.path, 'target');
    const written = ['1', '2', '3', '4'].map((name) => join(folder.path, name));
    for (const path of written) writeFileSync(path, path);
    const outcomes = await Promise.allSettled(written.map((path) => nameWithoutLinks(path, target)));
    const winners = written.filter((_, index) => outcomes[index]?.status === 'fulfilled');
    expect(winners).toHaveLength(1);
    expect(readFileSync(target, 'utf8')).toBe(winners[0]);
    await expect(nameWithoutLinks(written.find((path) => path !== winners[0]) ?? '', target)).rejects.toMatchObject({
      code: 'object-exists',
    });
    expect(readdirSync(folder.path).filter((name) => name.startsWith('.tmp-'))).toEqual([]);
  });
});

/** A file system of 1 MiB; null where this user may not mount. */
function mountSmall(path: string): { readonly unmount: () => void } | null {
  mkdirSync(path);
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=1m', 'holdfast-test', path], { stdio: 'ignore' });
  } catch {
    return null;
  }
  return { unmount: () => execFileSync('umount', [path]) };
}

describe('the local store in trouble', () => {
  it('says that the disk is full, removes what it wrote, and keeps what was there', async ({ skip }) => {
    const path = join(folder.path, 'small');
    const small = mountSmall(path);
    if (small === null) return skip('this user may not mount');
    try {
      const store = openLocalStore(path);
      await store.put('old', Buffer.from('old'));
      const writing = store.put('sub/new', inChunks(lifelikeBytes(3_000_000), 65_536));
      await expect(writing).rejects.toMatchObject({
        code: 'store-full',
        hint: expect.stringContaining(path) as string,
      });
      expect(await keysOf(path)).toEqual(['old']);
      expect(readdirSync(join(path, 'sub'))).toEqual([]);
      execFileSync('mount', ['-o', 'remount,ro', path]);
      await expect(store.put('x', Buffer.from('x'))).rejects.toMatchObject({ code: 'store-read-only' });
      expect(await keysOf(path)).toEqual(['old']);
    } finally {
      small.unmount();
    }
    return undefined;
  });

  it('says that this user may not, with the folder named', () => {
    const root = join(folder.path, 'theirs');
    mkdirSync(root);
    chmodSync(root, 0o500);
    chmodSync(folder.path, 0o755);
    const url = JSON.stringify(new URL('./local-store.ts', import.meta.url).href);
    // Root may write anywhere, so another user tries.
    const script = `
      if (process.getuid() === 0) { process.setgid(65534); process.setuid(65534); }
      const { openLocalStore } = await import(${url});
      const error = await openLocalStore(${JSON.stringify(root)}).put('k', Buffer.from('x')).catch((error) => error);
      console.log(JSON.stringify({ code: error.code, hint: error.hint }));
    `;
    const said = execFileSync(process.execPath, ['--input-type=module', '-e', script], { cwd: tmpdir() });
    expect(JSON.parse(String(said))).toEqual({ code: 'store-denied', hint: expect.stringContaining(root) as string });
  });
});
