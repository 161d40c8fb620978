import { declareErrors } from './error.ts';

export const domainErrors = declareErrors({
  'bad-database-name': {
    exit: 2,
    meaning: 'A name for a database in the repository has the wrong form or is reserved.',
    remedy: 'Use 1 to 63 of a-z, 0-9, `_` and `-`, beginning with a letter or digit; not `servers`, `audit`, `config`.',
  },
  'bad-time': {
    exit: 2,
    meaning: 'A time could not be read.',
    remedy: 'Write it like 2026-11-20T14:30, with Z or an offset (+01:00) if it is not in the configured time zone.',
  },
  'ambiguous-time': {
    exit: 2,
    meaning: 'A time without a zone exists twice, or not at all, because the clocks change then.',
    remedy: 'Add the offset that is meant, for example +01:00 or +02:00.',
  },
  'backup-not-found': {
    exit: 13,
    meaning: 'No backup in the repository answers to this name.',
    remedy: 'See `holdfast list` for what there is.',
  },
  'ambiguous-backup': {
    exit: 2,
    meaning: 'Several backups begin with the given letters.',
    remedy: 'Write more of the id.',
  },
});
