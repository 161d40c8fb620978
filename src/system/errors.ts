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
});
