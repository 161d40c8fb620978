import { declareErrors } from '../../../domain/error.ts';

export const archiveErrors = declareErrors({
  'damaged-archive': {
    exit: 15,
    meaning: 'A custom-format archive does not hold together: bytes are missing, changed or added.',
    remedy: 'Do not rely on this backup; take a new one, and verify the others.',
  },
  'damaged-script': {
    exit: 15,
    meaning: 'A script of pg_dump does not hold together: it ends before it should.',
    remedy: 'Do not rely on this file: its end is missing. Use an older one, or a backup that is verified.',
  },
  'unsafe-script': {
    exit: 1,
    meaning: 'A script holds what pg_dump never writes, and what reaches beyond the database it is to fill.',
    remedy: 'Look at the line that is named: if the file is yours, take the line out; else do not run it at all.',
  },
  'unsupported-archive': {
    exit: 1,
    meaning: 'The file is not a custom-format archive, or one of a version that is not known here.',
    remedy: 'Use a file made by pg_dump -Fc of PostgreSQL 9.0 or newer.',
  },
});
