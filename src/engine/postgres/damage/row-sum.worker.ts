/** The thread that hashes rows in COPY's text form; row-sum.ts starts and ends it. */

import { parentPort } from 'node:worker_threads';
import { createHashMemory, inputStart, loadRowHasher } from '../fingerprint/row-hash/row-hasher.ts';
import type { SumReply, SumRequest } from './row-sum.ts';

const inputBytes = 256 * 1024;
const headerBytes = 5;
const copyData = 0x64;

const port = parentPort;
if (port === null) throw new Error('row-sum.worker.ts runs as a worker thread only');
const memory = createHashMemory(inputBytes);
const input = new Uint8Array(memory.buffer).subarray(inputStart, inputStart + inputBytes);
const hasher = loadRowHasher(memory, true);

function take(bytes: Uint8Array): void {
  for (let at = 0; at < bytes.length; at += inputBytes) {
    const part = bytes.subarray(at, at + inputBytes);
    input.set(part);
    hasher.takeCopyData(inputStart, part.length);
  }
}

/** Whole rows, framed as the server frames them. */
function takeRows(rows: Uint8Array): void {
  const header = Buffer.alloc(headerBytes);
  header[0] = copyData;
  header.writeUInt32BE(rows.length + 4, 1);
  take(header);
  take(rows);
}

port.on('message', (request: SumRequest) => {
  const reply = (message: SumReply): void => {
    port.postMessage(message);
  };
  if (request.kind === 'begin') hasher.begin('rows');
  else if (request.kind === 'rows') {
    takeRows(request.rows);
    reply({ kind: 'taken' });
  } else {
    hasher.endRows();
    const { count, sum } = hasher.totals();
    reply({ kind: 'sum', rows: count, sum, fault: hasher.fault() });
  }
});
