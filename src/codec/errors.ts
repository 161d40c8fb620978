import { declareErrors } from '../domain/error.ts';

export const codecErrors = declareErrors({
  'damaged-frame': {
    exit: 15,
    meaning: 'Compressed bytes are cut off, altered, or followed by bytes that do not belong there.',
    remedy: 'Use another copy or an older backup; `holdfast verify` tells which ones are whole.',
  },
  'unsupported-frame': {
    exit: 1,
    meaning: 'Compressed bytes need something that is not here: a dictionary, or more memory than is allowed.',
    remedy: 'Decompress the file with `zstd -d --long=31` first (with its dictionary: `-D`).',
  },
  'damaged-tar': {
    exit: 15,
    meaning: 'A tar file is cut off, altered, or followed by bytes that do not belong there.',
    remedy: 'Use another copy of the file, or an older one; `tar -tf` shows what can still be read.',
  },
  'compression-failed': {
    exit: 1,
    meaning: 'The compression library refused, usually for want of memory or because the level does not exist.',
    remedy: 'Check the compression level (zstd 1 to 22, gzip 1 to 9) and the free memory.',
  },
  'hashing-failed': {
    exit: 1,
    meaning: 'The thread that computes checksums stopped.',
    remedy: 'Run the command again; if it happens twice, check the free memory.',
    retry: true,
  },
  'branch-left': {
    exit: 1,
    meaning: 'One reader of a shared stream stopped before its end, so the others could not have the rest.',
    remedy: 'The error of the reader that stopped first says why.',
  },
});
