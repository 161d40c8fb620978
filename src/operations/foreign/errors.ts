import { declareErrors } from '../../domain/error.ts';

export const foreignErrors = declareErrors({
  'file-unreadable': {
    exit: 13,
    meaning: 'The file that was named is not there, is no file, or may not be read by this user.',
    remedy: 'Check the path; `holdfast list --foreign` shows the files beside the repository.',
  },
  'file-changed': {
    exit: 1,
    meaning: 'The file was written to while it was read.',
    remedy: 'Wait until whatever writes it has ended, then run the command again.',
    retry: true,
  },
  'file-not-known': {
    exit: 1,
    meaning: 'The file is nothing that can be restored here: no dump and no database file of a kind that is known.',
    remedy: 'Files are known by their content, not by their name: look at its beginning with `head -c 300`.',
  },
  'file-sealed': {
    exit: 1,
    meaning: 'The file is encrypted, or compressed in a way that another program has to undo.',
    remedy: 'Undo it with its own program, and pipe the result into the command with --file -.',
  },
  'file-not-restorable': {
    exit: 1,
    meaning: 'The file is known, and cannot be restored as one database.',
    remedy: 'The hint beside the error names the way there is for this kind of file.',
  },
  'several-files': {
    exit: 1,
    meaning: 'A tar file holds more than one file, and which is meant cannot be known.',
    remedy: 'Unpack it, and name the file that is meant.',
  },
  'checksum-differs': {
    exit: 15,
    meaning: 'The file does not have the SHA-256 that stands in the file beside it.',
    remedy: 'Use another copy or an older file; if the checksum itself is wrong, remove the file that holds it.',
  },
  'no-room-for-file': {
    exit: 1,
    meaning: 'What comes through standard input has to be kept for a while, and there is too little room.',
    remedy: 'Free some room, set HOLDFAST_STATE_DIR to a folder with more, or write the input to a file first.',
  },
});
