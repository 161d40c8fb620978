import { execFile } from 'node:child_process';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { makeTestDirectory } from '../../../../../test/harness/temporary.ts';

/** Appends rows until the file may not grow any more, as on a disk that is full, while somebody waits for more of them. */
const script = `
  const [module, path] = process.argv.slice(1);
  const { DataSpool } = await import(module);
  const spool = await DataSpool.create(path);
  const entry = { dumpId: 1 };
  const message = Buffer.alloc(32 * 1024, 'x');
  const failure = { code: 'none' };
  const reading = spool.take().then(async (segment) => {
    for await (const _ of spool.read(segment));
  });
  try {
    for (let turn = 0; turn < 100; turn += 1) await spool.append({ kind: 'rows', entry, message, release() {} });
  } catch (thrown) {
    failure.code = thrown.code;
    failure.message = thrown.message;
    spool.fail(thrown);
  }
  await reading.catch((thrown) => { failure.reader = thrown.code; });
  console.log(JSON.stringify(failure));
`;

test('a disk that fills up says so, and whoever waits for rows hears of it', async () => {
  await using folder = await makeTestDirectory('spool');
  const path = join(folder.path, 'data');
  const run = 'ulimit -f 256 && exec "$0" --input-type=module -e "$1" "$2" "$3"';
  const module = new URL('data-spool.ts', import.meta.url).href;
  const { stdout } = await promisify(execFile)('/bin/sh', ['-c', run, process.execPath, script, module, path]);
  expect(JSON.parse(stdout)).toEqual({
    code: 'no-room-for-rows',
    message: expect.stringContaining(path) as unknown,
    reader: 'no-room-for-rows',
  });
  expect(await readdir(folder.path)).toEqual(['data']);
});
