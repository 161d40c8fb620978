/** `holdfast.yaml` in every wrong way. */

import { chmod, mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { makePipe, plantedSecret, seededRandom, type MalformedCase } from './malformed-case.ts';

const list = ['list'] as const;

const whole = `repository: backups
timezone: UTC
databases:
  notes:
    url: file:notes.db
    formats: [custom]
    checks:
      - {sql: "SELECT count(*) FROM notes", expect: 20000}
keep:
  daily: 30
  labels: {pre-deploy: until-next}
schedule: {backup: daily 02:00}
`;

const texts: readonly (readonly [title: string, content: string | Uint8Array])[] = [
  ['a tab for indentation', 'keep:\n\tdaily: 30\n'],
  ['a key twice', 'repository: a\nrepository: b\n'],
  ['a database twice', 'databases:\n  app: {url: "file:a.db"}\n  app: {url: "file:b.db"}\n'],
  ['a list where a map belongs', '- repository: a\n'],
  ['a number where a map belongs', '42\n'],
  ['a word where a map belongs', 'yes please\n'],
  ['a quote that stays open', 'repository: "backups\n'],
  ['a bracket that stays open', 'databases: {app: {formats: [custom}}\n'],
  ['a second document', 'repository: a\n---\nrepository: b\n'],
  ['an alias of nothing', 'repository: *nowhere\n'],
  ['an alias bomb', aliasBomb()],
  ['an alias of itself', 'databases: &all\n  app: *all\n'],
  ['a deep nesting of lists', `keep: ${'['.repeat(5000)}${']'.repeat(5000)}\n`],
  ['a deep nesting that stays open', '{a: '.repeat(20_000)],
  ['a deep nesting by indentation', Array.from({ length: 700 }, (_, depth) => `${' '.repeat(depth)}a:`).join('\n')],
  ['NUL bytes', Buffer.concat([Buffer.from('repository: a'), Buffer.alloc(40), Buffer.from('\n')])],
  ['random bytes', seededRandom(11).bytes(4096)],
  ['an ELF program', Buffer.concat([Buffer.from([0x7f, 0x45, 0x4c, 0x46, 2, 1, 1]), seededRandom(12).bytes(2000)])],
  ['UTF-16', Buffer.from(`\u{FEFF}${whole}`, 'utf16le')],
  ['Latin-1 in a key', Buffer.from('dépôt: x\n', 'latin1')],
  ['a byte order mark and an unknown key', '\u{FEFF}repositry: a\n'],
  ['20 MB of one line', `repository: "${'x'.repeat(20_000_000)}"\n`],
  ['5 MB of keys', Array.from({ length: 300_000 }, (_, at) => `key_${String(at)}: 1`).join('\n')],
  ['JSON cut in the middle', '{"repository": "backups", "databases": {"notes": {"ur'],
  ['a merge key', '<<: {repository: a}\n'],
  ['a tag of another language', 'repository: !!python/object/apply:os.system [id]\n'],
  ['a tag for binary data', 'repository: !!binary aGVsbG8=\n'],
  ['an unknown key', 'repositroy: backups\n'],
  ['a key with a prototype’s name', '__proto__: {repository: a}\n'],
  ['a database with a prototype’s name', 'databases: {__proto__: {formats: [tar]}}\n'],
  ['a database with a reserved name', 'databases: {servers: {url: "file:a.db"}}\n'],
  ['a database with a path for a name', 'databases: {../up: {url: "file:a.db"}}\n'],
  ['two ways to an address', `databases: {a: {url: "postgres://u:${plantedSecret}@h/a", urlEnv: X}}\n`],
  ['an address that is a list', `databases: {a: {url: [postgres, "${plantedSecret}"]}}\n`],
  ['a wrong format', 'databases: {a: {formats: [tar]}}\n'],
  ['a level of 99', 'databases: {a: {level: 99}}\n'],
  ['a level in words', 'databases: {a: {level: fast}}\n'],
  ['a time without a unit', 'databases: {a: {lockTimeout: 30}}\n'],
  ['a negative age', 'keep: {within: -3d}\n'],
  ['an age without end', `keep: {within: ${'9'.repeat(400)}d}\n`],
  ['an infinite number of days', 'keep: {days: .inf}\n'],
  ['a number of days that is none', 'keep: {days: .nan}\n'],
  ['half a backup', 'keep: {daily: 1.5}\n'],
  ['a size in elephants', 'sizes: {minimum: 3 elephants}\n'],
  ['a change without per cent', 'sizes: {changePercent: lots}\n'],
  ['a time zone on the moon', 'timezone: Moon/Tranquility\n'],
  ['a schedule that never comes', 'schedule: {backup: "0 0 31 2 *"}\n'],
  ['a schedule in six fields', 'schedule: {backup: "0 0 2 * * *"}\n'],
  ['a step that is nothing', 'hooks: {beforeSwap: [[]]}\n'],
  ['a step that is two things', 'hooks: {beforeSwap: [{run: [a], sh: b}]}\n'],
  ['a channel of no kind', `notify: [{kind: pigeon, url: "https://h/${plantedSecret}"}]\n`],
  ['a way with an open quote', `databases: {a: {url: "postgres://u:${plantedSecret}@h/a", via: "docker exec 'x"}}\n`],
];

/** a is ten strings, each further one ten of the one before. */
function aliasBomb(): string {
  const names = 'a b c d e f g h i'.split(' ');
  const rows = names.map((name, at) => {
    const item = at === 0 ? 'lol' : `*${names[at - 1] ?? ''}`;
    return `${name}: &${name} [${Array.from({ length: 10 }, () => item).join(', ')}]`;
  });
  return `${rows.join('\n')}\n`;
}

/** Cut anywhere, and ended so that no reading of it is right. */
const cuts: readonly MalformedCase[] = Array.from({ length: 10 }, (_, at) => {
  const place = seededRandom(100 + at).below(whole.length - 20) + 10;
  return settingsCase(`cut behind byte ${String(place)}, another text behind it`, `${whole.slice(0, place)}\n\t}: [`);
});

function settingsCase(title: string, content: string | Uint8Array): MalformedCase {
  return {
    title: `holdfast.yaml: ${title}`,
    args: list,
    prepare: (folder) => writeFile(join(folder, 'holdfast.yaml'), content),
  };
}

export const settingsCases: readonly MalformedCase[] = [
  ...texts.map(([title, content]) => settingsCase(title, content)),
  ...cuts,
  {
    title: 'holdfast.yaml: a folder',
    args: list,
    prepare: async (folder) => {
      await mkdir(join(folder, 'holdfast.yaml'));
    },
  },
  {
    title: 'holdfast.yaml: a pipe that never ends',
    args: list,
    prepare: (folder) => makePipe(join(folder, 'holdfast.yaml')),
  },
  {
    title: 'holdfast.yaml: a device that never ends',
    args: ['list', '--config', '/dev/zero'],
  },
  {
    title: 'holdfast.yaml: a name that leads through a file',
    args: ['list', '--config', 'notes.db/holdfast.yaml'],
  },
  // root may read everything: for root it is an unknown key instead.
  {
    title: 'holdfast.yaml: not readable',
    args: list,
    prepare: async (folder) => {
      await writeFile(join(folder, 'holdfast.yaml'), 'nothing: known\n');
      await chmod(join(folder, 'holdfast.yaml'), 0);
    },
  },
  {
    title: 'holdfast.yaml: not right for config check either',
    args: ['config', 'check'],
    prepare: (folder) => writeFile(join(folder, 'holdfast.yaml'), aliasBomb()),
  },
];
