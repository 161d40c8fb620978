import type { Finding } from '../../domain/finding.ts';

/** What can never be said of a file that another program made, however well it was restored. */
export const foreignNote: Finding = {
  severity: 'note',
  code: 'foreign-file',
  message: 'another program made this file: what its source held is not known, so the copy is compared with nothing',
  hint: 'Only backups made by holdfast backup can be proven.',
};
