/** Folders for Unix sockets, whose paths must be short: 107 bytes on Linux (unix(7)), 103 on macOS (its sys/un.h). */

import { makeTemporaryDirectory, type TemporaryDirectory } from './temporary-directory.ts';

const longestPath = 103;

/** Ours alone (0700), under the system's temporary folder, or `/tmp` where that one's name is too long for `socketName`. */
export async function makeSocketDirectory(purpose: string, socketName: string): Promise<TemporaryDirectory> {
  const directory = await makeTemporaryDirectory(purpose);
  if (Buffer.byteLength(`${directory.path}/${socketName}`) <= longestPath) return directory;
  await directory[Symbol.asyncDispose]();
  return makeTemporaryDirectory(purpose, '/tmp');
}
