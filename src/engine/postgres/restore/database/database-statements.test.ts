import { describe, expect, it } from 'vitest';
import type { ArchiveToc, TocEntry } from '../../archive/toc.ts';
import {
  databaseStatements,
  localeOf,
  renameDatabase,
  rolesInSettings,
  withPlainLocale,
} from './database-statements.ts';

const create = `CREATE DATABASE "My App" WITH TEMPLATE = template0 ENCODING = 'UTF8' LOCALE_PROVIDER = libc LOCALE = 'de_DE.UTF-8';\n\n\n`;

describe('statements for the database itself', () => {
  it('rename it where it stands as a name, and nowhere else', () => {
    const sql = `COMMENT ON DATABASE "My App" IS 'DATABASE "My App"; $$ it''s';`;
    expect(renameDatabase(sql, 'My App', 'x"y')).toBe(`COMMENT ON DATABASE "x""y" IS 'DATABASE "My App"; $$ it''s';`);
    expect(renameDatabase('ALTER ROLE app IN DATABASE app SET role TO app', 'app', 'b')).toBe(
      'ALTER ROLE app IN DATABASE "b" SET role TO app',
    );
    expect(renameDatabase('GRANT CONNECT ON DATABASE app TO app', 'app', 'b')).toBe(
      'GRANT CONNECT ON DATABASE "b" TO app',
    );
  });

  it('put what would lock out the restore at the end', () => {
    const found = databaseStatements(tocOf(), 'copy', { owners: true, privileges: true, serverMajor: 15 });
    expect(found?.properties).toEqual([
      'ALTER DATABASE "copy" OWNER TO "odd ""owner"',
      `COMMENT ON DATABASE "copy" IS 'a;b'`,
      `ALTER DATABASE "copy" SET search_path TO 'connection', 'limit'`,
      `ALTER ROLE "R1" IN DATABASE "copy" SET work_mem TO '1MB'`,
    ]);
    expect(found?.restrictions).toEqual([
      'ALTER DATABASE "copy" CONNECTION LIMIT = 5',
      'ALTER DATABASE "copy" IS_TEMPLATE = true',
    ]);
    expect(found?.privileges).toEqual(['REVOKE ALL ON DATABASE "copy" FROM PUBLIC']);
    expect(found === null ? [] : rolesInSettings(found)).toEqual(['R1']);
  });

  it('leave out owner and privileges on request, and what an old server does not know', () => {
    const found = databaseStatements(tocOf(), 'copy', { owners: false, privileges: false, serverMajor: 14 });
    expect(found?.properties[0]).toContain('COMMENT');
    expect(found?.privileges).toEqual([]);
    expect(found?.create).toBe(
      `CREATE DATABASE "copy" WITH TEMPLATE = template0 ENCODING = 'UTF8' LOCALE = 'de_DE.UTF-8'`,
    );
  });

  it('take another locale where theirs is not installed', () => {
    expect(localeOf(create)).toBe('de_DE.UTF-8');
    expect(
      withPlainLocale(`CREATE DATABASE x WITH TEMPLATE = template0 ENCODING = 'UTF8' LC_COLLATE = 'a' LC_CTYPE = 'b'`),
    ).toBe(`CREATE DATABASE x WITH TEMPLATE = template0 ENCODING = 'UTF8' LOCALE = 'C'`);
  });

  it('are null for an archive that has no database', () => {
    const toc = { ...tocOf(), entries: [] };
    expect(databaseStatements(toc, 'copy', { owners: true, privileges: true, serverMajor: 15 })).toBeNull();
  });
});

function tocOf(): ArchiveToc {
  return {
    archiveVersion: '1.14',
    compressed: false,
    compression: 'none',
    databaseName: 'My App',
    serverVersion: '15.18',
    dumpVersion: '15.18',
    encoding: 'UTF8',
    offsetBytes: 8,
    headerBytes: 0,
    entries: [
      entryOf('DATABASE', 'My App', create),
      entryOf('COMMENT', 'DATABASE "My App"', `COMMENT ON DATABASE "My App" IS 'a;b';\n`),
      entryOf('COMMENT', 'TABLE database', `COMMENT ON TABLE public.database IS 'x';\n`, 'public'),
      entryOf(
        'DATABASE PROPERTIES',
        'My App',
        `ALTER DATABASE "My App" CONNECTION LIMIT = 5;\nALTER DATABASE "My App" IS_TEMPLATE = true;\n` +
          `ALTER DATABASE "My App" SET search_path TO 'connection', 'limit';\n` +
          `ALTER ROLE "R1" IN DATABASE "My App" SET work_mem TO '1MB';\n`,
      ),
      entryOf('ACL', 'DATABASE "My App"', 'REVOKE ALL ON DATABASE "My App" FROM PUBLIC;\n'),
      entryOf('ACL', 'TABLE t', 'GRANT SELECT ON TABLE public.t TO r;\n', 'public'),
    ],
  };
}

function entryOf(desc: string, tag: string, definition: string, namespace = ''): TocEntry {
  return {
    dumpId: 1,
    tableOid: 0,
    oid: 0,
    tag,
    desc,
    section: 'pre-data',
    definition,
    dropStatement: '',
    copyStatement: '',
    copyStatementBytes: '',
    namespace,
    tablespace: null,
    tableAm: null,
    relkind: null,
    owner: 'odd "owner',
    dependencies: [],
    dataState: 'none',
    dataOffset: null,
    offsetFieldPosition: 0,
  };
}
