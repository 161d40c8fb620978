/** A repository of which one file is not what was written: cut, changed, swapped, or no file at all. */

import { cp, mkdir, readdir, readFile, rm, truncate, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { backupFolders } from '../forge.ts';
import { makePipe, randomFor, seededRandom, type MalformedCase, type Random } from './malformed-case.ts';

interface Place {
  /** The newer of two backups of `notes`. */
  readonly newer: string;
  readonly older: string;
  readonly repository: string;
}

type Spoil = (path: string, place: Place, random: Random) => Promise<void>;

const cutAnywhere: Spoil = async (path, _place, random) => {
  const bytes = await readFile(path);
  await writeFile(path, bytes.subarray(0, random.below(bytes.length)));
};

const flipAnywhere: Spoil = async (path, _place, random) => {
  const bytes = await readFile(path);
  const at = random.below(bytes.length);
  bytes.writeUInt8(bytes.readUInt8(at) ^ (1 << random.below(8)), at);
  await writeFile(path, bytes);
};

const fillWithRandom: Spoil = async (path, _place, random) => {
  await writeFile(path, random.bytes((await readFile(path)).length));
};

/** The file of the same kind of the other backup. */
const takeFromOther: Spoil = async (path, { older }) => {
  const ending = basename(path).replace(/^.*Z\./, '');
  const found = (await readdir(older)).find((name) => name === basename(path) || name.endsWith(ending));
  await rm(path);
  await cp(join(older, found ?? ''), path);
};

const takeManifest: Spoil = async (path, { newer }) => {
  const bytes = await readFile(join(newer, 'manifest.json'));
  await writeFile(path, bytes);
};

const makeEmpty: Spoil = (path) => writeFile(path, '');

const makeFolder: Spoil = async (path) => {
  await rm(path);
  await mkdir(path);
};

const makeNamedPipe: Spoil = async (path) => {
  await rm(path);
  await makePipe(path);
};

/** Sparse: it takes no room. */
const makeGigantic: Spoil = (path) => truncate(path, 6_000_000_000);

const spoils: Readonly<Record<string, Spoil>> = {
  'cut anywhere': cutAnywhere,
  'one bit changed anywhere': flipAnywhere,
  'random bytes': fillWithRandom,
  'that of another backup': takeFromOther,
  'the manifest': takeManifest,
  empty: makeEmpty,
  'a folder': makeFolder,
  'a named pipe': makeNamedPipe,
  '6 GB long': makeGigantic,
};

interface Spoilt {
  readonly what: string;
  readonly file: RegExp;
  readonly args: readonly string[];
  readonly spoils: readonly (keyof typeof spoils)[];
  readonly exits?: readonly number[];
}

const verify = ['verify', 'notes', 'latest'] as const;
const everything = ['cut anywhere', 'one bit changed anywhere', 'random bytes', 'empty', 'a folder', 'a named pipe'];

const spoilt: readonly Spoilt[] = [
  {
    what: 'manifest.json',
    file: /^manifest\.json$/,
    args: ['verify', '--all'],
    spoils: [...everything, 'that of another backup', '6 GB long'],
    exits: [15, 0, 3],
  },
  {
    what: 'the image',
    file: /\.db\.zst$/,
    args: verify,
    spoils: [...everything, 'that of another backup', 'the manifest'],
    exits: [15],
  },
  {
    what: 'the fingerprint',
    file: /^fingerprint/,
    args: verify,
    spoils: [...everything, 'that of another backup'],
    exits: [15],
  },
  {
    what: 'SHA256SUMS',
    file: /^SHA256SUMS$/,
    args: verify,
    spoils: ['cut anywhere', 'random bytes', 'empty', 'a named pipe', 'that of another backup'],
    exits: [15, 3],
  },
  {
    what: 'begin.json',
    file: /^begin\.json$/,
    args: verify,
    spoils: ['cut anywhere', 'random bytes', 'a named pipe', 'that of another backup', '6 GB long'],
    exits: [15, 3, 0],
  },
  {
    what: 'a mark',
    file: /^verified-.*\.json$/,
    args: ['show', 'notes', 'latest'],
    spoils: ['cut anywhere', 'random bytes', 'the manifest', 'a named pipe', '6 GB long'],
    exits: [0, 3, 15],
  },
  {
    what: 'the image, restored',
    file: /\.db\.zst$/,
    args: ['restore', 'notes', 'latest', '--into', 'copy.db', '--yes'],
    spoils: ['cut anywhere', 'one bit changed anywhere', 'a named pipe'],
    exits: [15],
  },
  {
    what: 'the image, extracted',
    file: /\.db\.zst$/,
    args: ['extract', 'notes', 'latest', 'copy.db'],
    spoils: ['cut anywhere', 'one bit changed anywhere', 'a folder'],
    exits: [15],
  },
];

function spoiltCase({ what, file, args, exits }: Spoilt, how: keyof typeof spoils): MalformedCase {
  return {
    title: `backup: ${what}: ${how}`,
    args,
    ...(exits === undefined ? {} : { exits }),
    prepare: async (folder) => {
      const repository = join(folder, 'backups');
      const [older = '', newer = ''] = await backupFolders(repository, 'notes');
      const name = (await readdir(newer)).find((each) => file.test(each));
      if (name === undefined) throw new Error(`no ${String(file)} in ${newer}`);
      await spoils[how]?.(join(newer, name), { newer, older, repository }, randomFor(`${what}: ${how}`));
    },
  };
}

const header = 'holdfast.json';

export const storedCases: readonly MalformedCase[] = [
  ...spoilt.flatMap((each) => each.spoils.map((how) => spoiltCase(each, how))),
  ...(['cut anywhere', 'one bit changed anywhere', 'random bytes', 'empty', 'a named pipe', '6 GB long'] as const).map(
    (how): MalformedCase => ({
      title: `repository: ${header}: ${how}`,
      args: ['list'],
      exits: [1, 2, 10, 13, 15],
      prepare: async (folder) => {
        const repository = join(folder, 'backups');
        const place = { newer: '', older: '', repository };
        await spoils[how]?.(join(repository, header), place, randomFor(`${header}: ${how}`));
      },
    }),
  ),
  ...(
    [
      ['cut', '{"event":"start","id":"2026'],
      ['random bytes', seededRandom(31).bytes(5000)],
      ['of another program', 'a\nb\nc\n'],
    ] as const
  ).map(
    ([title, content]): MalformedCase => ({
      title: `run journal: ${title}`,
      args: ['status'],
      exits: [0, 3],
      prepare: async (folder) => {
        const runs = join(folder, '.holdfast-state');
        for (const name of (await readdir(runs, { recursive: true })).filter((each) => /jsonl?$/.test(each))) {
          await writeFile(join(runs, name), content);
        }
      },
    }),
  ),
];
