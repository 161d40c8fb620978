import { declareErrors } from '../domain/error.ts';

export const requestErrors = declareErrors({
  usage: {
    exit: 2,
    meaning: 'What was asked for could not be understood, or contradicts itself.',
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
  declined: {
    exit: 1,
    meaning: 'The plan was not confirmed; nothing was changed.',
    remedy: 'Run the command again and type the name of the database to go on; the library takes it as `confirm`.',
  },
  'internal-error': {
    exit: 1,
    meaning: 'Something happened that the program does not know: a mistake in Holdfast.',
    remedy: 'Please report it with what the command prints when --verbose is added.',
  },
});
