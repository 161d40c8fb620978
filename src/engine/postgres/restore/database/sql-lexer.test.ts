import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { identifierOf, readTokens, splitStatements } from './sql-lexer.ts';

describe('reading SQL as tokens', () => {
  it('gives back the very text, whatever it is', () => {
    const piece = fc.constantFrom(
      "'",
      '"',
      '$',
      '$$',
      '$a$',
      '--',
      '/*',
      '*/',
      ';',
      '\\',
      "E'",
      ' ',
      '\n',
      'x',
      '1',
      'ü',
    );
    fc.assert(
      fc.property(fc.array(piece), (pieces) => {
        const sql = pieces.join('');
        expect(
          readTokens(sql)
            .map((token) => token.text)
            .join(''),
        ).toBe(sql);
      }),
    );
  });

  it('parts statements only at semicolons that end one', () => {
    const sql = `SELECT 'a;b', E'it\\'s;', "x;""y", $f$ ; $g$ ; $f$ /* ; /* ; */ ; */ -- ;\n, 1; ;\nSELECT 2;`;
    const statements = splitStatements(sql);
    expect(statements).toHaveLength(2);
    expect(statements[1]).toBe('SELECT 2');
  });

  it('keeps a character outside the first plane whole', () => {
    expect(readTokens('"🐘" x').map((token) => token.text)).toEqual(['"🐘"', ' ', 'x']);
    expect(readTokens('a🐘b c').map((token) => token.text)).toEqual(['a🐘b', ' ', 'c']);
  });

  it('reads names as PostgreSQL does', () => {
    const names = readTokens('App "App" "a""b"').filter((token) => token.kind !== 'space');
    expect(names.map(identifierOf)).toEqual(['app', 'App', 'a"b']);
  });

  it('does not take a dollar inside a name for a quote', () => {
    expect(splitStatements('SELECT a$b$c; SELECT 1')).toEqual(['SELECT a$b$c', 'SELECT 1']);
  });
});
