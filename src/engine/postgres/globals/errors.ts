/** What can go wrong while roles, tablespaces and settings of a server come back. */

import { declareErrors } from '../../../domain/error.ts';

export const globalsErrors = declareErrors({
  'globals-missing': {
    exit: 13,
    meaning: 'The backup holds no roles and settings of the server.',
    remedy: 'Choose a backup of a PostgreSQL database that Holdfast made; `holdfast show` lists what each holds.',
  },
  'globals-unreadable': {
    exit: 1,
    meaning:
      'The roles and settings in the backup are written in a form that this version does not know; nothing was changed.',
    remedy: 'Restore them by hand: RESTORE.txt in the folder of the backup has the commands. And please report it.',
  },
  'globals-not-restored': {
    exit: 1,
    meaning: 'Some of the roles, tablespaces or settings could not be restored; the message names each.',
    remedy: 'Roles and settings come back all or none; correct what the message names, then run it again.',
  },
  'globals-differ': {
    exit: 1,
    meaning: 'The server accepted every statement, and what it holds now is still not what the backup says.',
    remedy: 'Look at the plan (--dry-run); something else may have changed the roles meanwhile.',
  },
  'roles-become-one': {
    exit: 2,
    meaning:
      'With this mapping two roles of the backup would become one, and their privileges could not be told apart.',
    remedy: 'Map them to different roles, or leave privileges out (--no-acl).',
  },
  'roles-not-mappable': {
    exit: 1,
    meaning: 'Roles cannot be mapped in this backup: it is SQL only, or names a role in a form that is not known.',
    remedy: 'Create the roles (--globals) and restore without --map-role, or with --no-owner --no-acl.',
  },
});
