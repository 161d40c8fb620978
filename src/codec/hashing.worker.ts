/**
 * The thread that computes SHA-256 for all hashers of the process. Bytes come in shared memory, so that nothing is
 * copied or collected here; each filled buffer is answered once, when it is free again.
 */

import { createHash, type Hash } from 'node:crypto';
import { parentPort } from 'node:worker_threads';
import type { FromWorker, ToWorker } from './hashing.ts';

const hashes = new Map<number, Hash>();

parentPort?.on('message', (message: ToWorker) => {
  if (message.kind === 'drop') {
    hashes.delete(message.hasher);
    return;
  }
  const hash = hashes.get(message.hasher) ?? createHash('sha256');
  hashes.set(message.hasher, hash);
  if (message.kind === 'bytes') {
    hash.update(new Uint8Array(message.buffer, 0, message.bytes));
    answer({ kind: 'free', hasher: message.hasher, buffer: message.buffer });
  } else {
    hashes.delete(message.hasher);
    answer({ kind: 'digest', hasher: message.hasher, hex: hash.digest('hex') });
  }
});

function answer(message: FromWorker): void {
  parentPort?.postMessage(message);
}
