import { declareErrors } from '../../domain/error.ts';

export const sqliteErrors = declareErrors({
  'sqlite-url-invalid': {
    exit: 2,
    meaning: 'The URL does not name a SQLite file.',
    remedy: 'Write file:./dev.db or sqlite:///absolute/path.db.',
  },
  'sqlite-elsewhere': {
    exit: 2,
    meaning: 'A SQLite file is opened where Holdfast runs; `via` is for servers that answer elsewhere.',
    remedy: 'Run Holdfast where the file is, or leave `via` out.',
  },
  'sqlite-in-memory': {
    exit: 2,
    meaning: 'The URL names a database in memory: nothing outlives the program that made it.',
    remedy: 'Name a database file.',
  },
  'sqlite-file-missing': {
    exit: 16,
    meaning: 'There is no file where the SQLite database should be.',
    remedy: 'Check the path in the URL; a relative one starts at the folder of the file that holds the URL.',
  },
  'sqlite-file-unreadable': {
    exit: 16,
    meaning: 'The SQLite file, or its folder, may not be read by this user, or is not a file at all.',
    remedy: 'Run as the user that owns the database, or give this user the right to read it.',
  },
  'sqlite-file-empty': {
    exit: 1,
    meaning: 'The SQLite file holds 0 bytes: there is nothing to back up.',
    remedy: 'Check that the path is right: SQLite makes an empty file when it opens a wrong name.',
  },
  'sqlite-wal-unreadable': {
    exit: 16,
    meaning: 'The database has a write-ahead log, and reading it needs the right to write into its folder.',
    remedy: 'Run as the user that owns the database.',
  },
  'not-a-database': {
    exit: 1,
    meaning: 'The file is not a SQLite database, or it is encrypted.',
    remedy: 'Check the path; an encrypted database must be copied by the program that has its key.',
  },
  'sqlite-malformed': {
    exit: 15,
    meaning: 'The SQLite file is damaged.',
    remedy:
      '`holdfast doctor --damage` shows what still reads and the ways back; `holdfast backup --salvage` saves what still reads.',
  },
  'sqlite-busy': {
    exit: 11,
    meaning: 'Another program holds a lock on the database and did not let go in time.',
    remedy: 'Try again later, or stop the program that writes.',
    retry: true,
  },
  'database-in-use': {
    exit: 1,
    meaning: 'Another program has the database open: it would go on writing into the replaced file.',
    remedy: 'Stop that program and run the command again.',
    retry: true,
  },
  'sqlite-no-room': {
    exit: 1,
    meaning: 'The disk has too little room for a copy of the database.',
    remedy: 'Free some space, or set TMPDIR to a folder with more room.',
  },
  'sqlite-write-refused': {
    exit: 1,
    meaning: 'The operating system or SQLite refused to write the file.',
    remedy: 'Check the rights of the folder and whether it is mounted read-only.',
  },
  'sqlite-failed': {
    exit: 1,
    meaning: 'SQLite answered with an error.',
    remedy: 'The line above is what SQLite itself said.',
  },
  'sqlite-job-failed': {
    exit: 1,
    meaning: 'The process that works on the SQLite file ended without an answer.',
    remedy: 'The line above is what it said last.',
  },
  'image-differs': {
    exit: 1,
    meaning: 'The copy does not hold what the database held in the snapshot that was copied.',
    remedy: 'Run the backup again; if it stays, check the disk.',
    retry: true,
  },
  'sqlite-scope-unsupported': {
    exit: 2,
    meaning: 'A SQLite database is backed up whole or not at all.',
    remedy: 'Leave out the options that choose schemas, tables, or only structure or data.',
  },
  'sqlite-no-image': {
    exit: 15,
    meaning: 'The backup holds no SQLite image.',
    remedy: 'Choose another backup.',
  },
  'sqlite-target-exists': {
    exit: 1,
    meaning: 'There is a file already where the restored one should go.',
    remedy: 'Choose another name, or move the file away.',
  },
  'sqlite-nothing-kept': {
    exit: 13,
    meaning: 'There is no replaced database file beside this database.',
    remedy: 'Kept files are named FILE.before_restore_DATE_TIME and lie in the same folder.',
  },
  'sqlite-table-missing': {
    exit: 13,
    meaning: 'The backup, or the living database, has no such table.',
    remedy: 'Write the name as the database has it.',
  },
  'sqlite-table-unsupported': {
    exit: 1,
    meaning: 'This table cannot be restored alone.',
    remedy: 'Restore the whole backup under another name (--into) and take the rows from there.',
  },
  'sqlite-foreign-keys': {
    exit: 1,
    meaning: 'With the restored table rows of other tables would point at nothing; nothing was changed.',
    remedy: 'Restore the tables that point at it too, or restore it beside and move the rows yourself.',
  },
});
