/** Files that another program has to open first: which one, and the pipe to type. */

import { wrappingOf } from '../../codec/wrapping.ts';

export interface Seal {
  /** `encrypted with age`, `compressed with xz`. */
  readonly what: string;
  /** The command that writes what is inside to standard output; `FILE` stands for the file. */
  readonly command: string;
}

const age = { what: 'encrypted with age', command: 'age --decrypt --identity KEYFILE FILE' };
const gpg = { what: 'encrypted with gpg', command: 'gpg --decrypt FILE' };
const openssl = {
  what: 'encrypted with openssl',
  command: 'openssl enc -d -aes-256-cbc -pbkdf2 -in FILE',
};

const beginnings: readonly (readonly [text: string, seal: Seal])[] = [
  ['age-encryption.org/v1\n', age],
  ['-----BEGIN AGE ENCRYPTED FILE-----', age],
  ['-----BEGIN PGP MESSAGE-----', gpg],
  ['Salted__', openssl],
];

const decompressors: Readonly<Record<string, string>> = {
  bzip2: 'bzip2 -dc FILE',
  xz: 'xz -dc FILE',
  lz4: 'lz4 -dc FILE',
  zip: 'unzip -p FILE',
};

/** Null for bytes that begin as none of them. */
export function sealOf(head: Buffer): Seal | null {
  const text = head.toString('latin1', 0, 64);
  const found = beginnings.find(([beginning]) => text.startsWith(beginning));
  if (found !== undefined) return found[1];
  const wrapping = wrappingOf(head) ?? '';
  const command = decompressors[wrapping];
  if (command !== undefined) return { what: `compressed with ${wrapping}`, command };
  return beginsAsEncryptedMessage(head) ? gpg : null;
}

/**
 * The first packet of an OpenPGP message that is encrypted (RFC 9580, sections 4.2 and 5): a session key for a public key
 * (tag 1, version 3 or 6) or for a passphrase (tag 3, version 4 or 6), its length in one or two bytes.
 */
function beginsAsEncryptedMessage(head: Buffer): boolean {
  const [first = 0, length = 0] = head;
  const isOld = (first & 0xc0) === 0x80;
  const tag = isOld ? (first >> 2) & 0x0f : first & 0x3f;
  if ((first & 0x80) === 0 || (tag !== 1 && tag !== 3)) return false;
  const lengthBytes = isOld ? 1 << (first & 3) : length < 192 ? 1 : 2;
  const version = head[1 + lengthBytes];
  return version === 6 || version === (tag === 1 ? 3 : 4);
}

/** The seal's command with the file's name, piped into a command of ours: `gpg --decrypt x.gpg | holdfast …`. */
export function pipeFor(seal: Seal, path: string, verb: string): string {
  return `${seal.command.replace('FILE', shellWord(path))} | holdfast ${verb} --file -`;
}

function shellWord(text: string): string {
  return /^[A-Za-z0-9_@%+=:,./-]+$/.test(text) && !text.startsWith('-') ? text : `'${text.replaceAll("'", `'\\''`)}'`;
}
