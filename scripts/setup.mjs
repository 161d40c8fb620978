/**
 * What a fresh checkout needs before anything runs: a Node.js that is new enough, and the npm packages of the lockfile.
 * Plain JavaScript for Node.js 20, which is what runs it the first time.
 *
 * Packages are installed into a folder of their own and renamed into place, stamped with the lockfile they came from: an
 * interrupted install leaves nothing half, and of two first runs at once the second throws its copy away.
 */

import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { delimiter, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const root = dirname(dirname(fileURLToPath(import.meta.url)));

const neededMajor = 24;
/** A file that a complete install has. */
const rootProof = 'node_modules/typescript/bin/tsc';
const stampName = '.installed-from';
const workPattern = /^\.setup-(\d+)$/;

/** A line of ours on stderr. */
export function say(line) {
  process.stderr.write(`${line}\n`);
}

/** A set-up that cannot go on: the message is all there is to say. */
export class SetupError extends Error {}

/** Makes the checkout ready. Returns the environment to run scripts with and the Node.js to run them on. */
export function prepareCheckout({
  quiet = false,
  platform = `${process.platform}-${process.arch}`,
  version = process.version,
} = {}) {
  const tell = quiet ? () => undefined : say;
  const path = [join(root, 'node_modules/.bin')];
  let node = process.execPath;
  if (majorOf(version) < neededMajor) {
    node = prepareToolchain({ platform, version, tell });
    path.unshift(dirname(node));
  }
  const environment = { ...process.env, PATH: [...path, process.env.PATH].join(delimiter) };
  if (!isInstalled(root, rootProof)) {
    tell('setup: installing the npm packages of package-lock.json');
    install(root, node, environment, rootProof);
  }
  return { node, environment };
}

/** True when the folder's `node_modules` came from its present lockfile, by our own install or by somebody's `npm ci`. */
export function isInstalled(folder, proof) {
  if (!existsSync(join(folder, proof))) return false;
  const stamp = join(folder, 'node_modules', stampName);
  if (existsSync(stamp)) return readFileSync(stamp, 'utf8') === lockDigest(folder);
  const npmsOwn = join(folder, 'node_modules/.package-lock.json');
  return existsSync(npmsOwn) && statSync(npmsOwn).mtimeMs >= statSync(join(folder, 'package-lock.json')).mtimeMs;
}

export function lockDigest(folder) {
  return createHash('sha256')
    .update(readFileSync(join(folder, 'package-lock.json')))
    .digest('hex');
}

function prepareToolchain({ platform, version, tell }) {
  const folder = join(root, 'toolchain');
  const { optionalDependencies } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
  if (optionalDependencies[`node-${platform}`] === undefined) throw new SetupError(nodeAdvice(version, platform));
  // Not by `.bin`: some releases of npm make no link there. And npm passes over an optional package it could not fetch.
  const binary = `node_modules/node-${platform}/bin/node`;
  const node = join(folder, binary);
  if (!isInstalled(folder, binary)) {
    tell(`setup: this is Node.js ${version}; installing ${neededMajor} into toolchain/`);
    install(folder, process.execPath, process.env, binary);
  }
  const answer = spawnSync(node, ['--version'], { encoding: 'utf8' });
  if (answer.status !== 0 || majorOf(answer.stdout) < neededMajor) throw new SetupError(nodeAdvice(version, platform));
  return node;
}

export function nodeAdvice(version, platform) {
  const how = platform.startsWith('darwin-')
    ? 'brew install node@24 && export PATH="$(brew --prefix node@24)/bin:$PATH"'
    : 'see https://nodejs.org/en/download, or: nvm install 24';
  return `Holdfast needs Node.js ${neededMajor} or newer; this is ${version} on ${platform}. Install it: ${how}`;
}

function majorOf(version) {
  return Number(/^v(\d+)\./.exec(version)?.[1] ?? 0);
}

function install(folder, node, environment, proof) {
  sweepDeadWork(folder);
  const work = join(folder, `.setup-${process.pid}`);
  mkdirSync(work);
  try {
    for (const name of ['package.json', 'package-lock.json', '.npmrc']) {
      if (existsSync(join(folder, name))) copyFileSync(join(folder, name), join(work, name));
    }
    runNpmCi(work, node, environment);
    if (!existsSync(join(work, proof))) {
      throw new SetupError(`npm ci in ${folder} brought no ${proof}: can this machine reach the npm registry?`);
    }
    writeFileSync(join(work, 'node_modules', stampName), lockDigest(work));
    moveIntoPlace(folder, work, proof);
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}

function moveIntoPlace(folder, work, proof) {
  const present = join(folder, 'node_modules');
  if (isInstalled(folder, proof)) return;
  try {
    if (existsSync(present)) renameSync(present, join(work, 'replaced'));
    renameSync(join(work, 'node_modules'), present);
  } catch (cause) {
    // Another first run was faster; its packages are the same.
    if (!isInstalled(folder, proof)) throw cause;
  }
}

function runNpmCi(folder, node, environment) {
  const execPath = environment.npm_execpath ?? '';
  const command = execPath.endsWith('npm-cli.js') ? [node, execPath] : ['npm'];
  // What the calling `npm run` told its script must not steer this npm.
  const kept = Object.entries(environment).filter(
    ([name]) => !/^npm_(?!config_)|^npm_config_(local_)?prefix$|^NODE_ENV$/.test(name),
  );
  const done = spawnSync(
    command[0],
    [...command.slice(1), 'ci', '--include=dev', '--include=optional', '--no-audit', '--no-fund'],
    {
      cwd: folder,
      env: Object.fromEntries(kept),
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'pipe'],
    },
  );
  if (done.error !== undefined) throw new SetupError(`npm could not be started: ${done.error.message}`);
  if (done.status !== 0) throw new SetupError(`npm ci failed in ${folder}:\n${done.stdout}${done.stderr}`);
}

/** Removes what killed set-ups left. */
function sweepDeadWork(folder) {
  for (const name of readdirSync(folder)) {
    const pid = Number(workPattern.exec(name)?.[1] ?? 0);
    if (pid > 0 && !isAlive(pid)) rmSync(join(folder, name), { recursive: true, force: true });
  }
}

function isAlive(pid) {
  try {
    process.kill(pid, 0);
    return true;
  } catch (cause) {
    return cause.code === 'EPERM';
  }
}
