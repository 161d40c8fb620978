/** Damages stored files in the ways that disks, copies and people do. */

import { readFile, writeFile } from 'node:fs/promises';

export interface Damage {
  readonly title: string;
  readonly change: (bytes: Buffer) => Buffer;
}

export function cutTo(share: number): Damage {
  return {
    title: `cut to ${String(share * 100)} %`,
    change: (bytes) => bytes.subarray(0, Math.floor(bytes.length * share)),
  };
}

export const lastByteCut: Damage = { title: 'without its last byte', change: (bytes) => bytes.subarray(0, -1) };

/** `place` from 0 (the first byte) to 1 (the last). */
export function flippedAt(place: number): Damage {
  return {
    title: `one bit changed at ${String(Math.round(place * 100))} %`,
    change: (bytes) => {
      const at = Math.round((bytes.length - 1) * place);
      bytes.writeUInt8(bytes.readUInt8(at) ^ 0x10, at);
      return bytes;
    },
  };
}

export const oneByteMore: Damage = {
  title: 'one byte longer',
  change: (bytes) => Buffer.concat([bytes, Buffer.from('\n')]),
};

/** Of a compressed file a whole further copy decompresses without complaint. */
export const twiceItself: Damage = { title: 'followed by itself', change: (bytes) => Buffer.concat([bytes, bytes]) };

export const overwrittenByZeros: Damage = {
  title: 'zeros of the same length',
  change: (bytes) => Buffer.alloc(bytes.length),
};

export async function damage(path: string, { change }: Damage): Promise<void> {
  await writeFile(path, change(await readFile(path)));
}
