/** Writes archives for tests, byte for byte as pg_dump would (pg_backup_archiver.c, WriteHead and WriteToc). */

export interface WrittenEntry {
  readonly dumpId: number;
  readonly desc: string;
  readonly tag?: string;
  readonly namespace?: string;
  readonly definition?: string;
  readonly copyStatement?: string;
  readonly dependencies?: readonly number[];
  /** Chunks of its data block; large objects by number. Absent: no data. */
  readonly rows?: readonly Uint8Array[];
  readonly objects?: readonly (readonly [oid: number, chunks: readonly Uint8Array[]])[];
}

export interface WrittenForm {
  readonly minor?: number;
  readonly compression?: number;
  readonly encoding?: string;
  /** Places of the blocks written into the table of contents, as pg_dump does where it can seek. */
  readonly offsets?: ReadonlyMap<number, number>;
}

export function int(value: number): Buffer {
  const bytes = Buffer.alloc(5);
  bytes.writeUInt8(value < 0 ? 1 : 0);
  bytes.writeInt32LE(Math.abs(value), 1);
  return bytes;
}

function string(text: string | Uint8Array | null): Buffer {
  if (text === null) return int(-1);
  const bytes = Buffer.from(text);
  return Buffer.concat([int(bytes.length), bytes]);
}

export function writeArchive(entries: readonly WrittenEntry[], form: WrittenForm = {}): Buffer {
  const minor = form.minor ?? 16;
  const encoding: WrittenEntry = {
    dumpId: 9000,
    desc: 'ENCODING',
    tag: 'ENCODING',
    definition: `SET client_encoding = '${form.encoding ?? 'UTF8'}';\n`,
  };
  const all = [encoding, ...entries];
  return Buffer.concat([
    Buffer.from('PGDMP'),
    Buffer.from([1, minor, 0, 4, 8, 1]),
    minor >= 15 ? Buffer.from([form.compression ?? 0]) : int(form.compression ?? 0),
    ...[1, 2, 3, 4, 5, 126, 0].map(int),
    string('appdb'),
    string('17.2'),
    string('17.3'),
    int(all.length),
    ...all.map((entry) => writeEntry(entry, minor, form.offsets?.get(entry.dumpId) ?? null)),
    ...all.map(writeData),
  ]);
}

const absent = { tag: 't', namespace: null, definition: '', copyStatement: null, dependencies: [] } as const;

function writeEntry(given: WrittenEntry, minor: number, offset: number | null): Buffer {
  const entry = { ...absent, ...given };
  const hasData = entry.rows !== undefined || entry.objects !== undefined;
  const place = Buffer.alloc(9);
  place.writeUInt8(hasData ? (offset === null ? 1 : 2) : 3);
  place.writeBigInt64LE(BigInt(offset ?? 0), 1);
  return Buffer.concat([
    int(entry.dumpId),
    int(hasData ? 1 : 0),
    string('1259'),
    string('16384'),
    string(entry.tag),
    string(entry.desc),
    int(hasData ? 3 : 2),
    string(entry.definition),
    string(''),
    string(entry.copyStatement),
    string(entry.namespace),
    string(null),
    ...(minor >= 14 ? [string('heap')] : []),
    ...(minor >= 16 ? [int(114)] : []),
    string('owner'),
    string('false'),
    ...entry.dependencies.map((id) => string(String(id))),
    string(null),
    place,
  ]);
}

const chunk = (bytes: Uint8Array): Buffer => Buffer.concat([int(bytes.length), bytes]);

function writeData(entry: WrittenEntry): Buffer {
  if (entry.rows !== undefined) {
    return Buffer.concat([Buffer.from([1]), int(entry.dumpId), ...entry.rows.map(chunk), int(0)]);
  }
  if (entry.objects === undefined) return Buffer.alloc(0);
  const objects = entry.objects.flatMap(([oid, chunks]) => [int(oid | 0), ...chunks.map(chunk), int(0)]);
  return Buffer.concat([Buffer.from([3]), int(entry.dumpId), ...objects, int(0)]);
}
