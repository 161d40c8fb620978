/** SQLite files that somebody copied, and the log that may lie beside them. */

import type { ForeignReader, RecognisedContent } from '../../foreign.ts';
import { headerBytes, hasDatabaseMagic } from '../image/image-header.ts';
import { gatherDatabase } from './gather-database.ts';
import { surveyImage } from './survey-image.ts';

export const sqliteForeign: ForeignReader = {
  headBytes: headerBytes,
  recognise,
  gather: gatherDatabase,
  survey: (_content, bytes, work) => surveyImage(bytes, work),
  artifact: (_content, bytes) => bytes,
};

/** How `sqlite3 FILE .dump` begins. */
const scriptBeginning = 'PRAGMA foreign_keys=OFF;\nBEGIN TRANSACTION;\n';

function recognise(head: Uint8Array): RecognisedContent | null {
  if (hasDatabaseMagic(head)) {
    const facts = { product: 'SQLite', databaseName: null, obstacle: null };
    return { what: 'SQLite database', form: 'sqlite', role: 'image', ...facts };
  }
  const text = Buffer.from(head.buffer, head.byteOffset, Math.min(head.byteLength, scriptBeginning.length + 2));
  if (!text.toString('latin1').replaceAll('\r', '').startsWith(scriptBeginning)) return null;
  return {
    what: 'SQL script of the sqlite3 shell',
    form: 'sqlite-sql',
    role: 'sql',
    product: 'SQLite',
    databaseName: null,
    obstacle: {
      stops: 'everything',
      message: 'a script of the sqlite3 shell is restored by that shell',
      hint: 'Make a database of it, which can be verified and restored: sqlite3 new.db < FILE.',
    },
  };
}
