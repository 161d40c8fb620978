/**
 * What is inside a file, through everything around it: gzip in zstd, a dump in a tar. Known by content alone, in bounded
 * memory and depth, by the first bytes only; the rest is looked at when it is read.
 */

import { decompressFrames } from '../../codec/frames.ts';
import { readTar } from '../../codec/tar-reader.ts';
import { beginsAsTar, blockBytes } from '../../codec/tar-header.ts';
import { wrappingOf } from '../../codec/wrapping.ts';
import type { EngineModule } from '../../engine/engine.ts';
import type { RecognisedContent } from '../../engine/foreign.ts';
import type { Engines } from '../parts.ts';
import { foreignErrors } from './errors.ts';
import { sealOf, type Seal } from './seals.ts';

/** Outermost first. */
export type Layer = 'gzip' | 'zstd' | 'tar';

export type Contents =
  | {
      readonly kind: 'known';
      readonly layers: readonly Layer[];
      readonly module: EngineModule;
      readonly content: RecognisedContent;
    }
  /** Another program has to open it. */
  | { readonly kind: 'sealed'; readonly layers: readonly Layer[]; readonly seal: Seal }
  | { readonly kind: 'unknown'; readonly layers: readonly Layer[]; readonly message: string };

/** Nobody packs a dump more often; who wants to fill memory or time does. */
const deepest = 4;

/** `open` gives the stored bytes from their beginning, each time. Throws damage (15) met on the way. */
export async function recogniseContents(
  open: () => AsyncIterable<Uint8Array>,
  engines: Engines,
  signal: AbortSignal,
): Promise<Contents> {
  const layers: Layer[] = [];
  const headBytes = Math.max(blockBytes, engines.headBytes);
  for (;;) {
    const head = await readHead(openLayers(open(), layers, signal), headBytes);
    const known = engines.recognise(head);
    if (known !== null) return { kind: 'known', layers, ...known };
    const layer = layerOf(head);
    if (layer === null) return notKnown(head, layers);
    if (layers.length === deepest) {
      return { kind: 'unknown', layers, message: `packed more than ${deepest} times (${layers.join(', ')})` };
    }
    layers.push(layer);
  }
}

/** The bytes inside these layers. Throws damage, and `several-files` at the end of a tar that holds more than one. */
export function openLayers(
  stored: AsyncIterable<Uint8Array>,
  layers: readonly Layer[],
  signal: AbortSignal,
): AsyncIterable<Uint8Array> {
  return layers.reduce<AsyncIterable<Uint8Array>>(
    (bytes, layer) => (layer === 'tar' ? onlyFile(bytes, signal) : decompressFrames(bytes, layer, { signal })),
    stored,
  );
}

async function* onlyFile(bytes: AsyncIterable<Uint8Array>, signal: AbortSignal): AsyncGenerator<Uint8Array> {
  let first: string | null = null;
  for await (const member of readTar(bytes, signal)) {
    if (member.kind !== 'file') continue;
    if (first !== null) {
      throw foreignErrors.make('several-files', `the tar file holds ${first} and ${member.name}, perhaps more`);
    }
    first = member.name;
    yield* member.bytes;
  }
  if (first === null) throw foreignErrors.make('file-not-known', 'the tar file holds no file');
}

async function readHead(bytes: AsyncIterable<Uint8Array>, count: number): Promise<Buffer> {
  let head = Buffer.alloc(0);
  for await (const chunk of bytes) {
    head = Buffer.concat([head, chunk.subarray(0, count - head.length)]);
    if (head.length >= count) break;
  }
  return head;
}

function layerOf(head: Buffer): Layer | null {
  const wrapping = wrappingOf(head);
  if (wrapping === 'gzip' || wrapping === 'zstd') return wrapping;
  return beginsAsTar(head) ? 'tar' : null;
}

function notKnown(head: Buffer, layers: readonly Layer[]): Contents {
  const seal = sealOf(head);
  if (seal !== null) return { kind: 'sealed', layers, seal };
  const inside = layers.length === 0 ? '' : ` inside ${layers.join(', ')}`;
  const what = head.length === 0 ? `nothing${inside}: 0 bytes` : `no dump and no database${inside}`;
  return { kind: 'unknown', layers, message: what };
}
