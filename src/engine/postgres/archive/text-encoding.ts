/**
 * Decodes text in one of PostgreSQL's encodings (documentation, "Character Set Support"). Names that no decoder is
 * known for are read byte by byte, so that two equal names stay equal.
 */

const labels: Readonly<Record<string, string>> = {
  UTF8: 'utf-8',
  UNICODE: 'utf-8',
  BIG5: 'big5',
  EUC_CN: 'gbk',
  EUC_JIS_2004: 'euc-jp',
  EUC_JP: 'euc-jp',
  EUC_KR: 'euc-kr',
  GB18030: 'gb18030',
  GBK: 'gbk',
  ISO_8859_5: 'iso-8859-5',
  ISO_8859_6: 'iso-8859-6',
  ISO_8859_7: 'iso-8859-7',
  ISO_8859_8: 'iso-8859-8',
  KOI8R: 'koi8-r',
  KOI8U: 'koi8-u',
  LATIN2: 'iso-8859-2',
  LATIN3: 'iso-8859-3',
  LATIN4: 'iso-8859-4',
  LATIN6: 'iso-8859-10',
  LATIN7: 'iso-8859-13',
  LATIN8: 'iso-8859-14',
  LATIN9: 'iso-8859-15',
  LATIN10: 'iso-8859-16',
  SJIS: 'shift_jis',
  SHIFT_JIS_2004: 'shift_jis',
  UHC: 'euc-kr',
  WIN866: 'ibm866',
  WIN874: 'windows-874',
  WIN1250: 'windows-1250',
  WIN1251: 'windows-1251',
  WIN1252: 'windows-1252',
  WIN1253: 'windows-1253',
  WIN1254: 'windows-1254',
  WIN1255: 'windows-1255',
  WIN1256: 'windows-1256',
  WIN1257: 'windows-1257',
  WIN1258: 'windows-1258',
};

export type DecodeText = (bytes: Uint8Array) => string;

/** SQL_ASCII promises nothing about its bytes: they are UTF-8 if they can be. */
export function decoderOf(encoding: string): DecodeText {
  const label = labels[encoding.toUpperCase()];
  if (label === 'utf-8') return utf8;
  if (encoding.toUpperCase() === 'SQL_ASCII') return utf8OrBytes;
  if (label === undefined) return bytesAsTheyAre;
  const decoder = new TextDecoder(label, { ignoreBOM: true });
  return (bytes) => decoder.decode(bytes);
}

function utf8(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('utf8');
}

function bytesAsTheyAre(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('latin1');
}

function utf8OrBytes(bytes: Uint8Array): string {
  const text = utf8(bytes);
  return text.includes('\uFFFD') ? bytesAsTheyAre(bytes) : text;
}
