/**
 * Every parser of outside text and bytes, on noise and on right input that was changed: it reads it or says in its own words what is
 * wrong; it never breaks, and answers in time. What the whole program makes of wrong input: `test/e2e/malformed.test.ts`.
 */

import { gzipSync, zstdCompressSync } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decodeGzip } from '../../src/codec/gzip-decoder.ts';
import { readTar } from '../../src/codec/tar-reader.ts';
import { decodeZstd } from '../../src/codec/zstd-decoder.ts';
import { databaseNameOf } from '../../src/config/database-name.ts';
import { parseEnvFile } from '../../src/config/env-file.ts';
import { parseAgeMs, parseBytes, parseDurationMs, parsePercent } from '../../src/config/quantity.ts';
import { isSameTarget } from '../../src/config/same-target.ts';
import { splitWords } from '../../src/config/split-words.ts';
import { parseConfiguration, readSettings } from '../../src/config/yaml-file.ts';
import { parseSums } from '../../src/domain/checksum-file.ts';
import { HoldfastError } from '../../src/domain/error.ts';
import { meetsExpectation } from '../../src/domain/expectation.ts';
import { parseMoment } from '../../src/domain/moment.ts';
import { parseSchedule } from '../../src/domain/schedule-text.ts';
import { timeInName } from '../../src/domain/time-in-name.ts';
import { TocReader } from '../../src/engine/postgres/archive/toc-reader.ts';
import { writeArchive } from '../../src/engine/postgres/archive/write-archive.ts';
import { readAddress } from '../../src/engine/postgres/connection/address.ts';
import { recognise } from '../../src/engine/postgres/foreign/recognise.ts';
import { cutScript } from '../../src/engine/postgres/foreign/script-parts.ts';
import { parseImageHeader } from '../../src/engine/sqlite/image/image-header.ts';
import { parseSqliteUrl } from '../../src/engine/sqlite/target/database-url.ts';
import { decodeBegin, decodeFingerprint, decodeManifest, decodeMark } from '../../src/repository/manifest-codec.ts';
import { sealJson } from '../../src/repository/sealed-json.ts';
import { wallClock } from '../../src/system/wall-clock.ts';
import { quietWork } from './restore/dumped-backup.ts';

const { signal } = quietWork;
const folder = { database: 'app', id: '20261121T020000Z-dump-k3f9' } as Parameters<typeof decodeManifest>[1];

/** What is thrown on wrong input is ours to say. */
async function expectOwnWords(action: () => unknown): Promise<void> {
  try {
    await action();
  } catch (thrown) {
    expect(thrown).toBeInstanceOf(HoldfastError);
    expect(thrown).toMatchObject({ code: expect.not.stringMatching('internal-error') as unknown });
  }
}

async function drain(bytes: AsyncIterable<unknown>): Promise<void> {
  for await (const _ of bytes);
}

async function* chunked(bytes: Uint8Array, chunkBytes: number): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += chunkBytes)
    yield await Promise.resolve(bytes.subarray(at, at + chunkBytes));
}

/** Right bytes with some of them changed, and cut. */
function spoilt(whole: Uint8Array): fc.Arbitrary<Buffer> {
  const change = fc.tuple(fc.nat(whole.length - 1), fc.integer({ min: 1, max: 255 }));
  return fc.tuple(fc.array(change, { maxLength: 5 }), fc.nat(whole.length)).map(([changes, length]) => {
    const bytes = Buffer.from(whole);
    for (const [at, mask] of changes) bytes[at] = (bytes[at] ?? 0) ^ mask;
    return bytes.subarray(0, length);
  });
}

/** Letters that mean something to most parsers come more often. */
const text = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 200 }),
  fc.string({ unit: fc.constantFrom(...Array.from('"\'`\\#=:@/?%&[]{},-*!|>\n\t $0129azTZ;()')), maxLength: 200 }),
);

