import { describe, expect, it } from 'vitest';
import { wholeScope } from '../../../domain/scope.ts';
import { dumpArguments, globalsArguments, sqlArguments } from './dump-command.ts';

const everything = { scope: wholeScope, owners: true, privileges: true };

describe('the arguments of the tools', () => {
  it('ask pg_dump for one uncompressed archive in the snapshot', () => {
    expect(dumpArguments(everything, '0-1-1', 5000)).toEqual([
      '--format=custom',
      '--compress=0',
      '--snapshot=0-1-1',
      '--no-password',
      '--lock-wait-timeout=5000',
    ]);
  });

  it('keep a pattern that begins with a dash a pattern', () => {
    const scope = {
      ...wholeScope,
      kind: 'tables',
      tables: ['-x'],
      excludedTables: ['b'],
      schemas: ['s'],
      excludedSchemas: ['t'],
    } as const;
    expect(dumpArguments({ ...everything, scope }, '1', 1)).toEqual(
      expect.arrayContaining(['--table=-x', '--exclude-table=b', '--schema=s', '--exclude-schema=t', '--strict-names']),
    );
  });

  it('leave owners and privileges out of archive and SQL', () => {
    const choices = { ...everything, owners: false, privileges: false };
    expect(dumpArguments(choices, '1', 1)).toEqual(expect.arrayContaining(['--no-owner', '--no-privileges']));
    expect(sqlArguments(choices)).toEqual(['--format=custom', '--file=-', '--no-owner', '--no-privileges']);
  });

  it('write a database name that looks like a connection string as one', () => {
    expect(globalsArguments('app', true)).toContain('--database=app');
    expect(globalsArguments("a='b'\\", false)).toEqual(
      expect.arrayContaining(["--database=dbname='a=\\'b\\'\\\\'", '--no-role-passwords']),
    );
  });
});
