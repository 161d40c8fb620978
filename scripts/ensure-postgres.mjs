/**
 * Makes sure that PostgreSQL's programs and the stock tools the tests use are on this machine. As root on Debian or Ubuntu
 * it installs the distribution's packages (no cluster is made, no service is left running); otherwise it says what to
 * install. Plain JavaScript for Node.js 20. Run alone: `node scripts/ensure-postgres.mjs [--tests] [--trees] [--outside]`.
 */

import { spawnSync } from 'node:child_process';
import { accessSync, constants, existsSync, mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { say, SetupError } from './setup.mjs';

const clientPrograms = ['pg_dump', 'pg_restore', 'pg_dumpall', 'psql'];
const serverPrograms = ['postgres', 'initdb', 'pg_ctl'];
/** Program → package, of the tools that the tests and a restore by hand use. */
const tools = { zstd: 'zstd', sqlite3: 'sqlite3', gzip: 'gzip' };
/** What the tests of databases inside containers and behind ssh need. */
const testTools =
  process.platform === 'linux'
    ? {
        ip: 'iproute2',
        socat: 'socat',
        nc: 'netcat-openbsd',
        python3: 'python3',
        ssh: 'openssh-client',
        sshd: 'openssh-server',
      }
    : {};
/** For unpacking the servers of other suites (`scripts/debtree.sh`). */
const treeTools = { patchelf: 'patchelf' };
/** For the tests of what other programs say of our files (`test/outside`). */
const outsideTools = { crontab: 'cron', fish: 'fish', 'systemd-analyze': 'systemd', zsh: 'zsh' };
const debianKeyring = '/usr/share/keyrings/debian-archive-keyring.gpg';

const onRequest = { tests: testTools, trees: treeTools, outside: outsideTools };

/** What is missing, as Debian package names. `asked`: which of the sets of `onRequest` are needed as well. */
export function missingPackages({ server = true, ...asked } = {}) {
  const sets = Object.entries(onRequest).filter(([name]) => asked[name] === true);
  const needed = [tools, ...sets.map(([, programs]) => programs)].flatMap((programs) => Object.entries(programs));
  const missing = needed.filter(([program]) => !onPath(program)).map(([, name]) => name);
  if (asked.trees === true && !existsSync(debianKeyring)) missing.push('debian-archive-keyring');
  if (!hasPostgres(server ? [...clientPrograms, ...serverPrograms] : clientPrograms)) missing.unshift('postgresql');
  return missing;
}

export function ensurePostgres({ quiet = false, ...asked } = {}) {
  const missing = missingPackages(asked);
  if (missing.length === 0) return;
  if (!canInstall()) throw new SetupError(installAdvice(missing));
  if (!quiet) say(`setup: installing ${missing.join(' ')} with apt-get`);
  withoutService(() => {
    const apt = ['-y', '-o', 'DPkg::Lock::Timeout=300', '-o', 'Acquire::Retries=3'];
    runApt(['update', ...apt]);
    runApt(['install', '--no-install-recommends', ...apt, ...missing]);
  });
  const still = missingPackages(asked);
  if (still.length > 0) throw new SetupError(`after the installation this is still missing: ${still.join(', ')}`);
}

export function installAdvice(missing, platform = process.platform) {
  if (platform === 'darwin') {
    const formulae = missing.map((name) =>
      name === 'postgresql' ? 'postgresql@17' : name === 'sqlite3' ? 'sqlite' : name,
    );
    return `these are missing: ${missing.join(', ')}. Install them: brew install ${formulae.join(' ')}`;
  }
  const fedora = missing.map((name) =>
    name === 'postgresql' ? 'postgresql-server postgresql-contrib' : name === 'sqlite3' ? 'sqlite' : name,
  );
  return (
    `these are missing: ${missing.join(', ')}. Install them as root, on Debian or Ubuntu: ` +
    `apt-get install -y ${missing.join(' ')}; on Fedora: dnf install ${fedora.join(' ')}`
  );
}

function canInstall() {
  return process.getuid?.() === 0 && onPath('apt-get');
}

function hasPostgres(programs) {
  const folders = (process.env.PATH ?? '').split(delimiter);
  const debian = '/usr/lib/postgresql';
  if (existsSync(debian)) folders.push(...readdirSync(debian).map((name) => join(debian, name, 'bin')));
  for (const prefix of ['/opt/homebrew/opt', '/usr/local/opt']) {
    if (!existsSync(prefix)) continue;
    const versions = readdirSync(prefix).filter((name) => name.startsWith('postgresql@'));
    folders.push(...versions.map((name) => join(prefix, name, 'bin')));
  }
  return folders.some((folder) => programs.every((program) => isExecutable(join(folder, program))));
}

function onPath(program) {
  // Servers are not in an ordinary user's PATH.
  const folders = [...(process.env.PATH ?? '').split(delimiter), ...(program === 'sshd' ? ['/usr/sbin'] : [])];
  return folders.some((folder) => isExecutable(join(folder, program)));
}

function isExecutable(path) {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

/** Debian makes and starts a cluster with the packages; neither is wanted. What is set for that is taken back. */
function withoutService(action) {
  const written = [];
  const write = (path, text, mode) => {
    if (existsSync(path)) return;
    writeFileSync(path, text, { mode });
    written.push(path);
  };
  try {
    mkdirSync('/etc/postgresql-common/createcluster.d', { recursive: true });
    write('/etc/postgresql-common/createcluster.d/00-holdfast.conf', 'create_main_cluster = false\n', 0o644);
    write('/usr/sbin/policy-rc.d', '#!/bin/sh\nexit 101\n', 0o755);
    action();
  } finally {
    for (const path of written) rmSync(path, { force: true });
  }
}

function runApt(argumentsOfApt) {
  const done = spawnSync('apt-get', ['-q', ...argumentsOfApt], {
    env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive', LC_ALL: 'C.UTF-8' },
    stdio: ['ignore', 'pipe', 'pipe'],
    encoding: 'utf8',
    maxBuffer: 64 * 1024 * 1024,
  });
  if (done.status !== 0) throw new SetupError(`apt-get ${argumentsOfApt[0]} failed:\n${done.stdout}${done.stderr}`);
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  try {
    const isAsked = (name) => process.argv.includes(`--${name}`);
    ensurePostgres({ trees: isAsked('trees'), tests: isAsked('tests'), outside: isAsked('outside') });
  } catch (cause) {
    if (!(cause instanceof SetupError)) throw cause;
    say(`setup: ${cause.message}`);
    process.exitCode = 1;
  }
}
