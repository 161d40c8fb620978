/** The thread that parses an archive and hashes its rows; archive-scanner.ts starts and ends it. */

import { parentPort, workerData } from 'node:worker_threads';
import { loadRowHasher } from '../fingerprint/row-hash/row-hasher.ts';
import { packError } from '../fingerprint/sent-error.ts';
import { ArchiveWalker } from './archive-walker.ts';
import type { ScanReply, ScanRequest, ScanWorkerData } from './scan-messages.ts';

const port = parentPort;
if (port === null) throw new Error('scan.worker.ts runs as a worker thread only');
const { memory, hashRows } = workerData as ScanWorkerData;

const reply = (message: ScanReply): void => {
  port.postMessage(message);
};
const walker = new ArchiveWalker(new Uint8Array(memory.buffer), loadRowHasher(memory, hashRows), (toc) => {
  reply({ kind: 'toc', toc });
});

port.on('message', (request: ScanRequest) => {
  try {
    if (request.kind === 'finish') {
      reply({ kind: 'scan', scan: walker.finish() });
      return;
    }
    walker.take(request.position, request.length);
    reply({ kind: 'taken', slot: request.slot });
  } catch (thrown) {
    reply({ kind: 'failed', error: packError(thrown) });
    port.close();
  }
});
