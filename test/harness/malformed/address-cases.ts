/** Addresses that lead nowhere or mean nothing, and words of the command line that mean nothing. */

import { makePipe, plantedSecret, type MalformedCase } from './malformed-case.ts';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

const addresses: readonly (readonly [title: string, url: string])[] = [
  ['no scheme', `u:${plantedSecret}@127.0.0.1/app`],
  ['a scheme of something else', `mysql://u:${plantedSecret}@127.0.0.1/app`],
  ['a web address', 'https://example.org/app'],
  ['only a scheme', 'postgres://'],
  ['one slash', 'postgres:/127.0.0.1/app'],
  ['a scheme that is misspelt', `postgress://u:${plantedSecret}@127.0.0.1/app`],
  ['a port in words', `postgres://u:${plantedSecret}@127.0.0.1:port/app`],
  ['a port beyond all', `postgres://u:${plantedSecret}@127.0.0.1:99999/app`],
  ['a port of zero', 'postgres://u@127.0.0.1:0/app'],
  ['a port below zero', 'postgres://u@127.0.0.1:-5/app'],
  ['two ports', 'postgres://u@127.0.0.1:1:2/app'],
  ['nobody there', `postgres://u:${plantedSecret}@127.0.0.1:1/app`],
  ['a name that nobody has', 'postgres://u@no.such.host.invalid/app'],
  ['a socket that is not there', 'postgres://u@%2Fnowhere/app'],
  ['a socket of a file', 'postgres://u@%2Fetc%2Fpasswd/app'],
  ['IPv6 without its end', 'postgres://u@[::1/app'],
  ['IPv6 without brackets', 'postgres://u@::1/app'],
  ['a percent sign alone', `postgres://u:${plantedSecret}%zz@127.0.0.1:1/app`],
  ['encoded NUL', 'postgres://u@127.0.0.1:1/a%00b'],
  ['NUL in the user', 'postgres://u%00x@127.0.0.1:1/app'],
  ['line ends in the host', 'postgres://u@127.0.0.1%0A:1/app'],
  ['control characters', 'postgres://u@127.0.0.1:1/\u0007\u001b[31mapp'],
  ['100,000 colons', `postgres://${':'.repeat(100_000)}`],
  ['100,000 at signs', `postgres://${'@'.repeat(100_000)}`],
  ['100,000 slashes and marks', `postgres://u${'/?'.repeat(50_000)}@h`],
  ['a database name of 100,000 letters', `postgres://u@127.0.0.1:1/${'x'.repeat(100_000)}`],
  ['an encryption mode that is none', `postgres://u:${plantedSecret}@127.0.0.1:1/app?sslmode=perhaps`],
  ['a certificate that is not there', 'postgres://u@127.0.0.1:1/app?sslmode=verify-full&sslrootcert=nowhere.crt'],
  ['a certificate that is a folder', 'postgres://u@127.0.0.1:1/app?sslmode=verify-full&sslrootcert=.'],
  ['a certificate that never ends', 'postgres://u@127.0.0.1:1/app?sslmode=verify-full&sslrootcert=/dev/zero'],
  ['a time-out in words', 'postgres://u@127.0.0.1:1/app?connect_timeout=soon'],
  ['a key’s password', `postgres://u@127.0.0.1:1/app?sslpassword=${plantedSecret}`],
  ['a connection service', 'postgres:///?service=prod'],
  ['keywords with an open quote', `host=127.0.0.1 port=1 password='${plantedSecret} dbname=app`],
  ['keywords without a value', 'host= port= dbname='],
  ['keywords that are none', `host 127.0.0.1 password ${plantedSecret}`],
  ['a variable that is not set', 'env:NOT_SET_ANYWHERE'],
  ['a variable that cannot be one', 'env:1=2'],
  ['a file that is not there', 'file:nowhere.db'],
  ['a file that is a folder', 'file:.'],
  ['a file that is a device', 'file:/dev/zero'],
  ['a file without a name', 'file:'],
  ['a database in memory', 'file::memory:'],
  ['a file with NUL', 'file:a%00b.db'],
  ['a file with a name too long', `file:${'x'.repeat(5000)}.db`],
];

const words: readonly (readonly [title: string, args: readonly string[]])[] = [
  ['no verb there is', ['bakcup']],
  ['a flag there is not', ['backup', '--no-such-flag']],
  ['a flag without its value', ['backup', '--label']],
  ['an empty value', ['backup', '--url', '']],
  ['a level of zero', ['backup', '--level', '0']],
  ['a level in hexadecimal', ['backup', '--level', '0x9']],
  ['a time that is none', ['backup', '--lock-timeout', 'soon']],
  ['a format that is none', ['backup', '--format', 'custom,,tar']],
  ['a fingerprint that is none', ['backup', '--fingerprint', 'finger']],
  ['a label of line ends', ['show', 'a\nb']],
  ['a label of control characters', ['show', '\u001b[2J\u0007']],
  ['four words', ['show', 'a', 'b', 'c', 'd']],
  ['an address for a name', ['backup', `postgres://u:${plantedSecret}@h/app`]],
  ['a backup that is not there', ['show', '20990101T000000Z-dump-zzzz']],
  ['a time that is none for a backup', ['show', '@yesterday-ish']],
  ['a time before all backups', ['show', '@1970-01-01']],
  ['the 31st of February', ['show', '@2026-02-31T10:00']],
  ['a path for a backup', ['verify', 'notes', '../../etc/passwd']],
  ['a limit below zero', ['list', '--limit', '-1']],
  ['a limit with a fraction', ['list', '--limit', '1.5']],
  ['an age without a unit', ['health', '--max-age', '25']],
  ['a way with an open quote', ['backup', '--via', "docker exec 'x"]],
  ['a way that is not there', ['backup', '--url', 'postgres://u@/app', '--via', 'no-such-program-here']],
  ['a log level that is none', ['backup', '--log-level', 'loud']],
  ['a metrics file below a file', ['backup', '--metrics-file', 'notes.db/x.json']],
  [
    'a restore into a name with a slash of a folder that is not there',
    ['restore', 'latest', '--into', 'no/where/x.db'],
  ],
  ['a restore of a table that is not there', ['restore', 'latest', '--table', 'no such table', '--yes']],
  ['a format that the backup has not', ['extract', 'latest', 'x.xyz', '--format', 'xyz']],
  ['a file to extract to that is there', ['extract', 'latest', 'notes.db']],
  ['100,000 letters', ['show', 'x'.repeat(100_000)]],
];

async function makeFolder(path: string): Promise<void> {
  await mkdir(path);
}

export const addressCases: readonly MalformedCase[] = [
  ...addresses.map(([title, url]) => ({ title: `address: ${title}`, args: ['backup', '--url', url] })),
  ...(
    [
      ['a pipe', (path) => makePipe(path)],
      ['an empty file', (path) => writeFile(path, '')],
      ['text', (path) => writeFile(path, 'this is no database, whatever its name says\n'.repeat(500))],
      ['a folder', makeFolder],
    ] as readonly (readonly [string, (path: string) => Promise<void>])[]
  ).map(([title, make]) => ({
    title: `address: a SQLite file that is ${title}`,
    args: ['backup', '--url', 'file:odd.db'],
    prepare: (folder: string) => make(join(folder, 'odd.db')),
  })),
  ...words.map(([title, args]) => ({
    title: `words: ${title}`,
    args,
    ...(title.startsWith('a metrics file') ? { exits: [3] } : {}),
  })),
];
