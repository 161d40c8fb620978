/**
 * Whether a write-ahead log holds more than SQLite reads of it (https://sqlite.org/fileformat2.html, "The Write-Ahead Log").
 * SQLite takes the first frame whose checksum is wrong for the end, without a word. Behind the end there may be frames of an
 * earlier round, which have other salts, or of a transaction that was rolled back, which have no mark of a commit. A frame of this
 * round that has one was committed.
 */

import { closeSync, openSync, readSync } from 'node:fs';

const logHeaderBytes = 32;
const frameHeaderBytes = 24;
/** The last bit says in which order the checksums take the bytes of a word. */
const magic = 0x377f0682;

/** What is lost, in words; null when nothing is, or there is no log. */
export function findLostFrames(path: string): string | null {
  const file = openLog(path);
  if (file === null) return null;
  try {
    return readLog(file);
  } finally {
    closeSync(file);
  }
}

function openLog(path: string): number | null {
  try {
    return openSync(path, 'r');
  } catch (thrown) {
    if (thrown instanceof Error && 'code' in thrown && thrown.code === 'ENOENT') return null;
    throw thrown;
  }
}

function readLog(file: number): string | null {
  const header = Buffer.alloc(logHeaderBytes);
  // An empty log, or a beginning that was never written.
  if (readSync(file, header, 0, logHeaderBytes, 0) < logHeaderBytes || header.every((byte) => byte === 0)) return null;
  const isBigEndian = (header.readUInt32BE(0) & 1) === 1;
  const sum = new FrameSum(isBigEndian);
  sum.add(header.subarray(0, 24));
  const isSound = (header.readUInt32BE(0) & ~1) >>> 0 === magic && sum.equals(header, 24);
  if (!isSound) return 'its header is damaged: nothing of it is read';
  return readFrames(file, header, sum);
}

function readFrames(file: number, header: Buffer, sum: FrameSum): string | null {
  const pageBytes = header.readUInt32BE(8);
  const frame = Buffer.alloc(frameHeaderBytes + pageBytes);
  let brokenAt: number | null = null;
  let lostCommits = 0;
  for (let number = 1; ; number += 1) {
    const at = logHeaderBytes + (number - 1) * frame.length;
    if (readSync(file, frame, 0, frame.length, at) < frame.length) break;
    // The salts of the log's header are those of every frame of its round.
    const isOfThisRound = frame.compare(header, 16, 24, 8, 16) === 0;
    if (brokenAt === null) {
      sum.add(frame.subarray(0, 8));
      sum.add(frame.subarray(frameHeaderBytes));
      if (!isOfThisRound || !sum.equals(frame, 16)) brokenAt = number;
    }
    // The size of the database behind a commit; 0 in a frame that ends no transaction.
    if (brokenAt !== null && isOfThisRound && frame.readUInt32BE(4) !== 0) lostCommits += 1;
  }
  if (brokenAt === null || lostCommits === 0) return null;
  return `frame ${String(brokenAt)} is damaged, and SQLite reads nothing from there on: ${String(lostCommits)} transactions are lost`;
}

class FrameSum {
  readonly #isBigEndian: boolean;
  #first = 0;
  #second = 0;

  constructor(isBigEndian: boolean) {
    this.#isBigEndian = isBigEndian;
  }

  /** A multiple of eight bytes. */
  add(bytes: Buffer): void {
    for (let at = 0; at + 8 <= bytes.length; at += 8) {
      this.#first = (this.#first + this.#word(bytes, at) + this.#second) >>> 0;
      this.#second = (this.#second + this.#word(bytes, at + 4) + this.#first) >>> 0;
    }
  }

  equals(bytes: Buffer, at: number): boolean {
    return bytes.readUInt32BE(at) === this.#first && bytes.readUInt32BE(at + 4) === this.#second;
  }

  #word(bytes: Buffer, at: number): number {
    return this.#isBigEndian ? bytes.readUInt32BE(at) : bytes.readUInt32LE(at);
  }
}
