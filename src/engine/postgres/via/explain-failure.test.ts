import { expect, it } from 'vitest';
import { explainFailure } from './explain-failure.ts';
import { readAnswer } from './survey.ts';
import type { Via } from './via.ts';

const via: Via = { prefix: ['docker', 'exec', '-i', 'chain-postgres'], host: null, port: 5432 };

/** What the programs say, word for word. */
it.each([
  [1, 'Error response from daemon: No such container: chain-postgres', 'via-failed', /docker ps/],
  [1, 'Error response from daemon: container 4f2d is not running', 'via-failed', /^Start the container/],
  [
    1,
    'permission denied while trying to connect to the Docker daemon socket at unix:///var/run/docker.sock: Get "http://%2Fvar%2Frun%2Fdocker.sock/v1.24/containers/json": dial unix /var/run/docker.sock: connect: permission denied',
    'via-failed',
    /group docker/,
  ],
  [
    1,
    'Cannot connect to the Docker daemon at unix:///var/run/docker.sock. Is the docker daemon running?',
    'via-failed',
    /Start Docker/,
  ],
  [
    126,
    'OCI runtime exec failed: exec failed: unable to start container process: exec: "sh": executable file not found in $PATH: unknown',
    'via-without-shell',
    /has \/bin\/sh/,
  ],
  [1, 'the input device is not a TTY', 'via-without-input', /-t/],
  [1, 'service "db" is not running', 'via-failed', /^Start the container/],
  [1, 'Error from server (NotFound): pods "pg-0" not found', 'via-failed', /kubectl auth can-i/],
  [255, 'root@127.0.0.1: Permission denied (publickey,password).', 'via-failed', /without asking/],
  [255, 'Host key verification failed.', 'via-failed', /once by hand/],
  [255, 'ssh: Could not resolve hostname nowhere: Name or service not known', 'via-failed', /name of the host/],
  [1, 'sudo: a password is required', 'via-failed', /NOPASSWD/],
  [3, 'something else', 'via-failed', /^Run it by hand until it works: docker exec -i chain-postgres true$/],
])('ended with %i: %s', (code, stderr, kind, hint) => {
  const error = explainFailure(via, { code, signal: null, stderr });
  expect(error).toMatchObject({ code: kind, exit: 16, hint: expect.stringMatching(hint) as unknown });
  expect(error.message).toBe(`docker exec chain-postgres: ${stderr}`);
});

it('reads what is there', () => {
  const text = [
    'heard\tholdfast',
    'socket\t/var/run/postgresql',
    'program\tperl',
    'program\tnc\t-q\t0',
    'program\tlater',
    'tools\t/usr/lib/postgresql/16/bin\tpg_dump (PostgreSQL) 16.4 (Debian 16.4-1.pgdg120+1)',
    '',
  ].join('\n');
  expect(readAnswer(text, { code: 0, signal: null, stderr: '' }, via)).toEqual({
    socketDirectory: '/var/run/postgresql',
    programs: new Map([
      ['perl', []],
      ['nc', ['-q', '0']],
    ]),
    tools: [{ directory: '/usr/lib/postgresql/16/bin', major: 16, version: '16.4' }],
  });
});

it('knows that nothing written arrives there when the greeting does not come back', () => {
  expect(() => readAnswer('program\tperl\n', { code: 0, signal: null, stderr: '' }, via)).toThrow(
    'docker exec chain-postgres: what is written to it does not arrive there',
  );
});
