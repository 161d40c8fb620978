import { chmod, mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { mayEnter } from './may-enter.ts';

it('lets somebody in only where every folder on the way does', async () => {
  const place = await mkdtemp(join(tmpdir(), 'hft-enter-'));
  const inner = join(place, 'inner');
  await mkdir(inner);
  const stranger = { uid: 54_321, gid: 54_321 };
  const owner = { uid: process.getuid?.() ?? 0, gid: process.getgid?.() ?? 0 };
  try {
    await chmod(inner, 0o755);
    await chmod(place, 0o700);
    expect([await mayEnter(inner, owner), await mayEnter(inner, stranger)]).toEqual([true, false]);
    await chmod(place, 0o711);
    expect(await mayEnter(inner, stranger)).toBe(true);
    await chmod(inner, 0o750);
    expect(await mayEnter(inner, stranger)).toBe(false);
    expect(await mayEnter(inner, { uid: stranger.uid, gid: owner.gid })).toBe(true);
  } finally {
    await rm(place, { recursive: true });
  }
});
