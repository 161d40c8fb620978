import { declareErrors } from '../domain/error.ts';

export const operationErrors = declareErrors({
  'unknown-engine': {
    exit: 2,
    meaning: 'No kind of database that Holdfast knows answers to this address, or made this backup.',
    remedy:
      'The guide names the forms of addresses that are understood; check the one that was given for a typing error.',
  },
  'wrong-engine': {
    exit: 2,
    meaning: 'A backup of one kind of database cannot be restored into another kind.',
    remedy: 'Name a target of the kind that was backed up.',
  },
  'not-a-server': {
    exit: 2,
    meaning: 'All databases of a server were asked for (--all), and the address names a database that lives on none.',
    remedy: 'Leave --all out: the one database is backed up.',
  },
  'no-databases': {
    exit: 1,
    meaning: 'The server has no database that is to be backed up.',
    remedy: 'Look at what is left out (--dry-run lists it), and at the patterns of --exclude-database.',
  },
  'databases-failed': {
    exit: 1,
    meaning: 'Of a whole server some databases could not be backed up; those that were are whole and listed.',
    remedy: 'The message has the reason for each; back them up again one by one, or leave them out on purpose.',
  },
  'no-globals': {
    exit: 2,
    meaning:
      'Roles and settings of a server were asked for (--globals, --map-role), and this kind of database has none.',
    remedy: 'Leave --globals and --map-role out.',
  },
  'not-ready': {
    exit: 1,
    meaning: 'Something that was checked beforehand stands in the way; nothing was done.',
    remedy: 'Remove what stands in the way; `holdfast doctor` checks it again.',
  },
  'no-room': {
    exit: 1,
    meaning: 'The repository has too little room for the backup.',
    remedy: 'Free some room, or choose another place for backups.',
  },
  'backup-too-small': {
    exit: 1,
    meaning: 'The backup came out smaller than it may be, and was removed again.',
    remedy: 'Look at the database: is it the right one, and not empty? The limit can be set (`sizes:`).',
  },
  'partial-backup': {
    exit: 2,
    meaning: 'A partial backup cannot take the place of a database: what it does not hold would be gone.',
    remedy: 'Restore it under another name (--into NAME), or take single tables from it (--table T).',
  },
  'restore-blocked': {
    exit: 1,
    meaning: 'The plan of the restore found something that stands in its way; nothing was touched.',
    remedy: 'Remove what stands in the way, or restore elsewhere (--into NAME, --to URL).',
  },
  'not-equal': {
    exit: 1,
    meaning: 'The restored copy is not equal to what was backed up; it was removed, nothing was replaced.',
    remedy: 'Try again; if it differs again, restore another backup, and report it.',
  },
  'copy-unsound': {
    exit: 1,
    meaning: 'The restored copy did not pass the checks of its own kind; it was removed, nothing was replaced.',
    remedy: 'Restore another backup; the lines above say what is wrong with this one.',
  },
  'not-proven': {
    exit: 1,
    meaning: 'The drill did not prove the backup: the copy differs from the source, or a check did not hold.',
    remedy: 'Look at the differences and checks above; make a new backup, and drill that.',
  },
  'hook-failed': {
    exit: 1,
    meaning:
      'A step of `hooks:` failed, took too long, or could not be started; the message says at which point of the run.',
    remedy:
      'Correct the step; before* steps stop the run before anything is changed, later ones do not undo what was done.',
  },
  'damage-found': {
    exit: 15,
    meaning: 'Stored bytes of a backup are not what its manifest says.',
    remedy: 'Use another copy or an older backup, and make a new one now.',
  },
  'expiry-stopped': {
    exit: 1,
    meaning: 'The rules would let suspiciously much go, or the clock cannot be trusted; nothing went.',
    remedy: 'Look at `holdfast prune --dry-run`; when it is right, go on with --force.',
  },
  'pin-lost': {
    exit: 1,
    meaning: 'A backup was deleted while it was being pinned.',
    remedy: 'It was on its way out already; pin another one, see `holdfast list`.',
  },
  'no-older-backup': {
    exit: 13,
    meaning: 'A drill at random proves an older backup, and there is none but the newest.',
    remedy: 'Prove the newest (`holdfast drill`), and come back when there are several.',
  },
  'nothing-kept': {
    exit: 13,
    meaning: 'No database that a restore replaced is kept here.',
    remedy: 'Only a restore that replaced a database keeps the old one; see `holdfast list` for backups.',
  },
  'unknown-format': {
    exit: 2,
    meaning: 'This backup cannot be extracted in the format that was asked for.',
    remedy: 'Choose one of the formats that `holdfast show` lists.',
  },
  'file-exists': {
    exit: 1,
    meaning: 'The file that should be written exists already.',
    remedy: 'Choose another name, or allow it to be replaced (--force).',
  },
  'output-failed': {
    exit: 1,
    meaning: 'The file or stream could not be written.',
    remedy: 'Check the folder, its permissions and its room.',
  },
});
