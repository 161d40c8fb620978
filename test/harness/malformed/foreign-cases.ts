/** Files of other programs, cut, changed, or not what their names say. */

import { createHash } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { cp, mkdir, readFile, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { createGzip, createZstdCompress, gzipSync } from 'node:zlib';
import { makePipe, randomFor, seededRandom, type MalformedCase } from './malformed-case.ts';

/** As `makeForeignFiles` of the test makes them. */
export const foreignNames = [
  'app.dump',
  'app.tar',
  'app.sql',
  'app.dump.gz',
  'app.sql.gz',
  'app.sql.zst',
  'cluster.sql.gz',
  'notes.db.gz',
] as const;

/** `whole` tells the folder with the files as they should be. */
export function foreignCases(whole: () => string): readonly MalformedCase[] {
  return [...foreignNames.flatMap((name) => spoiltCases(whole, name)), ...oddFiles];
}

function spoiltCases(whole: () => string, name: string): readonly MalformedCase[] {
  const changed = (title: string, change: (bytes: Buffer) => Buffer, withSum = false): MalformedCase => ({
    title: `file: ${name}: ${title}`,
    args: ['verify', '--file', name],
    prepare: async (folder) => {
      const bytes = await readFile(join(whole(), name));
      const sum = createHash('sha256').update(bytes).digest('hex');
      await writeFile(join(folder, name), change(bytes));
      if (withSum) await writeFile(join(folder, `${name}.sha256`), `${sum}  ${name}\n`);
    },
  });
  const share = randomFor(name).below(80) + 10;
  return [
    changed(`cut at ${String(share)} %`, (bytes) => bytes.subarray(0, Math.floor((bytes.length * share) / 100))),
    changed('without its last 3 bytes', (bytes) => bytes.subarray(0, -3)),
    changed('its beginning only', (bytes) => bytes.subarray(0, 20)),
    changed(
      'one bit changed, its sum beside it',
      (bytes) => {
        const at = randomFor(`${name}: one bit`).below(bytes.length);
        bytes.writeUInt8(bytes.readUInt8(at) ^ 4, at);
        return bytes;
      },
      true,
    ),
  ];
}

async function makeFolder(path: string): Promise<void> {
  await mkdir(path);
}

async function writeZeros(packed: NodeJS.ReadWriteStream, path: string): Promise<void> {
  const zeros = Buffer.alloc(1_000_000);
  await pipeline(
    Array.from({ length: 500 }, () => zeros),
    packed,
    createWriteStream(path),
  );
}

type Make = (path: string) => Promise<void>;

const files: readonly (readonly [title: string, name: string, make: Make])[] = [
  ['empty', 'x.sql', (path) => writeFile(path, '')],
  ['random bytes', 'x.dump', (path) => writeFile(path, seededRandom(51).bytes(20_000))],
  [
    'the first word of an archive, then random bytes',
    'x.dump',
    (path) => writeFile(path, Buffer.concat([Buffer.from('PGDMP'), seededRandom(52).bytes(3000)])),
  ],
  [
    'an archive of a version to come',
    'x.dump',
    (path) =>
      writeFile(
        path,
        Buffer.concat([Buffer.from('PGDMP'), Buffer.from([9, 0, 0, 4, 8, 1]), seededRandom(53).bytes(300)]),
      ),
  ],
  [
    'a gzip header, then random bytes',
    'x.sql.gz',
    (path) =>
      writeFile(path, Buffer.concat([Buffer.from([0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 3]), seededRandom(54).bytes(3000)])),
  ],
  [
    'a zstd magic, then random bytes',
    'x.sql.zst',
    (path) => writeFile(path, Buffer.concat([Buffer.from([0x28, 0xb5, 0x2f, 0xfd]), seededRandom(55).bytes(3000)])),
  ],
  [
    'gzip in gzip in gzip of random bytes',
    'x.gz',
    (path) => writeFile(path, gzipSync(gzipSync(gzipSync(seededRandom(56).bytes(3000))))),
  ],
  [
    'gzip forty times',
    'x.gz',
    (path) =>
      writeFile(
        path,
        Array.from({ length: 40 }).reduce<Buffer>((inner) => gzipSync(inner), Buffer.from('x')),
      ),
  ],
  ['500 MB of zeros in gzip', 'x.sql.gz', (path) => writeZeros(createGzip({ level: 1 }), path)],
  ['500 MB of zeros in zstd', 'x.sql.zst', (path) => writeZeros(createZstdCompress(), path)],
  [
    'one statement of 30 MB',
    'x.sql',
    (path) => writeFile(path, `-- PostgreSQL database dump\nSELECT '${'x'.repeat(30_000_000)}`),
  ],
  ['a SQLite header alone', 'x.db', (path) => writeFile(path, 'SQLite format 3\0')],
  [
    'a SQLite header, then random bytes',
    'x.db',
    (path) => writeFile(path, Buffer.concat([Buffer.from('SQLite format 3\0'), seededRandom(57).bytes(40_000)])),
  ],
  ['a tar of nothing', 'x.tar', (path) => writeFile(path, Buffer.alloc(10_240))],
  ['a PDF', 'x.dump', (path) => writeFile(path, '%PDF-1.7\n%âãÏÓ\n1 0 obj\n')],
  [
    'a dump of MySQL',
    'x.sql',
    (path) => writeFile(path, '-- MySQL dump 10.13\nCREATE TABLE `t` (`id` int) ENGINE=InnoDB;\n'),
  ],
  [
    'an encrypted file',
    'x.dump.gpg',
    (path) => writeFile(path, Buffer.concat([Buffer.from([0x85, 0x01, 0x0c, 0x03]), seededRandom(58).bytes(600)])),
  ],
  ['a folder', 'x.dump', makeFolder],
  ['a named pipe', 'x.dump', (path) => makePipe(path)],
  ['a link to itself', 'x.dump', (path) => symlink('x.dump', path)],
  ['a link to a device', 'x.dump', (path) => symlink('/dev/zero', path)],
];

const sums: readonly (readonly [title: string, make: Make])[] = [
  ['random bytes', (path) => writeFile(path, seededRandom(61).bytes(500))],
  ['a folder', makeFolder],
  ['a named pipe', (path) => makePipe(path)],
  ['of something else', (path) => writeFile(path, `${'0'.repeat(64)}  other\n`)],
  ['50 MB long', (path) => writeFile(path, 'x'.repeat(50_000_000))],
];

const oddFiles: readonly MalformedCase[] = [
  ...files.map(([title, name, make]) => ({
    title: `file: ${title}`,
    args: ['verify', '--file', name],
    prepare: (folder: string) => make(join(folder, name)),
  })),
  ...sums.map(([title, make]) => ({
    title: `file: a checksum beside it that is ${title}`,
    args: ['verify', '--file', 'copy.db'],
    exits: [0, 3, 13, 15],
    prepare: async (folder: string) => {
      await cp(join(folder, 'notes.db'), join(folder, 'copy.db'));
      await make(join(folder, 'copy.db.sha256'));
    },
  })),
  {
    title: 'file: random bytes through standard input',
    args: ['verify', '--file', '-'],
    stdin: 'neither this nor that\n',
  },
  { title: 'file: nothing through standard input', args: ['verify', '--file', '-'] },
  { title: 'file: not there', args: ['restore', '--file', 'nowhere.dump', '--yes'] },
];
