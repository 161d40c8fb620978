/** Variables of the environment, and `.env` files, that cannot be meant. */

import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { makePipe, plantedSecret, seededRandom, type MalformedCase } from './malformed-case.ts';

type Variables = Readonly<Record<string, string>>;

/** Each is backed up: what stands in the variables is what it is about. */
const variables: readonly (readonly [title: string, env: Variables, exits?: readonly number[]])[] = [
  ['a port in words', { DATABASE_URL: '', DB_NAME: 'app', DB_PORT: 'five', DB_PASSWORD: plantedSecret }],
  ['a port beyond all', { DATABASE_URL: '', DB_NAME: 'app', DB_PORT: '65536', DB_PASSWORD: plantedSecret }],
  ['a port below zero', { DATABASE_URL: '', DB_NAME: 'app', DB_PORT: '-1' }],
  ['a port of zero', { DATABASE_URL: '', DB_NAME: 'app', DB_PORT: '0' }],
  ['a port with blanks', { DATABASE_URL: '', DB_NAME: 'app', DB_PORT: '54 32' }],
  ['a host that is a URL', { DATABASE_URL: '', DB_NAME: 'app', DB_HOST: 'http://localhost', DB_PORT: '1' }],
  ['a host with a slash at its end', { DATABASE_URL: '', DB_NAME: 'app', DB_HOST: 'localhost/', DB_PORT: '1' }],
  [
    'a host with control characters',
    { DATABASE_URL: '', DB_NAME: 'app', DB_HOST: 'local\u0007\u001b[31mhost', DB_PORT: '1' },
  ],
  ['a name with line ends', { DATABASE_URL: '', DB_NAME: 'a\nb\r\nc', DB_HOST: '127.0.0.1', DB_PORT: '1' }],
  ['a container that is an option', { DATABASE_URL: '', DB_NAME: 'app', DB_CONTAINER: '--privileged' }],
  ['a container with a path', { DATABASE_URL: '', DB_NAME: 'app', DB_CONTAINER: '../../etc' }],
  ['an address of blanks', { DATABASE_URL: '   ' }],
  ['an address with a reference', { DATABASE_URL: `postgres://u:${plantedSecret}@\${HOST}/app` }],
  ['an address in a file that is not there', { DATABASE_URL: '', DATABASE_URL_FILE: 'nowhere.txt' }],
  ['an address in a folder', { DATABASE_URL: '', DATABASE_URL_FILE: '.' }],
  ['an address of a command that fails', { DATABASE_URL: '', DATABASE_URL_COMMAND: `echo ${plantedSecret}; exit 7` }],
  ['an address of a command that is none', { DATABASE_URL: '', DATABASE_URL_COMMAND: 'no-such-program-anywhere' }],
  ['an address of a command that says nothing', { DATABASE_URL: '', DATABASE_URL_COMMAND: 'true' }],
  ['tables that are no number', { EXPECTED_TABLES: 'twenty-six' }],
  ['tables below zero', { EXPECTED_TABLES: '-3' }],
  ['hours in words', { ALERT_IF_OLDER_THAN_HOURS: 'one day' }],
  ['hours of another kind', { MAX_AGE_HOURS: '26h' }],
  ['a count with a comma', { EXPECTED_DAILY_BACKUPS: '1,5' }],
  ['days in words', { BACKUP_RETENTION_DAYS: 'thirty' }, [3]],
  ['days below zero', { RETENTION_DAYS: '-30' }, [3]],
  ['weeks without end', { RETENTION_WEEKS: '9'.repeat(400) }, [3]],
  ['a settings file that is not there', { HOLDFAST_CONFIG: 'nowhere.yaml' }],
  ['a settings file that is a device', { HOLDFAST_CONFIG: '/dev/full' }],
  ['a repository that is a file', { BACKUP_DIR: 'notes.db' }],
  ['a repository below a file', { BACKUP_DIR: 'notes.db/backups' }],
  ['a repository that is a device', { BACKUP_DIR: '/dev/null' }],
  ['a repository with a name too long', { BACKUP_DIR: 'x'.repeat(300) }],
  ['a repository in /proc', { BACKUP_DIR: '/proc/self/backups' }],
  ['a state directory that is a file', { HOLDFAST_STATE_DIR: 'notes.db' }],
  ['a state directory in /proc', { HOLDFAST_STATE_DIR: '/proc/holdfast' }],
  ['a log that is a folder', { LOG_FILE: '.' }, [3]],
  ['a Slack address that is none', { SLACK_WEBHOOK_URL: `not a URL ${plantedSecret}` }, [3]],
  ['a mail address that is none', { NOTIFY_EMAIL: 'nobody at all' }, [3]],
  ['an encryption mode that is none', { DATABASE_URL: '', PGDATABASE: 'app', PGHOST: '127.0.0.1', PGSSLMODE: 'maybe' }],
  ['client tools nowhere', { DATABASE_URL: 'postgres://u@127.0.0.1:1/app', HOLDFAST_PG_BIN: '/nowhere' }],
];

