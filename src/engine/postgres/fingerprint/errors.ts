import { declareErrors } from '../../../domain/error.ts';

export const fingerprintErrors = declareErrors({
  'fingerprint-mismatch': {
    exit: 1,
    meaning: 'What was counted or read in the snapshot is not what went into the backup; the backup was given up.',
    remedy: 'Take the backup again; if it happens again, look into the server’s log and check its disk and memory.',
    retry: true,
  },
});
