/** The name in the repository of a database that is known by its address only. */

import { databaseNameFrom } from '../domain/backup-name.ts';

/** `postgres://u@h/My App?x=1` gives `my-app`, `file:./prisma/dev.db` gives `dev`. */
export function databaseNameOf(url: string): string {
  return databaseNameFrom(lastPart(url));
}

function lastPart(url: string): string {
  const keyword = /(?:^|\s)dbname\s*=\s*(?:'((?:[^'\\]|\\.)*)'|(\S+))/s.exec(url);
  if (keyword !== null && !/^[a-z][a-z0-9+.-]*:/i.test(url)) return keyword[1] ?? keyword[2] ?? '';
  const isNetwork = /^[a-z][a-z0-9+.-]*:\/\//i.test(url) && !/^(?:file|sqlite):/i.test(url);
  // A password may hold `/ ? #` as it is: the path begins behind the last `@`.
  const path = (isNetwork ? behindUser(url) : url.replace(/^(?:file|sqlite):/i, '')).replace(/\?.*$/s, '');
  const last = path.slice(path.lastIndexOf('/') + 1);
  return isNetwork ? decode(last) : decode(last).replace(/\.(?:db3?|sqlite3?)$/i, '');
}

function behindUser(url: string): string {
  const rest = url.slice(url.indexOf('://') + 3);
  const behind = rest.slice(rest.lastIndexOf('@') + 1);
  return behind.includes('/') ? behind : `${behind}/`;
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
