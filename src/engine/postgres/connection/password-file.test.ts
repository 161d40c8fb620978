import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { PgAddress } from './address.ts';
import { passwordFromFile } from './password-file.ts';

let directory = '';
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'holdfast-pgpass-'));
});
afterEach(async () => {
  await rm(directory, { recursive: true });
});

async function lookUp(text: string, address: Partial<PgAddress>, mode = 0o600): Promise<string | null> {
  const path = join(directory, 'pgpass');
  await writeFile(path, text);
  await chmod(path, mode);
  return passwordFromFile({
    host: 'db',
    port: 5432,
    user: 'app',
    password: null,
    database: 'main',
    sslmode: null,
    options: { PGPASSFILE: path },
    ...address,
  });
}

describe('the password file', () => {
  it('gives the first line that fits', async () => {
    const text = '# comment\nother:*:*:*:no\ndb:5432:*:app:first\n*:*:*:*:second\n';
    expect(await lookUp(text, {})).toBe('first');
    expect(await lookUp(text, { port: 5433 })).toBe('second');
  });

  it('understands escaped colons and backslashes, and colons in the password', async () => {
    expect(await lookUp('db:5432:a\\:b\\\\:app:p:q\\:r\n', { database: 'a:b\\' })).toBe('p:q:r');
  });

  it('takes localhost for a socket directory', async () => {
    expect(await lookUp('localhost:*:*:*:x\n', { host: '/var/run/postgresql' })).toBe('x');
  });

  it('is ignored when others may read it', async () => {
    expect(await lookUp('*:*:*:*:x\n', {}, 0o644)).toBeNull();
  });
});
