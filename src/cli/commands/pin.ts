import { definePin } from '../define-pin.ts';

export const command = definePin({
  kind: 'pin',
  summary: 'keep a backup whatever the rules say',
  details:
    'Keeps a backup whatever the rules of keep: say, until it is unpinned. A backup that expired within the last 24 hours\n' +
    'comes back by it. The pin is a file beside the backup; whoever uses the repository sees it.',
  examples: [
    ['holdfast pin app 20261121T02', 'by the beginning of its id'],
    ['holdfast pin latest --reason "before the merger"', 'with a word for those who come later'],
  ],
});