const texts: readonly (readonly [title: string, content: string | Uint8Array])[] = [
  ['a double quote that stays open', `DATABASE_URL="postgres://u:${plantedSecret}@127.0.0.1:1/app\nX=1\n`],
  ['a single quote that stays open', `DATABASE_URL='postgres://u:${plantedSecret}@127.0.0.1:1/app\nX=1\n`],
  ['a backtick that stays open', 'DATABASE_URL=`postgres://u@127.0.0.1:1/app\n'],
  ['more behind the quote', `DATABASE_URL='postgres://u@127.0.0.1:1/app'${plantedSecret}\n`],
  ['random bytes', seededRandom(21).bytes(8192)],
  ['NUL bytes in the address', Buffer.from('DATABASE_URL=postgres://u@127.0.0.1:1/a\0b\n')],
  ['UTF-16', Buffer.from('\u{FEFF}DATABASE_URL=file:notes.db\n', 'utf16le')],
  ['30 MB of one line', `DATABASE_URL=postgres://u:${'x'.repeat(30_000_000)}@127.0.0.1:1/app\n`],
  ['a million lines', 'X=1\n'.repeat(1_000_000)],
  ['20,000 open quotes', `${`A="\\"\n`.repeat(20_000)}DATABASE_URL=postgres://u@127.0.0.1:1/app\n`],
  ['colons for names', 'DATABASE_URL: file:notes.db\n'],
  ['an INI file', '[database]\nurl = file:notes.db\n'],
  ['JSON', '{"DATABASE_URL": "file:notes.db"}\n'],
  ['a reference', 'HOST=db\nDATABASE_URL=postgres://u@${HOST}/app\n'],
  ['an address cut in the middle', 'DATABASE_URL=postgre'],
];

const addressOutside: Variables = {};

export const environmentCases: readonly MalformedCase[] = [
  ...variables.map(([title, env, exits]) => ({
    title: `environment: ${title}`,
    args: Object.keys(env).some((name) => /HOURS|DAILY/.test(name)) ? ['health'] : ['backup'],
    env: { DATABASE_URL: 'file:notes.db', ...env },
    ...(exits === undefined ? {} : { exits }),
  })),
  {
    title: 'environment: an address that is no UTF-8',
    args: ['backup'],
    script: "DATABASE_URL=$(printf 'postgres://u\\377\\376@127.0.0.1:1/\\200app'); export DATABASE_URL",
  },
  {
    title: 'environment: a repository that is no UTF-8, below a file',
    args: ['backup', '--url', 'file:notes.db'],
    script: "BACKUP_DIR=$(printf 'notes.db/\\377'); export BACKUP_DIR",
  },
  {
    title: 'environment: a password file that is a pipe',
    args: ['backup'],
    env: { DATABASE_URL: '', DATABASE_URL_FILE: 'pipe' },
    prepare: (folder) => makePipe(join(folder, 'pipe')),
  },
  {
    title: 'environment: an address file that never ends',
    args: ['backup'],
    env: { DATABASE_URL: '', DATABASE_URL_FILE: '/dev/zero' },
  },
  ...texts.map(([title, content]) => ({
    title: `.env: ${title}`,
    args: ['backup'],
    env: addressOutside,
    prepare: (folder: string) => writeFile(join(folder, '.env'), content),
  })),
  {
    title: '.env: a folder',
    args: ['backup'],
    prepare: async (folder) => {
      await mkdir(join(folder, '.env.local'));
    },
  },
  {
    title: '.env: a pipe that never ends',
    args: ['backup'],
    prepare: (folder) => makePipe(join(folder, '.env.local')),
  },
  { title: '.env: named, and not there', args: ['backup', '--env-file', 'nowhere.env'] },
  { title: '.env: named, and a device that never ends', args: ['backup', '--env-file', '/dev/urandom'] },
];
