/** What can go wrong while a damaged database is read. */

import { declareErrors } from '../../../domain/error.ts';

export const damageErrors = declareErrors({
  'source-damaged': {
    exit: 15,
    meaning: 'The database could not be read to its end: its files are damaged. No backup was made of it.',
    remedy:
      '`holdfast doctor --damage` shows what still reads and the ways back; `holdfast backup --salvage` saves what still reads.',
  },
  'server-keeps-failing': {
    exit: 16,
    meaning: 'The server broke the connection again and again while its tables were read.',
    remedy:
      'Look into the server log. Copy the data directory while the server is stopped, before anything else is tried.',
  },
  'catalogs-unreadable': {
    exit: 15,
    meaning: 'The system catalogs are so damaged that nobody can say which tables there are.',
    remedy: 'Copy the data directory while the server is stopped, and restore the newest good backup.',
  },
});
