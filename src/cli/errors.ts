import { declareErrors } from '../domain/error.ts';

export const cliErrors = declareErrors({
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
});