describe('texts', () => {
  const target = (url: string) => ({ url, origin: '--url', baseDir: '/', environment: {} });

  it.each<readonly [string, (input: string) => unknown]>([
    ['an address of PostgreSQL', (input) => readAddress(target(`postgres://${input}`))],
    ['an address in keywords', (input) => readAddress(target(`host=${input}`))],
    ['an address of SQLite', (input) => parseSqliteUrl(`file:${input}`)],
    ['the name in an address', (input) => databaseNameOf(`postgres://${input}`)],
    ['two addresses', (input) => isSameTarget(target(`postgres://${input}`), target(`postgres://h/${input}`))],
    ['a .env file', (input) => parseEnvFile(`A=1\nB=${input}`)],
    ['holdfast.yaml', (input) => parseConfiguration(`databases:\n  app: ${input}`, 'holdfast.yaml')],
    ['a time', (input) => parseMoment(input, 'Europe/Berlin')],
    ['a schedule', (input) => parseSchedule(input, 'Europe/Berlin')],
    ['a schedule as cron', (input) => parseSchedule(`0 0 ${input} * *`, 'UTC')],
    ['amounts', (input) => [parseDurationMs(input), parseAgeMs(input), parseBytes(input), parsePercent(input)]],
    ['words', splitWords],
    ['checksums', parseSums],
    ['an expectation', (input) => meetsExpectation('26', input)],
    ['a file’s name', (input) => timeInName(input, 'UTC')],
  ])('%s', async (_, parse) => {
    await fc.assert(fc.asyncProperty(text, (input) => expectOwnWords(() => parse(input))));
  });

  it('settings of a program', async () => {
    await fc.assert(
      fc.asyncProperty(fc.anything(), (input) => expectOwnWords(() => readSettings(input, 'the options'))),
    );
  });

  // What takes the square of the length would take minutes here.
  it.each<readonly [string, string]>([
    ['colons', ':'],
    ['at signs', '@'],
    ['slashes', '/'],
    ['question marks', '?'],
    ['both', '@/?'],
    ['quotes', `'"`],
    ['open quotes', `\nA="\\"`],
    ['blanks', ' '],
    ['digits', '9'],
  ])('are read in time: many %s', async (_, piece) => {
    const long = piece.repeat(40_000);
    const parsers: readonly ((input: string) => unknown)[] = [
      (input) => databaseNameOf(`postgres://${input}`),
      (input) => isSameTarget(target(`postgres://${input}`), target('postgres://h/a')),
      parseEnvFile,
      splitWords,
      parseDurationMs,
      parseSums,
      (input) => parseSchedule(input, 'UTC'),
      (input) => parseMoment(input, 'UTC'),
      (input) => timeInName(input, 'UTC'),
    ];
    for (const parse of parsers) {
      const begunMs = wallClock.monotonicMs();
      await expectOwnWords(() => parse(long));
      expect(wallClock.monotonicMs() - begunMs, String(parse)).toBeLessThan(2000);
    }
  });
});

describe('bytes', () => {
  const archive = writeArchive([
    { dumpId: 1, desc: 'TABLE', definition: 'CREATE TABLE t (a text);', namespace: 'public' },
    {
      dumpId: 2,
      desc: 'TABLE DATA',
      copyStatement: 'COPY public.t (a) FROM stdin;\n',
      dependencies: [1],
      rows: [Buffer.from('one\n')],
    },
  ]);
  const content = Buffer.from('a row\tand another\n'.repeat(300));
  const script = Buffer.from(
    "SELECT $a$x$a$, 'it''s', \"n\"; COPY t FROM stdin;\n1\n\\.\n\\connect app\n/* c */ SELECT 1;\n",
  );
  const manifest = sealJson({ format: 1, id: folder.id, database: 'app', artifacts: [] });
  const header = Buffer.concat([Buffer.from('SQLite format 3\0'), Buffer.alloc(84, 1)]);

  it.each<readonly [string, Uint8Array, (input: Buffer) => unknown]>([
    ['the head of an archive', archive, (input) => new TocReader().push(input)],
    ['zstd', zstdCompressSync(content), (input) => drain(decodeZstd(chunked(input, 100), { signal, concurrency: 2 }))],
    ['gzip', gzipSync(content), (input) => drain(decodeGzip(chunked(input, 100), signal))],
    ['tar', Buffer.alloc(10_240, 0x30), (input) => drain(readTar(chunked(input, 700), signal))],
    ['a script', script, (input) => drain(cutScript(chunked(input, 7)))],
    ['a file of another program', Buffer.concat([archive, script]), recognise],
    ['a manifest', manifest, (input) => decodeManifest(input, folder)],
    [
      'a begin, a mark, a fingerprint',
      manifest,
      (input) => [decodeBegin(input, folder), decodeMark(input, folder), decodeFingerprint(input)],
    ],
    ['the header of a SQLite file', header, parseImageHeader],
  ])('%s', async (_, whole, parse) => {
    const noise = fc.uint8Array({ maxLength: 2000 }).map((bytes) => Buffer.from(bytes));
    await fc.assert(
      fc.asyncProperty(fc.oneof(spoilt(whole), noise), (input) => expectOwnWords(() => parse(input))),
      { numRuns: 150 },
    );
  });
});
