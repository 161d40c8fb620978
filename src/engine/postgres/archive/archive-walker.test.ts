import { describe, expect, test } from 'vitest';
import { codeOf } from '../../../../test/harness/error-code.ts';
import { createHashMemory, inputStart, loadRowHasher } from '../fingerprint/row-hash/row-hasher.ts';
import type { ArchiveScan } from './archive-scan.ts';
import { ArchiveWalker } from './archive-walker.ts';
import { writeArchive } from './write-archive.ts';

const memory = createHashMemory(64 * 1024);
const bytes = new Uint8Array(memory.buffer);
const hasher = loadRowHasher(memory, true);

const archive = writeArchive([
  { dumpId: 1, desc: 'TABLE', definition: 'CREATE TABLE t (a text);', namespace: 'public' },
  {
    dumpId: 2,
    desc: 'TABLE DATA',
    namespace: 'public',
    copyStatement: 'COPY public.t (a) FROM stdin;\n',
    dependencies: [1],
    rows: [Buffer.from('one\n'), Buffer.from('two\n'), Buffer.from('\\.\n\n\n')],
  },
  { dumpId: 3, desc: 'BLOBS', objects: [[77, [Buffer.from('content')]]] },
]);

function walk(input: Uint8Array): ArchiveScan {
  const walker = new ArchiveWalker(bytes, hasher, () => undefined);
  bytes.set(input, inputStart);
  walker.take(inputStart, input.length);
  return walker.finish();
}

describe('the walk over an archive', () => {
  test('finds out every cut, at whatever byte', () => {
    expect(walk(archive).totalBytes).toBe(archive.length);
    for (let length = 0; length < archive.length; length += 1) {
      expect(
        codeOf(() => walk(archive.subarray(0, length))),
        `cut at ${length}`,
      ).toBe('damaged-archive');
    }
  });

  test('finds out every changed byte of the data, and breaks on none of the head', () => {
    const whole = walk(archive);
    for (let at = 0; at < archive.length; at += 1) {
      for (const change of [1, 0x80, 0xff]) {
        const changed = Buffer.from(archive);
        changed[at] = (changed[at] ?? 0) ^ change;
        const code = codeOf(() => {
          const found = walk(changed);
          // The head's texts carry no check of their own: the hash of the stored bytes is what guards them.
          if (at < whole.toc.headerBytes) return;
          expect({ ...found, dataOffsets: null }, `byte ${at}`).not.toEqual({ ...whole, dataOffsets: null });
        });
        expect(['none', 'damaged-archive', 'unsupported-archive']).toContain(code);
      }
    }
  });
});
