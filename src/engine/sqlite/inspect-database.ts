/** What can be said of a database file before anything is done with it. */

import { existsSync, statSync } from 'node:fs';
import { formatBytes } from '../../domain/amounts.ts';
import { HoldfastError } from '../../domain/error.ts';
import type { Finding } from '../../domain/finding.ts';
import type { Work } from '../../domain/work.ts';
import { freeBytesAt } from '../../system/free-space.ts';
import type { Inspection } from '../engine.ts';
import type { Description } from './image/describe-database.ts';
import { makeWorkingFolder } from './image/working-folder.ts';
import { readLiving } from './job/read-living.ts';
import { findFileUsers } from './restore/open-handles.ts';
import { filesOf } from './image/require-file.ts';
import { listLeftovers } from './restore/kept-files.ts';
import type { DatabaseFile } from './target/database-file.ts';

type Facts = Inspection['facts'];

export async function inspectDatabase(
  file: DatabaseFile,
  purpose: 'backup' | 'restore' | 'doctor',
  work: Work,
): Promise<Inspection> {
  const leftovers = purpose === 'backup' ? [] : await listLeftovers(file);
  const findings = [...file.findings, ...leftovers];
  if (purpose === 'restore' && isGone(file))
    return withoutDatabase(file, existsSync(file.path) ? 'holds 0 bytes' : 'is not there', findings);
  let description: Description;
  try {
    description = await readLiving('describe', { path: file.path, isPrivate: false }, file.path, work);
  } catch (cause) {
    if (purpose !== 'restore' || !(cause instanceof HoldfastError) || work.signal.aborted) throw cause;
    return withoutDatabase(file, `cannot be read: ${cause.message}`, findings);
  }
  // Tells at once when there is no room for the copy that a backup makes.
  if (purpose === 'backup') await (await makeWorkingFolder(description.sizeBytes, file.folder))[Symbol.asyncDispose]();
  return {
    product: 'SQLite',
    version: description.sqliteVersion,
    sizeBytes: description.sizeBytes,
    facts: [...file.facts, ...describeFile(file, description), ...(await roomFact(file)), ...usersFact(file)],
    findings: [...findings, ...modeFindings(description)],
  };
}

/** A restore needs no living database: it may be gone, or be what must be replaced. */
function isGone(file: DatabaseFile): boolean {
  return (statSync(file.path, { throwIfNoEntry: false })?.size ?? 0) === 0;
}

async function withoutDatabase(file: DatabaseFile, state: string, findings: readonly Finding[]): Promise<Inspection> {
  const facts: Facts = [...file.facts, ['file', `${file.path} ${state}`], ...(await roomFact(file))];
  return { product: 'SQLite', version: '', sizeBytes: null, facts, findings };
}

function describeFile(file: DatabaseFile, description: Description): Facts {
  const log = description.walBytes > 0 ? `, of which ${formatBytes(description.walBytes)} in the write-ahead log` : '';
  return [
    ['file', `${file.path}, ${formatBytes(description.sizeBytes)}${log}`],
    ['journal mode', description.journalMode],
    [
      'contents',
      `${description.tables === 1 ? '1 table' : `${String(description.tables)} tables`}, ${String(description.pages)} pages of ${String(description.pageSizeBytes)} bytes, ${description.encoding}`,
    ],
  ];
}

async function roomFact(file: DatabaseFile): Promise<Facts> {
  return existsSync(file.folder) ? [['free beside it', formatBytes(await freeBytesAt(file.folder))]] : [];
}

function usersFact(file: DatabaseFile): Facts {
  const users = findFileUsers(filesOf(file.path)).map((user) => `${user.program} (process ${String(user.pid)})`);
  return users.length === 0 ? [] : [['open in', users.join(', ')]];
}

function modeFindings(description: Description): readonly Finding[] {
  const findings: Finding[] = [];
  if (description.rolledBack) {
    findings.push({
      severity: 'note',
      code: 'sqlite-rolled-back',
      message: 'a journal that a crash had left was rolled back',
      hint: '',
    });
  }
  if (description.journalMode !== 'wal') {
    findings.push({
      severity: 'note',
      code: 'sqlite-not-wal',
      message: `the database is in ${description.journalMode} mode: while it is copied, programs that write may have to wait`,
      hint: 'In WAL mode nobody waits: PRAGMA journal_mode=WAL, once.',
    });
  }
  return findings;
}
