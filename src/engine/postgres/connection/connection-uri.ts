/**
 * Reads the two forms of a connection string (PostgreSQL documentation, libpq, 34.1.1): `postgresql://…` and
 * `key=value …`. More forgiving than libpq in one point: a password written into a URL without percent-encoding is
 * understood where only one reading makes sense.
 */

import { postgresErrors } from '../errors.ts';

/** Parameters under libpq's names, decoded; what the string leaves open is absent. */
export type ConnectionParameters = ReadonlyMap<string, string>;

const hostPattern = /^(?:\[[^\]@/?#]+\]|[^@/?#[\]:]*)(?::\d*)?$/;

export function isPostgresAddress(text: string): boolean {
  return (
    /^postgres(?:ql)?:\/\//i.test(text) ||
    /^\s*(?:host|hostaddr|port|dbname|user|password|sslmode|service)\s*=/.test(text)
  );
}

export function parseConnectionString(text: string): ConnectionParameters {
  const scheme = /^postgres(?:ql)?:\/\//i.exec(text);
  return scheme === null ? parseKeywords(text) : parseUri(text.slice(scheme[0].length));
}

/** The same address for another database of its server; user and password come out percent-encoded. */
export function withDatabaseName(text: string, name: string): string {
  const scheme = /^postgres(?:ql)?:\/\//i.exec(text);
  if (scheme === null) {
    // Of a key given twice the last one counts.
    return `${text.trimEnd()} dbname='${name.replaceAll(/['\\]/g, '\\$&')}'`;
  }
  const parts = splitUri(text.slice(scheme[0].length));
  const encoded = (part: string): string => encodeURIComponent(decode(part));
  const password = parts.password === null ? '' : `:${encoded(parts.password)}`;
  const user = parts.user === null ? '' : `${encoded(parts.user)}${password}@`;
  const others = parts.query.split('&').filter((pair) => pair !== '' && !/^dbname(?:=|$)/.test(pair));
  const query = others.length === 0 ? '' : `?${others.join('&')}`;
  return `${scheme[0]}${user}${parts.hosts}/${encodeURIComponent(name)}${query}`;
}

interface UriParts {
  readonly user: string | null;
  readonly password: string | null;
  readonly hosts: string;
  readonly database: string;
  readonly query: string;
}

function splitUri(rest: string): UriParts {
  const parts = splitStrictly(rest) ?? splitAtLastAt(rest);
  if (parts !== null) return parts;
  throw postgresErrors.make('invalid-target', 'the address of the database cannot be understood');
}

function parseUri(rest: string): ConnectionParameters {
  const parts = splitUri(rest);
  const found = new Map<string, string>();
  if (parts.user !== null && parts.user !== '') found.set('user', decode(parts.user));
  if (parts.password !== null) found.set('password', decode(parts.password));
  if (parts.database !== '') found.set('dbname', decode(parts.database));
  addHosts(found, parts.hosts);
  for (const pair of parts.query.split('&').filter((piece) => piece !== '')) {
    const cut = pair.indexOf('=');
    const key = decode(cut < 0 ? pair : pair.slice(0, cut));
    found.set(key, cut < 0 ? '' : decode(pair.slice(cut + 1)));
  }
  // As libpq does for addresses made for JDBC.
  if (found.get('ssl') === 'true' && !found.has('sslmode')) found.set('sslmode', 'require');
  return found;
}

/** The reading of RFC 3986, if the text is well formed under it. */
function splitStrictly(rest: string): UriParts | null {
  const end = rest.search(/[/?#]/);
  const authority = end < 0 ? rest : rest.slice(0, end);
  const parts = splitAuthority(authority, end < 0 ? '' : rest.slice(end));
  if (parts === null) return null;
  const questionable = /[#/]/.test(parts.database) || parts.query.includes('#') || !everyPairHasValue(parts.query);
  // `u:p@ss?word@host/db` also has a well-formed first half: a later `@` with a host behind it decides.
  return questionable || (parts.query.includes('@') && hasUnknownKey(parts.query)) ? null : parts;
}

/** For passwords that hold `@ / ? #` as they are: all up to the last `@` that a host follows is user and password. */
function splitAtLastAt(rest: string): UriParts | null {
  for (let at = rest.lastIndexOf('@'); at > 0; at = rest.lastIndexOf('@', at - 1)) {
    const behind = rest.slice(at + 1);
    const end = behind.search(/[/?]/);
    const hosts = end < 0 ? behind : behind.slice(0, end);
    const parts = splitAuthority(`@${hosts}`, end < 0 ? '' : behind.slice(end));
    if (parts === null || !everyPairHasValue(parts.query)) continue;
    return { ...parts, ...splitUser(rest.slice(0, at)) };
  }
  return null;
}

function splitAuthority(authority: string, rest: string): UriParts | null {
  const at = authority.lastIndexOf('@');
  const hosts = authority.slice(at + 1);
  if (!hosts.split(',').every((host) => hostPattern.test(host))) return null;
  const user = at < 0 ? { user: null, password: null } : splitUser(authority.slice(0, at));
  const mark = rest.indexOf('?');
  const path = mark < 0 ? rest : rest.slice(0, mark);
  return { ...user, hosts, database: path.replace(/^\//, ''), query: mark < 0 ? '' : rest.slice(mark + 1) };
}

function splitUser(text: string): { readonly user: string; readonly password: string | null } {
  const colon = text.indexOf(':');
  return colon < 0 ? { user: text, password: null } : { user: text.slice(0, colon), password: text.slice(colon + 1) };
}

function addHosts(found: Map<string, string>, hosts: string): void {
  if (hosts === '') return;
  const split = hosts.split(',').map((host) => {
    const parts = /^(\[[^\]]+\]|[^:]*)(?::(\d*))?$/.exec(host);
    return { name: decode((parts?.[1] ?? '').replaceAll(/^\[|\]$/g, '')), port: parts?.[2] ?? '' };
  });
  if (split.some((host) => host.name !== '')) found.set('host', split.map((host) => host.name).join(','));
  if (split.some((host) => host.port !== '')) found.set('port', split.map((host) => host.port).join(','));
}

function everyPairHasValue(query: string): boolean {
  return query.split('&').every((pair) => pair === '' || /^[A-Za-z_][\w.%-]*=/.test(pair));
}

const commonKeys = /^(?:user|password|host|dbname|options|application_name|schema|ssl\w*)$/;

function hasUnknownKey(query: string): boolean {
  return query.split('&').some((pair) => {
    const cut = pair.indexOf('=');
    return pair.slice(cut + 1).includes('@') && !commonKeys.test(pair.slice(0, cut));
  });
}

/** Percent-decoding; text with a `%` that starts no escape was not encoded and is taken as it is. */
function decode(text: string): string {
  if (/%(?![0-9A-Fa-f]{2})/.test(text)) return text;
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

/** `host=db dbname='my db' password=it\'s`: conninfo_parse of libpq's fe-connect.c. */
function parseKeywords(text: string): ConnectionParameters {
  const found = new Map<string, string>();
  const pair = /\s*([A-Za-z_]\w*)\s*=\s*(?:'((?:[^'\\]|\\.)*)'|((?:[^\s'\\]|\\.)*))(?=\s|$)/suy;
  const trimmed = text.trimEnd();
  while (pair.lastIndex < trimmed.length) {
    const match = pair.exec(trimmed);
    const key = match?.[1];
    if (match === null || key === undefined) {
      throw postgresErrors.make('invalid-target', 'the address of the database is neither a URL nor key=value pairs');
    }
    found.set(key, (match[2] ?? match[3] ?? '').replaceAll(/\\(.)/gsu, '$1'));
  }
  return found;
}
