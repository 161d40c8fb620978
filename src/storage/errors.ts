import { declareErrors } from '../domain/error.ts';

export const storeErrors = declareErrors({
  'object-missing': {
    exit: 13,
    meaning: 'The store answered, and the object is not there.',
    remedy: 'Check the name; `holdfast list` shows what there is.',
  },
  'object-exists': {
    exit: 1,
    meaning: 'Something is stored under this name already, and it must not be replaced.',
    remedy: 'Choose another name, or look who else writes into this place.',
  },
  'object-changed': {
    exit: 15,
    meaning: 'A stored object changed its size while it was being read.',
    remedy: 'Look who else writes into this place, then try again.',
    retry: true,
  },
  'object-too-large': {
    exit: 1,
    meaning: 'The file system cannot hold a file of this size.',
    remedy: 'Use another file system (FAT ends at 4 GiB), or raise the limit (`ulimit -f`).',
  },
  'invalid-key': {
    exit: 1,
    meaning: 'A name cannot be stored: it is empty, absolute, leaves its folder, or collides with a folder.',
    remedy: 'Choose another name.',
  },
  'store-full': {
    exit: 1,
    meaning: 'The store has no room left (or the quota is used up).',
    remedy: 'Free some room, or choose another place with more.',
  },
  'store-read-only': {
    exit: 1,
    meaning: 'The store cannot be written to.',
    remedy: 'Mount it writable, or choose another place.',
  },
  'store-denied': {
    exit: 1,
    meaning: 'The store refused: this user may not read or write there.',
    remedy: 'Give this user the right, or run as one who has it.',
  },
  'store-failed': {
    exit: 1,
    meaning: 'The store failed in a way that is nobody’s choice: a disk error, a lost mount.',
    remedy: 'Check the disk or the mount, then try again.',
    retry: true,
  },
});
