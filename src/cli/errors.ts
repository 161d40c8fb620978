import { declareErrors } from '../domain/error.ts';

export const cliErrors = declareErrors({
  usage: {
    exit: 2,
    meaning: 'The command line could not be understood.',
    remedy: 'Run the command with --help to see what it takes.',
  },
  'unknown-database': {
    exit: 2,
    meaning: 'The name is neither that of a configured database nor of one in the repository.',
    remedy: 'See `holdfast list` for the databases in the repository.',
  },
  'ambiguous-word': {
    exit: 2,
    meaning: 'A word could be the name of a database or of a backup, or several databases are possible.',
    remedy: 'Give both: the name of the database, then the backup.',
  },
  'backup-not-named': {
    exit: 2,
    meaning: 'A restore needs to be told which backup is meant, and nobody could be asked.',
    remedy: 'Name a backup: its id, `latest`, or `@2026-11-20T14:30`.',
  },
  'needs-yes': {
    exit: 2,
    meaning: 'The command changes something and must be confirmed, and there is no terminal to ask on.',
    remedy: 'Look at the plan with --dry-run, then run the command again with --yes.',
  },
  declined: {
    exit: 1,
    meaning: 'The plan was not confirmed; nothing was changed.',
    remedy: 'Run the command again and type the name of the database to go on.',
  },
  'settings-exist': {
    exit: 2,
    meaning: 'There is a settings file already, and it is not overwritten.',
    remedy: 'Look at it with `holdfast config check`; remove it to begin anew.',
  },
  'settings-unwritten': {
    exit: 1,
    meaning: 'The settings file could not be written.',
    remedy: 'Check the permissions of the folder.',
  },
  'demo-failed': {
    exit: 1,
    meaning: 'The demonstration did not show what it should.',
    remedy: 'Please report it with what `holdfast demo --verbose` prints.',
  },
  'internal-error': {
    exit: 1,
    meaning: 'Something happened that the program does not know: a mistake in Holdfast.',
    remedy: 'Please report it with what the command prints when --verbose is added.',
  },
});
