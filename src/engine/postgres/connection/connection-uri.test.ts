import { describe, expect, it } from 'vitest';
import { isPostgresAddress, parseConnectionString } from './connection-uri.ts';

function parse(text: string): Record<string, string> {
  return Object.fromEntries(parseConnectionString(text));
}

describe('a connection URL', () => {
  it.each([
    ['postgres://u:p@h:5433/db', { user: 'u', password: 'p', host: 'h', port: '5433', dbname: 'db' }],
    ['postgresql://h/db', { host: 'h', dbname: 'db' }],
    ['postgres://u@h', { user: 'u', host: 'h' }],
    ['postgres:///db?host=/tmp/pg&port=5466', { dbname: 'db', host: '/tmp/pg', port: '5466' }],
    [
      'postgres://u@%2Fvar%2Frun%2Fpostgresql:5433/db',
      { user: 'u', host: '/var/run/postgresql', port: '5433', dbname: 'db' },
    ],
    ['postgres://[::1]:5433/db', { host: '::1', port: '5433', dbname: 'db' }],
    ['postgres://a:1,b:2/db', { host: 'a,b', port: '1,2', dbname: 'db' }],
    ['postgres://u:p%40%2F%25@h/my%20db', { user: 'u', password: 'p@/%', host: 'h', dbname: 'my db' }],
    ['postgres://h/db?ssl=true', { host: 'h', dbname: 'db', ssl: 'true', sslmode: 'require' }],
    ['postgres://h/we@ird', { host: 'h', dbname: 'we@ird' }],
    [
      'postgres://u:p@h/db?user=other@corp&options=-c%20a%3Db',
      { user: 'other@corp', password: 'p', host: 'h', dbname: 'db', options: '-c a=b' },
    ],
  ])('reads %s', (text, expected) => {
    expect(parse(text)).toEqual(expected);
  });

  it.each([
    'p@ss',
    'p@ss/w?rd#x',
    'a:b',
    '#start',
    '?start',
    '/start',
    '100%',
    'x=1&y=2',
    'q\'u"o te',
    '$HOME',
    '@:/?#%\'" $',
  ])('understands the password %s as it is', (password) => {
    expect(parse(`postgres://user:${password}@db.example.com:5432/app?sslmode=require`)).toEqual({
      user: 'user',
      password,
      host: 'db.example.com',
      port: '5432',
      dbname: 'app',
      sslmode: 'require',
    });
  });

  it('understands every password once it is encoded', () => {
    const password = '@:/?#%\'" $&=+é\\';
    expect(parse(`postgres://u:${encodeURIComponent(password)}@h/db`)).toMatchObject({
      password,
      host: 'h',
      dbname: 'db',
    });
  });

  it('refuses what has no host in the end, without showing it', () => {
    expect(() => parse('postgres://user:secret#word')).toThrow(/cannot be understood/);
    expect(() => parse('postgres://user:secret#word')).not.toThrow(/secret/);
  });
});

describe('a connection string of keywords', () => {
  it('reads quoted values and escapes', () => {
    expect(parse(" host = db  dbname='my db' password=it\\'s\\ \\\\ user='o''k'".replace("'o''k'", "'o\\'k'"))).toEqual(
      {
        host: 'db',
        dbname: 'my db',
        password: "it's \\",
        user: "o'k",
      },
    );
  });

  it('refuses something else', () => {
    expect(() => parse('host=db what is this')).toThrow(/neither a URL nor/);
  });

  it('is told from the address of another engine', () => {
    expect(isPostgresAddress('host=db dbname=app')).toBe(true);
    expect(isPostgresAddress('POSTGRES://h/db')).toBe(true);
    expect(isPostgresAddress('file:./dev.db')).toBe(false);
    expect(isPostgresAddress('dev.db?mode=ro')).toBe(false);
  });
});
