import { execFileSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { makeTemporaryDirectory, type TemporaryDirectory } from '../system/temporary-directory.ts';
import { inChunks, lifelikeBytes, neverAborted } from '../../test/harness/stream-bytes.ts';
import { beginsAsTar } from './tar-header.ts';
import { readTar } from './tar-reader.ts';

let folder: TemporaryDirectory;
beforeEach(async () => {
  folder = await makeTemporaryDirectory('tar');
});
afterEach(() => folder[Symbol.asyncDispose]());

const longName = `${'long-'.repeat(40)}name.sql`;

/** As the machine's own tar writes it. */
function tarred(format: string, ...names: readonly string[]): Buffer {
  return execFileSync('tar', ['-C', folder.path, `--format=${format}`, '-cf', '-', ...names]);
}

async function read(bytes: Buffer, chunkBytes = 700): Promise<readonly (readonly [string, Buffer])[]> {
  const found: [string, Buffer][] = [];
  for await (const member of readTar(inChunks(bytes, chunkBytes), neverAborted)) {
    const parts: Buffer[] = [];
    for await (const part of member.bytes) parts.push(Buffer.from(part));
    if (member.kind === 'file') found.push([member.name, Buffer.concat(parts)]);
  }
  return found;
}

describe('readTar', () => {
  test.each(['ustar', 'gnu', 'pax', 'v7'])(
    'reads what tar --format=%s writes, in chunks of any size',
    async (format) => {
      const [small, large] = [lifelikeBytes(513, 2), lifelikeBytes(100_000)];
      mkdirSync(join(folder.path, 'd'));
      writeFileSync(join(folder.path, 'd/a.sql'), small);
      writeFileSync(join(folder.path, 'b.dump'), large);
      writeFileSync(join(folder.path, 'empty'), '');
      const bytes = tarred(format, 'd', 'empty', 'b.dump');
      expect(beginsAsTar(bytes)).toBe(true);
      for (const chunkBytes of [1, 512, 65_536]) {
        expect(await read(bytes, chunkBytes)).toEqual([
          ['d/a.sql', small],
          ['empty', Buffer.alloc(0)],
          ['b.dump', large],
        ]);
      }
    },
  );

  test.each(['gnu', 'pax'])('reads long names as --format=%s writes them', async (format) => {
    writeFileSync(join(folder.path, longName), 'x');
    expect(await read(tarred(format, longName))).toEqual([[longName, Buffer.from('x')]]);
  });

  test('passes over what nobody reads', async () => {
    writeFileSync(join(folder.path, 'a'), lifelikeBytes(3000));
    writeFileSync(join(folder.path, 'b'), 'b');
    const names: string[] = [];
    for await (const { name } of readTar(inChunks(tarred('gnu', 'a', 'b'), 700), neverAborted)) names.push(name);
    expect(names).toEqual(['a', 'b']);
  });

  test('finds every cut, and what stands behind the end', async () => {
    writeFileSync(join(folder.path, 'a'), lifelikeBytes(1500));
    const bytes = tarred('ustar', 'a');
    const end = 512 + 1536 + 1024;
    for (let length = 0; length < end; length += 97) {
      await expect(read(bytes.subarray(0, length)), `cut to ${length}`).rejects.toMatchObject({ code: 'damaged-tar' });
    }
    await expect(read(Buffer.concat([bytes, Buffer.from('x')]))).rejects.toMatchObject({ code: 'damaged-tar' });
    const changed = Buffer.from(bytes);
    changed.writeUInt8(changed.readUInt8(3) ^ 1, 3);
    await expect(read(changed)).rejects.toMatchObject({ code: 'damaged-tar', exit: 15 });
  });
});

test('other bytes do not begin as a tar file', () => {
  expect(beginsAsTar(Buffer.alloc(1024))).toBe(false);
  expect(beginsAsTar(lifelikeBytes(1024))).toBe(false);
  expect(beginsAsTar(Buffer.from('short'))).toBe(false);
});
