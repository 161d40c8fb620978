/**
 * An ErrorResponse of the protocol (PostgreSQL documentation, "Message Formats"): so the driver and PostgreSQL's tools
 * alike tell why a relayed connection did not come about.
 */

/** Class 08: the client could not connect. */
const cannotConnect = '08001';

export function errorResponse(message: string): Buffer {
  const fields = [
    ['S', 'FATAL'],
    ['V', 'FATAL'],
    ['C', cannotConnect],
    ['M', message],
  ];
  const body = Buffer.from(
    `${fields.map(([type, value]) => `${type ?? ''}${(value ?? '').replaceAll('\0', '')}\0`).join('')}\0`,
  );
  const head = Buffer.alloc(5);
  head.write('E', 0);
  head.writeInt32BE(body.length + 4, 1);
  return Buffer.concat([head, body]);
}
