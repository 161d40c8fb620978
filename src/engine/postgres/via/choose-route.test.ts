import { describe, expect, it } from 'vitest';
import { chooseRoute } from './choose-route.ts';
import { bashRelay, perlRelay, pythonRelay } from './relay-scripts.ts';
import type { RelayProgram, Surroundings } from './survey.ts';
import type { Via } from './via.ts';

const prefix = ['docker', 'exec', '-i', 'chain-postgres'];
const socket = '/var/run/postgresql';

function found(programs: readonly RelayProgram[], socketDirectory: string | null = socket): Surroundings {
  const options = (name: RelayProgram): readonly string[] => (name === 'nc' ? ['-q', '0'] : []);
  return { socketDirectory, programs: new Map(programs.map((name) => [name, options(name)])), tools: [] };
}

function via(host: string | null, port = 5432): Via {
  return { prefix, host, port };
}

describe('the route', () => {
  it.each([
    ['socat', null, ['socat', '-b', '65536', '-t', '1', 'STDIO', `UNIX-CONNECT:${socket}/.s.PGSQL.5432`]],
    ['socat', '::1', ['socat', '-b', '65536', '-t', '1', 'STDIO', 'TCP:[::1]:5432']],
    ['bash', null, ['bash', '-c', bashRelay, 'relay', '127.0.0.1', '5432']],
    ['perl', null, ['perl', '-e', perlRelay, socket, '5432']],
    ['python3', 'db', ['python3', '-c', pythonRelay, 'db', '5432']],
    ['nc', 'db', ['nc', '-q', '0', 'db', '5432']],
  ] as const)('by %s to %s is exactly this', (program, host, words) => {
    expect(chooseRoute(found([program]), via(host)).words).toEqual(words);
  });

  it('prefers the socket to 127.0.0.1, and then socat, bash, perl, python3, nc', () => {
    const all: readonly RelayProgram[] = ['nc', 'python3', 'perl', 'bash', 'socat'];
    expect(chooseRoute(found(all), via(null))).toMatchObject({ program: 'socat', host: socket });
    expect(chooseRoute(found(['nc', 'perl', 'bash']), via(null))).toMatchObject({ program: 'perl', host: socket });
    expect(chooseRoute(found(['nc', 'bash']), via(null))).toMatchObject({ program: 'bash', host: '127.0.0.1' });
    expect(chooseRoute(found(all, null), via(null))).toMatchObject({ program: 'socat', host: '127.0.0.1' });
    expect(chooseRoute(found(['nc', 'perl', 'bash']), via('db', 6000))).toMatchObject({ program: 'bash', port: 6000 });
  });

  it('does not hand socat a path that it would read in its own way', () => {
    expect(chooseRoute(found(['socat', 'python3']), via('/srv/a,b'))).toMatchObject({ program: 'python3' });
  });

  it('says what to install where nothing carries', () => {
    expect(() => chooseRoute(found([]), via(null))).toThrow(
      'docker exec chain-postgres: neither socat, bash, perl, python3, nc is there to carry a connection',
    );
    expect(() => chooseRoute(found(['bash']), via('/srv/pg'))).toThrow(
      /bash cannot connect to a Unix socket in \/srv\/pg/,
    );
  });
});
