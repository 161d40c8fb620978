import { declareErrors } from '../domain/error.ts';

export const systemErrors = declareErrors({
  'tool-failed': {
    exit: 1,
    meaning: 'A program that Holdfast started ended with an error.',
    remedy: 'The lines above are what the program itself said.',
  },
  'tool-missing': {
    exit: 1,
    meaning: 'A program that is needed could not be started.',
    remedy: 'Install it, or add its folder to PATH.',
  },
  interrupted: {
    exit: 130,
    meaning: 'The run was stopped by a signal; what it had begun was cleaned up.',
    remedy: 'Run the command again when you are ready.',
    retry: true,
  },
  locked: {
    exit: 11,
    meaning: 'Another run holds the lock of this database on this machine.',
    remedy: 'Wait for the other run to end.',
    retry: true,
  },
  'lock-unusable': {
    exit: 1,
    meaning: 'The lock that keeps two runs apart could not be made.',
    remedy: 'Check the state directory (`HOLDFAST_STATE_DIR`): this user must be able to write there.',
  },
  'state-directory': {
    exit: 1,
    meaning: 'The folder for locks and caches of this machine could not be made.',
    remedy: 'Set `HOLDFAST_STATE_DIR` to a folder that this user can write to.',
  },
});
