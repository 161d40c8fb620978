/**
 * Where Prisma starts a relative `file:` URL: at the folder of the schema file that holds the datasource
 * (https://www.prisma.io/docs/orm/overview/databases/sqlite). Looked for are `package.json: prisma.schema`,
 * `prisma/schema.prisma` and `schema.prisma`; a schema may be a folder of `.prisma` files. Only a datasource for SQLite
 * counts.
 */

import { readdirSync, readFileSync, statSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';

/** The schema file with the SQLite datasource; null when there is none. */
export function findPrismaSchema(baseDir: string): string | null {
  const named = schemaInPackage(baseDir);
  const places = [...(named === null ? [] : [named]), 'prisma/schema.prisma', 'prisma/schema', 'schema.prisma'];
  for (const place of places) {
    const found = schemaFiles(resolve(baseDir, place)).find((file) => hasSqliteDatasource(textOf(file) ?? ''));
    if (found !== undefined) return found;
  }
  return null;
}

/** The folder that Prisma starts at. */
export function prismaFolder(schemaFile: string): string {
  return dirname(schemaFile);
}

export function hasSqliteDatasource(schema: string): boolean {
  const code = schema.replaceAll(/\/\/.*$/gm, '');
  return /\bdatasource\s+\w+\s*\{[^}]*\bprovider\s*=\s*"sqlite"/.test(code);
}

function schemaInPackage(baseDir: string): string | null {
  const text = textOf(join(baseDir, 'package.json'));
  if (text === null) return null;
  try {
    const schema = (JSON.parse(text) as { prisma?: { schema?: unknown } | null } | null)?.prisma?.schema;
    return typeof schema === 'string' ? schema : null;
  } catch {
    // A package.json that is no JSON says nothing about Prisma.
    return null;
  }
}

function schemaFiles(path: string): readonly string[] {
  const stats = statSync(path, { throwIfNoEntry: false });
  if (stats === undefined) return [];
  if (!stats.isDirectory()) return [path];
  return readdirSync(path)
    .filter((name) => name.endsWith('.prisma'))
    .sort()
    .map((name) => join(path, name));
}

function textOf(path: string): string | null {
  try {
    return statSync(path).isFile() ? readFileSync(path, 'utf8') : null;
  } catch {
    // Not there, or not ours to read: then it does not decide.
    return null;
  }
}
