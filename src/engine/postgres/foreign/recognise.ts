/** Files of pg_dump and pg_dumpall, known by their first bytes. */

import { beginsAsTar, blockBytes, parseTarHeader } from '../../../codec/tar-header.ts';
import { HoldfastError } from '../../../domain/error.ts';
import type { RecognisedContent } from '../../foreign.ts';
import { ArchiveCursor, NeedMore } from '../archive/archive-cursor.ts';
import { archiveFormats, readHead } from '../archive/toc-reader.ts';

/** What pg_dump writes above everything else is shorter by far. */
export const headBytes = 16 * 1024;

export function recognise(head: Uint8Array): RecognisedContent | null {
  const bytes = Buffer.from(head.buffer, head.byteOffset, head.byteLength);
  if (beginsAsArchive(bytes)) return recogniseArchive(bytes);
  if (beginsAsTar(bytes) && parseTarHeader(bytes.subarray(0, blockBytes)).name === 'toc.dat') {
    const toc = bytes.subarray(blockBytes);
    return beginsAsArchive(toc) ? recogniseTar(toc) : null;
  }
  return recogniseScript(bytes);
}

function beginsAsArchive(bytes: Buffer): boolean {
  return bytes.toString('latin1', 0, 5) === 'PGDMP';
}

/** Of all formats, `format` is the eleventh byte (pg_backup_archiver.c, WriteHead). */
function recogniseArchive(bytes: Buffer): RecognisedContent {
  if (bytes[10] === archiveFormats.custom) {
    const facts = headFacts(bytes, archiveFormats.custom);
    return { what: 'pg_dump custom archive', form: 'custom', role: 'archive', obstacle: null, ...facts };
  }
  return {
    what: 'table of contents of a pg_dump directory',
    form: 'directory-toc',
    role: 'archive',
    ...headFacts(bytes, archiveFormats.tar),
    obstacle: {
      stops: 'everything',
      message: 'this file alone holds no rows: they are in the other files of the folder that pg_dump -Fd wrote',
      hint: 'Restore the folder with pg_restore: pg_restore --exit-on-error -d DATABASE FOLDER.',
    },
  };
}

function recogniseTar(toc: Buffer): RecognisedContent {
  const facts = headFacts(toc, archiveFormats.tar);
  return { what: 'pg_dump tar archive', form: 'tar', role: 'archive', obstacle: null, ...facts };
}

type HeadFacts = Pick<RecognisedContent, 'product' | 'databaseName'>;

function headFacts(bytes: Buffer, format: number): HeadFacts {
  const cursor = new ArchiveCursor();
  cursor.append(bytes);
  try {
    const { serverVersion, databaseName } = readHead(cursor, format);
    return { product: `PostgreSQL ${versionOf(serverVersion)}`, databaseName: databaseName.toString('utf8') };
  } catch (thrown) {
    if (thrown instanceof NeedMore || thrown instanceof HoldfastError) return { product: null, databaseName: null };
    throw thrown;
  }
}

/** `15.18 (Debian 15.18-0+deb12u1)`: what a distribution adds does not count. */
export function versionOf(text: string): string {
  return /^\d+(?:\.\d+)*(?:devel|beta\d*|rc\d*)?/.exec(text.trim())?.[0] ?? text.trim();
}

const dumpTitle = /^-- PostgreSQL database dump$/m;
const clusterTitle = /^-- PostgreSQL database cluster dump$/m;
const serverVersion = /^-- Dumped from database version (.+)$/m;

/** The title stands in the first lines; a mention of it deeper down is no dump's. */
const titleBytes = 1024;

function recogniseScript(bytes: Buffer): RecognisedContent | null {
  const text = bytes.toString('latin1').replaceAll('\r', '');
  const beginning = text.slice(0, titleBytes);
  // A tar file with a script in it is not the script.
  if (beginning.includes('\0')) return null;
  const isCluster = clusterTitle.test(beginning);
  if (!isCluster && !dumpTitle.test(beginning)) return null;
  const version = serverVersion.exec(text)?.[1];
  const facts = {
    product: version === undefined ? 'PostgreSQL' : `PostgreSQL ${versionOf(version)}`,
    databaseName: null,
  };
  if (!isCluster) return { what: 'pg_dump SQL script', form: 'sql', role: 'sql', obstacle: null, ...facts };
  return {
    what: 'pg_dumpall script of a whole server',
    form: 'cluster',
    role: 'globals',
    ...facts,
    obstacle: {
      stops: 'restoring',
      message: 'it holds roles, settings and all databases of a server, and cannot be restored as one database',
      hint: 'Run it on a new, empty server: psql -X -v ON_ERROR_STOP=1 -d postgres -f FILE.',
    },
  };
}
