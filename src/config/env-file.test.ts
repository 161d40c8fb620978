import { describe, expect, it } from 'vitest';
import { parseEnvFile } from './env-file.ts';

function read(text: string): Record<string, string> {
  return Object.fromEntries([...parseEnvFile(text)].map(([name, found]) => [name, found.value]));
}

describe('parseEnvFile', () => {
  const awkward = `a@b:/?#%'" $HOME\`end`;

  it('reads a password full of separators from single quotes, as a shell writes them', () => {
    const quoted = `'${awkward.replaceAll("'", `'\\''`)}'`;
    expect(read(`DB_PASSWORD=${quoted}\nNEXT=1\n`)).toEqual({ DB_PASSWORD: awkward, NEXT: '1' });
  });

  it('reads the same password from double quotes with backslashes', () => {
    const quoted = `"${awkward.replaceAll(/["$`]/g, '\\$&')}"`;
    expect(read(`export DB_PASSWORD=${quoted} # the old one\n`)).toEqual({ DB_PASSWORD: awkward });
  });

  it('takes an unquoted value to the end of its line, quotes, dollars and # included', () => {
    expect(read(`DB_PASSWORD=p@:/?#%'" $w\n`)).toEqual({ DB_PASSWORD: `p@:/?#%'" $w` });
  });

  it('ends an unquoted value at a # that follows a blank', () => {
    expect(read('A=one # two\nB= # nothing\n')).toEqual({ A: 'one', B: '' });
  });

  it('takes a value that only begins with a quote as it stands', () => {
    expect(read(`A='it's\nB="half\nC='`)).toEqual({ A: `'it's`, B: '"half', C: "'" });
  });

  it('reads backticks and newlines as dotenv does', () => {
    expect(read('A=`x\'y"z`\nB="one\\ntwo"\nC=\'first\nsecond\'\nD=1')).toEqual({
      A: 'x\'y"z',
      B: 'one\ntwo',
      C: 'first\nsecond',
      D: '1',
    });
  });

  it('runs and expands nothing', () => {
    expect(read('A=$(rm -rf /)\nB="$HOME ${HOME}"\nC=`date`')).toEqual({
      A: '$(rm -rf /)',
      B: '$HOME ${HOME}',
      C: 'date',
    });
  });

  it('understands Windows line ends, a byte order mark, comments and blanks around the equals sign', () => {
    expect(read('\u{FEFF}A = 1\r\n# B=2\r\n  C="3"\r\n')).toEqual({ A: '1', C: '3' });
  });

  it('marks values that dotenv would read differently', () => {
    const found = parseEnvFile("A=ab#cd\nB='ab#cd'\n");
    expect(found.get('A')?.unclear).toBe(true);
    expect(found.get('B')?.unclear).toBe(false);
  });

  it('lets the later of two lines win and knows its number', () => {
    expect(parseEnvFile('A=1\nB="x\ny"\nA=2').get('A')).toMatchObject({ value: '2', line: 4 });
  });
});
