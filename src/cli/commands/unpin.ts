import { definePin } from '../define-pin.ts';

export const command = definePin({
  kind: 'unpin',
  summary: 'leave a pinned backup to the rules again',
  details: 'Takes back a pin: the backup is left to the rules of keep: again, and expires when none of them keeps it.',
  examples: [['holdfast unpin app 20261121T02', 'by the beginning of its id']],
});
