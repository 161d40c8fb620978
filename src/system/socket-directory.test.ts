import { mkdtemp, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { makeSocketDirectory } from './socket-directory.ts';

const usual = process.env['TMPDIR'];
let base = '';

beforeEach(async () => {
  base = await mkdtemp(join(tmpdir(), 'holdfast-socket-'));
});

afterEach(async () => {
  if (usual === undefined) delete process.env['TMPDIR'];
  else process.env['TMPDIR'] = usual;
  await rm(base, { recursive: true });
});

it('is this user’s alone, in the temporary folder', async () => {
  process.env['TMPDIR'] = base;
  await using directory = await makeSocketDirectory('relay', '.s.PGSQL.5432');
  expect(dirname(directory.path)).toBe(base);
  expect((await stat(directory.path)).mode & 0o777).toBe(0o700);
});

it('is in /tmp where the name of the temporary folder would make the socket’s too long', async () => {
  process.env['TMPDIR'] = await mkdtemp(join(base, `${'long'.repeat(20)}-`));
  await using directory = await makeSocketDirectory('relay', '.s.PGSQL.5432');
  expect(dirname(directory.path)).toBe('/tmp');
});
