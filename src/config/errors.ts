import { declareErrors } from '../domain/error.ts';

export const configErrors = declareErrors({
  'no-target': {
    exit: 2,
    meaning: 'No source of settings names a database.',
    remedy: 'Set DATABASE_URL, in the environment or in .env, or pass --url.',
  },
  'targets-disagree': {
    exit: 2,
    meaning: 'Two sources of settings name different databases, and the command would change one of them.',
    remedy: 'Say which one is meant with --url (--url env:DATABASE_URL keeps the password off the command line).',
  },
  'settings-file': {
    exit: 2,
    meaning: 'A file with settings could not be read.',
    remedy: 'Check the path and its permissions.',
  },
  'settings-invalid': {
    exit: 2,
    meaning: 'A setting is unknown or has a value that cannot be used.',
    remedy: 'Correct the named line; docs/guide/configuration.md lists every setting.',
  },
  'secret-unreadable': {
    exit: 2,
    meaning: 'A setting given as a file or as a command could not be read.',
    remedy: 'Check the file or the command that the setting names.',
  },
});
