/**
 * A real PostgreSQL server for tests: fresh cluster, unprivileged user, free port, Unix socket and loopback, nothing
 * synced to disk. Superuser `postgres`, trusted on the socket; on TCP too, unless a password is asked for.
 */

import type { ChildProcess } from 'node:child_process';
import { randomInt } from 'node:crypto';
import { appendFile, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { unprivilegedUser } from '../../src/system/unprivileged-user.ts';
import { copyCluster } from './cluster-template.ts';
import { endPostmaster, killPostmaster, startPostmaster, type PostmasterSpec } from './postgres-process.ts';
import { runPsql } from './psql.ts';
import { distributionMajor, serverBinaries } from './server-binaries.ts';
import { makeTestDirectory, type TestDirectory } from './temporary.ts';

export interface ServerOptions {
  /** Default: the distribution's. */
  readonly major?: number;
  /** Lines of postgresql.conf. */
  readonly settings?: Readonly<Record<string, string>>;
  /** Added to ours; the last of two equal options holds. */
  readonly initdbArgs?: readonly string[];
  /** When given, TCP connections need a password (SCRAM), and this is the superuser's. */
  readonly password?: string;
}

const ownSettings: Readonly<Record<string, string>> = {
  listen_addresses: '127.0.0.1',
  fsync: 'off',
  full_page_writes: 'off',
  shared_buffers: '32MB',
  max_connections: '60',
  jit: 'off',
};

export class TestServer implements AsyncDisposable {
  readonly major: number;
  readonly port: number;
  readonly superuser = 'postgres';
  readonly binDirectory: string;
  readonly socketDirectory: string;
  readonly dataDirectory: string;
  readonly logFile: string;
  readonly #directory: TestDirectory;
  readonly #spec: PostmasterSpec;
  readonly #password: string | null;
  #child: ChildProcess | null = null;

  constructor(major: number, port: number, directory: TestDirectory, spec: PostmasterSpec, password: string | null) {
    this.major = major;
    this.port = port;
    this.binDirectory = spec.binDirectory;
    this.socketDirectory = directory.path;
    this.dataDirectory = spec.dataDirectory;
    this.logFile = spec.logFile;
    this.#directory = directory;
    this.#spec = spec;
    this.#password = password;
  }

  /** Over TCP, as people write it. */
  url(database = 'postgres'): string {
    const secret = this.#password === null ? '' : `:${encodeURIComponent(this.#password)}`;
    return `postgres://${this.superuser}${secret}@127.0.0.1:${this.port}/${encodeURIComponent(database)}`;
  }

  /** Over the Unix socket. */
  socketUrl(database = 'postgres'): string {
    const socket = encodeURIComponent(this.socketDirectory);
    return `postgres://${this.superuser}@/${encodeURIComponent(database)}?host=${socket}&port=${this.port}`;
  }

  /** For a program under test: the client tools of this very version. */
  get toolEnvironment(): Readonly<Record<string, string>> {
    return { HOLDFAST_PG_BIN: this.binDirectory };
  }

  get pid(): number {
    if (this.#child?.pid === undefined) throw new Error('the test server is not running');
    return this.#child.pid;
  }

  /** Starts it again after `stop` or `kill9`. */
  async start(): Promise<void> {
    this.#child = await startPostmaster(this.#spec);
  }

  async stop(mode: 'fast' | 'immediate' = 'fast'): Promise<void> {
    if (this.#child === null) return;
    await endPostmaster(this.#child, mode === 'fast' ? 'SIGINT' : 'SIGQUIT');
    this.#child = null;
  }

  /** The postmaster and all its children die at once, without a word. */
  async kill9(): Promise<void> {
    if (this.#child === null) return;
    await killPostmaster(this.#child);
    this.#child = null;
  }

  /** Runs SQL through psql, stopping at the first error; the rows, unaligned, columns parted by `|`. */
  psql(sql: string, database = 'postgres', variables: Readonly<Record<string, string>> = {}): Promise<string> {
    return runPsql(this, sql, database, variables);
  }

  async createDatabase(name: string, options = ''): Promise<void> {
    await this.psql(`CREATE DATABASE "${name.replaceAll('"', '""')}" ${options}`);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop('immediate');
    await this.#directory[Symbol.asyncDispose]();
  }
}

export async function startPostgres(options: ServerOptions = {}): Promise<TestServer> {
  const major = options.major ?? distributionMajor();
  const binDirectory = serverBinaries(major);
  const user = await unprivilegedUser();
  const directory = await makeTestDirectory(`pg${major}`, user);
  try {
    const dataDirectory = join(directory.path, 'data');
    await copyCluster({ binDirectory, initdbArgs: options.initdbArgs ?? [], user }, dataDirectory);
    const port = await findFreePort();
    const spec = { binDirectory, dataDirectory, logFile: join(directory.path, 'server.log'), user };
    await configure(spec, {
      ...ownSettings,
      unix_socket_directories: directory.path,
      port: String(port),
      ...options.settings,
    });
    const server = new TestServer(major, port, directory, spec, options.password ?? null);
    await server.start();
    if (options.password !== undefined) await requirePassword(server, options.password);
    return server;
  } catch (cause) {
    await directory[Symbol.asyncDispose]();
    throw cause;
  }
}

async function configure(spec: PostmasterSpec, settings: Readonly<Record<string, string>>): Promise<void> {
  const lines = Object.entries(settings).map(([name, value]) => `${name} = '${value.replaceAll("'", "''")}'\n`);
  await appendFile(join(spec.dataDirectory, 'postgresql.conf'), lines.join(''));
}

async function requirePassword(server: TestServer, password: string): Promise<void> {
  await server.psql(
    `SET password_encryption = 'scram-sha-256'; ALTER ROLE postgres PASSWORD '${password.replaceAll("'", "''")}'`,
  );
  const rules = ['local all all trust', 'local replication all trust', 'host all all 127.0.0.1/32 scram-sha-256'];
  await writeFile(join(server.dataDirectory, 'pg_hba.conf'), `${rules.join('\n')}\n`);
  await server.psql('SELECT pg_reload_conf()');
}

/** A port that is free now, below the range that Linux gives to outgoing connections (32768 and up). */
export async function findFreePort(): Promise<number> {
  for (let attempt = 0; attempt < 50; attempt += 1) {
    const port = randomInt(20_000, 32_000);
    if (await isFree(port)) return port;
  }
  throw new Error('no free port between 20000 and 32000');
}

function isFree(port: number): Promise<boolean> {
  const probe = createServer();
  return new Promise((resolve) => {
    probe.once('error', () => {
      resolve(false);
    });
    probe.listen(port, '127.0.0.1', () => {
      probe.close(() => {
        resolve(true);
      });
    });
  });
}
