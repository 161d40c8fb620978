/**
 * Do two sources of settings mean the same database? Users, passwords and options do not matter, spelling neither:
 * `localhost` is `127.0.0.1`, the port of PostgreSQL is 5432.
 */

import { resolve } from 'node:path';
import type { TargetSpec } from '../engine/engine.ts';
import { isSameVia } from './via-prefix.ts';

export function isSameTarget(one: TargetSpec, other: TargetSpec): boolean {
  if (!isSameVia(one.via, other.via)) return false;
  return one.url === other.url || placeOf(one) === placeOf(other);
}

function placeOf(target: TargetSpec): string {
  const file = /^(?:file|sqlite):(?:\/\/)?([^?]*)/i.exec(target.url);
  if (file?.[1] !== undefined) return `file ${resolve(target.baseDir, file[1])}`;
  const network = /^postgres(?:ql)?:\/\/(?:.*@)?([^@/?]*)\/?([^?]*)(?:\?(.*))?$/is.exec(target.url);
  if (network === null) return target.url;
  const [, authority = '', path = '', query = ''] = network;
  const parameters = new URLSearchParams(query);
  const [, name = '', port = ''] = /^(\[[^\]]*\]|[^:]*)(?::(\d+))?$/.exec(authority) ?? [];
  // As libpq: the address itself, its parameters, the environment, the default.
  const host = firstOf(decode(name), parameters.get('host'), target.environment['PGHOST'], 'localhost');
  const number = firstOf(port, parameters.get('port'), target.environment['PGPORT'], '5432');
  const database = firstOf(decode(path), parameters.get('dbname'), target.environment['PGDATABASE']);
  return `${plainHost(host)}:${number}/${database}`;
}

function firstOf(...given: readonly (string | null | undefined)[]): string {
  return given.find((value) => value !== null && value !== undefined && value !== '') ?? '';
}

function plainHost(host: string): string {
  const lower = host.toLowerCase().replaceAll(/^\[|\]$/g, '');
  return ['127.0.0.1', '::1'].includes(lower) ? 'localhost' : lower;
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
