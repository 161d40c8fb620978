import { declareErrors } from '../../../domain/error.ts';

export const archiveErrors = declareErrors({
  'damaged-archive': {
    exit: 15,
    meaning: 'A custom-format archive does not hold together: bytes are missing, changed or added.',
    remedy: 'Do not rely on this backup; take a new one, and verify the others.',
  },
  'unsupported-archive': {
    exit: 1,
    meaning: 'The file is not a custom-format archive, or one of a version that is not known here.',
    remedy: 'Use a file made by pg_dump -Fc of PostgreSQL 9.0 or newer.',
  },
});
