/** A piece of a large object in the data spool: its number, its place in the object, its length, its bytes. */

export interface ObjectPiece {
  readonly oid: number;
  readonly offset: number;
  readonly bytes: Buffer;
}

const headBytes = 16;

export function packObject({ oid, offset, bytes }: ObjectPiece): Buffer {
  const record = Buffer.allocUnsafe(headBytes + bytes.length);
  record.writeUInt32LE(oid, 0);
  record.writeDoubleLE(offset, 4);
  record.writeUInt32LE(bytes.length, 12);
  bytes.copy(record, headBytes);
  return record;
}

export async function* unpackObjects(records: AsyncIterable<Buffer>): AsyncGenerator<ObjectPiece, void> {
  let held = Buffer.alloc(0);
  for await (const chunk of records) {
    held = Buffer.concat([held, chunk]);
    while (held.length >= headBytes && held.length >= headBytes + held.readUInt32LE(12)) {
      const end = headBytes + held.readUInt32LE(12);
      yield { oid: held.readUInt32LE(0), offset: held.readDoubleLE(4), bytes: held.subarray(headBytes, end) };
      held = held.subarray(end);
    }
  }
  if (held.length > 0) throw new Error('the temporary file ends within a large object');
}
