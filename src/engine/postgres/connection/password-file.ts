/** The password file (PostgreSQL documentation, libpq, 34.16): `host:port:database:user:password`, first match wins. */

import { readFile, stat } from 'node:fs/promises';
import { homedir } from 'node:os';
import { isSocketDirectory, type PgAddress } from './address.ts';

/** Null when there is no file, no matching line, or the file is open to others (libpq ignores it then, too). */
export async function passwordFromFile(address: PgAddress): Promise<string | null> {
  const path = address.options['PGPASSFILE'] ?? process.env['PGPASSFILE'] ?? `${homedir()}/.pgpass`;
  const facts = await stat(path).catch(() => null);
  if (facts === null || !facts.isFile() || (facts.mode & 0o077) !== 0) return null;
  const text = await readFile(path, 'utf8');
  const host = isSocketDirectory(address.host) ? ['localhost', address.host] : [address.host];
  const wanted = [host, [String(address.port)], [address.database], [address.user]];
  for (const line of text.split(/\r?\n/)) {
    const fields = splitLine(line);
    if (fields !== null && wanted.every((names, index) => fits(fields[index], names))) return fields[4] ?? null;
  }
  return null;
}

function fits(field: string | undefined, names: readonly string[]): boolean {
  return field === '*' || (field !== undefined && names.includes(field));
}

/** Colons and backslashes inside a field are escaped with a backslash. */
function splitLine(line: string): readonly string[] | null {
  if (line === '' || line.startsWith('#')) return null;
  const fields: string[] = [];
  let field = '';
  for (let index = 0; index < line.length; index++) {
    const char = line.charAt(index);
    if (char === '\\' && index + 1 < line.length) {
      index++;
      field += line.charAt(index);
    } else if (char === ':' && fields.length < 4) {
      fields.push(field);
      field = '';
    } else {
      field += char;
    }
  }
  return fields.length === 4 ? [...fields, field] : null;
}
