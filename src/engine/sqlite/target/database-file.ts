/**
 * Which file a target means. The path is the file's real one: of two ways to name a database both give the same, and a
 * restore replaces the file, never a symbolic link to it. Nothing is opened here.
 */

import { existsSync, lstatSync, readlinkSync, realpathSync } from 'node:fs';
import { basename, dirname, isAbsolute, join, resolve } from 'node:path';
import type { Finding } from '../../../domain/finding.ts';
import type { TargetSpec } from '../../engine.ts';
import { isSqliteUrl, parseSqliteUrl, type SqliteUrl } from './database-url.ts';
import { findPrismaSchema, prismaFolder } from './prisma-schema.ts';

export interface DatabaseFile {
  readonly path: string;
  /** The file's own name: `dev.db`. */
  readonly name: string;
  readonly folder: string;
  /** How a relative path was understood; empty for an absolute one. */
  readonly facts: readonly (readonly [label: string, value: string])[];
  readonly findings: readonly Finding[];
}

export function locateDatabase(spec: TargetSpec): DatabaseFile {
  const url = parseSqliteUrl(spec.url);
  const choice = chooseCandidate(candidates(url, spec.baseDir));
  const path = realPath(choice.path);
  return { path, name: basename(path), folder: dirname(path), facts: choice.facts, findings: choice.findings };
}

/** The file that `--into` names: a bare name lies beside the database, a path starts at the present folder. */
export function resolveInto(file: DatabaseFile, name: string): string {
  const path = isSqliteUrl(name) ? parseSqliteUrl(name).path : name;
  return realPath(path.includes('/') ? resolve(path) : resolve(file.folder, path));
}

/** The file without symbolic links, also where a link leads to a file that is gone; where there is none, in its real folder. */
export function realPath(path: string): string {
  return followLinks(path, maximumLinks);
}

/** As Linux does (path_resolution(7)). */
const maximumLinks = 40;

function followLinks(path: string, linksLeft: number): string {
  try {
    return realpathSync(path);
  } catch {
    const folder = dirname(path);
    if (folder === path) return path;
    const realFolder = followLinks(folder, linksLeft);
    const here = join(realFolder, basename(path));
    const isLink = lstatSync(here, { throwIfNoEntry: false })?.isSymbolicLink() === true;
    return isLink && linksLeft > 0 ? followLinks(resolve(realFolder, readlinkSync(here)), linksLeft - 1) : here;
  }
}

interface Candidate {
  readonly path: string;
  readonly why: string;
}

/** The rule's own answer first. */
function candidates(url: SqliteUrl, baseDir: string): readonly [Candidate, ...Candidate[]] {
  if (isAbsolute(url.path)) {
    const given: Candidate = { path: url.path, why: 'as written' };
    if (url.otherPath === null) return [given];
    return [given, { path: resolve(baseDir, url.otherPath), why: `relative to ${baseDir}` }];
  }
  const plain: Candidate = { path: resolve(baseDir, url.path), why: `relative to ${baseDir}` };
  const schema = url.scheme === 'file' ? findPrismaSchema(baseDir) : null;
  if (schema === null) return [plain];
  return [{ path: resolve(prismaFolder(schema), url.path), why: `relative to ${schema}, as Prisma reads it` }, plain];
}

function chooseCandidate(
  list: readonly [Candidate, ...Candidate[]],
): Candidate & Pick<DatabaseFile, 'facts' | 'findings'> {
  const present = list.filter((candidate) => existsSync(candidate.path));
  const chosen = present[0] ?? list[0];
  const other = present.find((candidate) => realPath(candidate.path) !== realPath(chosen.path));
  const facts = chosen.why === 'as written' ? [] : ([['path', `${chosen.path} (${chosen.why})`]] as const);
  if (other === undefined) return { ...chosen, facts, findings: [] };
  return { ...chosen, facts, findings: [ambiguous(chosen, other)] };
}

function ambiguous(chosen: Candidate, other: Candidate): Finding {
  return {
    severity: 'warning',
    code: 'sqlite-path-ambiguous',
    message: `the URL fits two files: ${chosen.path} (${chosen.why}) is taken, ${other.path} (${other.why}) is left alone`,
    hint: 'Write the absolute path into the URL to say which one is meant.',
  };
}
