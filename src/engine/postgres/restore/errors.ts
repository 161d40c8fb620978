/** What can go wrong while a backup becomes a database again. */

import { declareErrors } from '../../../domain/error.ts';

export const restoreErrors = declareErrors({
  'restore-failed': {
    exit: 1,
    meaning:
      'A statement of the backup failed; the copy was removed, or the transaction rolled back, and nothing else was touched.',
    remedy: 'The message is PostgreSQL’s own; `holdfast restore --dry-run` shows what the server lacks.',
  },
  'no-room-for-rows': {
    exit: 1,
    meaning:
      'The disk with the temporary file for the rows filled up; the copy was removed, and nothing else was touched.',
    remedy: 'Free some room there, set TMPDIR to a folder on a larger disk, or add --jobs 1, which needs no such file.',
  },
  'in-place-changed': {
    exit: 1,
    meaning:
      'Somebody made tables or large objects while they were to be replaced, which no safety backup holds; nothing was changed.',
    remedy: 'Stop the application (a beforeSwap step can), then run the restore again.',
    retry: true,
  },
  'target-unfit': {
    exit: 1,
    meaning: 'Something stands in the way of the restore; nothing was touched.',
    remedy: 'Remove what is in the way, then run it again; `--dry-run` shows the whole plan.',
  },
  'database-exists': {
    exit: 1,
    meaning: 'The name a database is to be restored under is taken.',
    remedy: 'Choose another name, or drop that database first.',
  },
  'locale-missing': {
    exit: 1,
    meaning: 'The server does not have the locale, encoding or collation provider of the backup’s database.',
    remedy: 'Install the locale on the server (Debian: dpkg-reconfigure locales) and restart it.',
  },
  'create-refused': {
    exit: 1,
    meaning: 'The user may not create, rename or drop databases on this server.',
    remedy: 'Use a superuser, or grant CREATEDB and membership in the role that owns the database.',
  },
  'no-maintenance-database': {
    exit: 1,
    meaning: 'A restore creates a database beside, from another one than the present, and this user gets into none.',
    remedy:
      'Add --in-place: everything is replaced in one transaction, after a safety backup. Or grant CONNECT on the database postgres.',
  },
  'swap-failed': {
    exit: 1,
    meaning: 'The names of the databases could not be swapped; the present database is in place, as it was.',
    remedy: 'End the sessions that are connected to it, then run the restore again.',
    retry: true,
  },
  'in-place-locked': {
    exit: 1,
    meaning: 'Other sessions kept the tables in use, so that they could not be replaced in place; nothing was changed.',
    remedy: 'Stop the application (a beforeSwap step can), then run the restore again.',
    retry: true,
  },
  'not-owner-of-objects': {
    exit: 1,
    meaning: 'The database holds objects of another role, which this user may not drop; nothing was changed.',
    remedy: 'Restore as the owner of the objects or of their schema, or as a superuser.',
  },
  'commit-failed': {
    exit: 1,
    meaning: 'The server did not commit the restore; the database is as it was before.',
    remedy: 'The message is the server’s own; run the restore again.',
    retry: true,
  },
  'commit-unknown': {
    exit: 16,
    meaning: 'The connection was lost while the server committed, and it could not be asked since what became of it.',
    remedy: 'The database is whole, old or new: look at it when the server answers again.',
  },
  'no-kept-database': {
    exit: 13,
    meaning: 'No replaced database is kept under the name it should have.',
    remedy: 'List the databases of the server: kept ones are named <database>_before_<time>.',
  },
  'not-a-kept-database': {
    exit: 2,
    meaning: 'The name is not that of a database that a restore replaced.',
    remedy: 'Only databases named <database>_before_<time> are dropped; drop others yourself.',
  },
  'artifact-missing': {
    exit: 13,
    meaning: 'The backup has no artifact that this operation can use.',
    remedy: 'Choose another backup; `holdfast show` lists what each holds.',
  },
  'table-not-in-backup': {
    exit: 13,
    meaning: 'The backup holds no table of this name.',
    remedy: 'Write the name as psql would, with its schema; names with capitals need double quotes.',
  },
  'table-ambiguous': {
    exit: 2,
    meaning: 'Several tables of the backup have this name.',
    remedy: 'Write the schema before the name: sales.orders.',
  },
  'table-file-exists': {
    exit: 2,
    meaning: 'The file to write to is there already; it is never overwritten.',
    remedy: 'Choose another path, or move the file away.',
  },
  'rows-differ': {
    exit: 15,
    meaning: 'A restored table does not hold the rows the backup’s fingerprint promises.',
    remedy: 'Run `holdfast verify` on the backup, and use another one.',
  },
  'not-adoptable': {
    exit: 1,
    meaning: 'A copy that was made to be thrown away cannot become the database.',
    remedy: 'Use `holdfast restore`.',
  },
});
