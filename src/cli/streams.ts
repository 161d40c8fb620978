/**
 * Standard output and standard error as sinks. A reader that went away (`| head`) is no reason to stop a backup, nor to
 * complain: what is written then goes nowhere.
 */

import { isJournalStream } from '../system/journal-stream.ts';
import type { TextSink } from './output/output.ts';

export function sinkOf(stream: NodeJS.WriteStream & { readonly fd: number }): TextSink {
  let isOpen = true;
  // A terminal that does not tell its width says 0, and everything would be broken after each character.
  if (stream.isTTY && stream.columns === 0) stream.columns = 80;
  stream.on('error', (error: NodeJS.ErrnoException) => {
    isOpen = false;
    if (error.code === 'EPIPE') return;
    // Nothing can be said where saying fails; the exit code still tells it.
    process.exitCode = 1;
  });
  return {
    isTerminal: stream.isTTY,
    isJournal: isJournalStream(stream.fd, process.env),
    columns: () => (stream.isTTY ? stream.columns : null),
    write: (text) => {
      if (isOpen) stream.write(text);
    },
  };
}

/** Waits until everything written has left the process: `process.exit` would cut a pipe short. */
export function flush(stream: NodeJS.WriteStream): Promise<void> {
  return new Promise((resolve) => {
    if (stream.destroyed || stream.writableEnded) resolve();
    else {
      stream.write('', () => {
        resolve();
      });
    }
  });
}
