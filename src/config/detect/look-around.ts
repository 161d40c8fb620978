/**
 * What a project's folder tells about its databases and the backups it makes today: Compose files, a Prisma schema,
 * scripts, workflows, a crontab, local servers, files of backups. Only looks; what cannot be read is as if it were not
 * there, because nothing depends on it but suggestions.
 */

import { readdir, readFile, stat } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { runChild } from '../../system/child-process.ts';
import { findBackupLines, makesBackups } from './backup-scripts.ts';
import type { ComposeDatabase } from './compose-services.ts';
import { parsePrismaSchema, type PrismaDatasource } from './prisma-schema.ts';

export interface Surroundings {
  readonly compose: readonly (ComposeDatabase & { readonly file: string })[];
  readonly prisma: (PrismaDatasource & { readonly file: string }) | null;
  /** Files that make backups, relative to the folder. */
  readonly scripts: readonly string[];
  /** Lines of this user's crontab that make backups. */
  readonly crontab: readonly string[];
  /** Sockets of PostgreSQL servers on this machine: `/var/run/postgresql/.s.PGSQL.5432`. */
  readonly localServers: readonly string[];
}

const composeFiles = ['compose.yaml', 'compose.yml', 'docker-compose.yaml', 'docker-compose.yml'];
const prismaFiles = ['prisma/schema.prisma', 'schema.prisma'];
const scriptFolders = ['.', 'scripts', 'bin', 'backup', 'ops', 'deploy', '.github/workflows'];
const scriptEnding = /\.(?:sh|bash|zsh|ts|js|mjs|cjs|py|yml|yaml)$/;
const socketFolders = ['/var/run/postgresql', '/tmp'];
/** Scripts are short; what is longer is something else. */
const largestScriptBytes = 256 * 1024;
const crontabPatienceMs = 3000;

export async function lookAround(folder: string, signal: AbortSignal): Promise<Surroundings> {
  const [compose, prisma, scripts, crontab, localServers] = await Promise.all([
    findCompose(folder),
    findPrisma(folder),
    findScripts(folder),
    readCrontab(signal),
    findSockets(),
  ]);
  return { compose, prisma, scripts, crontab, localServers };
}

async function findCompose(folder: string): Promise<Surroundings['compose']> {
  for (const file of composeFiles) {
    const text = await readSmallFile(join(folder, file));
    if (text === null) continue;
    const { parseComposeDatabases } = await import('./compose-services.ts');
    return parseComposeDatabases(text).map((found) => ({ ...found, file }));
  }
  return [];
}

async function findPrisma(folder: string): Promise<Surroundings['prisma']> {
  for (const file of prismaFiles) {
    const text = await readSmallFile(join(folder, file));
    const found = text === null ? null : parsePrismaSchema(text);
    if (found !== null) return { ...found, file };
  }
  return null;
}

async function findScripts(folder: string): Promise<readonly string[]> {
  const found: string[] = [];
  for (const part of scriptFolders) {
    const names = await namesIn(join(folder, part));
    for (const name of names.filter((each) => scriptEnding.test(each)).sort()) {
      const path = join(folder, part, name);
      const text = await readSmallFile(path);
      if (text !== null && makesBackups(text)) found.push(relative(folder, path));
    }
  }
  return found;
}

async function findSockets(): Promise<readonly string[]> {
  const found: string[] = [];
  for (const folder of socketFolders) {
    for (const name of (await namesIn(folder)).toSorted()) {
      if (/^\.s\.PGSQL\.\d+$/.test(name)) found.push(join(folder, name));
    }
  }
  return found;
}

async function readCrontab(signal: AbortSignal): Promise<readonly string[]> {
  const limited = AbortSignal.any([signal, AbortSignal.timeout(crontabPatienceMs)]);
  try {
    return findBackupLines(await runChild({ command: 'crontab', args: ['-l'] }, limited));
  } catch {
    // No crontab, or no program to ask: both mean that there is nothing to suggest.
    signal.throwIfAborted();
    return [];
  }
}

/** Null when it is not there, cannot be read, is no file, or is too long to be one of those looked for. */
async function readSmallFile(path: string): Promise<string | null> {
  try {
    const facts = await stat(path);
    return facts.isFile() && facts.size <= largestScriptBytes ? await readFile(path, 'utf8') : null;
  } catch {
    return null;
  }
}

async function namesIn(folder: string): Promise<readonly string[]> {
  return readdir(folder).catch(() => []);
}
