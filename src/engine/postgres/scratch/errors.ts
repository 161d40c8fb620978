/** What can go wrong with a place to try a backup in. */

import { declareErrors } from '../../../domain/error.ts';

export const scratchErrors = declareErrors({
  'scratch-server-failed': {
    exit: 1,
    meaning: 'The throwaway server for a drill could not be made or started.',
    remedy: 'The message is PostgreSQL’s own; or name another server for the drill with --to.',
  },
  'scratch-no-room': {
    exit: 1,
    meaning: 'No temporary folder has room for the throwaway server.',
    remedy: 'Free room, point TMPDIR to a larger disk, or name another server for the drill with --to.',
  },
  'scratch-as-root': {
    exit: 1,
    meaning: 'PostgreSQL refuses to run as root, and there is no unprivileged user to run it as.',
    remedy: 'Run the drill as an ordinary user, or create the user postgres.',
  },
  'extension-missing': {
    exit: 1,
    meaning: 'An extension that the backup needs is not installed where it is to be restored.',
    remedy: 'Install the package that provides it, or name a server that has it with --to.',
  },
});
