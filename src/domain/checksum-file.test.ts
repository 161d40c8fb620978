import { describe, expect, test } from 'vitest';
import { parseSums, sumFor } from './checksum-file.ts';

const sum = 'ab'.repeat(32);
const other = 'cd'.repeat(32);

describe('parseSums', () => {
  test.each([
    [`${sum}  /var/backups/app.dump\n`, 'app.dump'],
    [`${sum} *app.dump`, 'app.dump'],
    [`${sum}\tapp.dump\r\n`, 'app.dump'],
    [`${sum.toUpperCase()}\n`, null],
    [`${sum}  -\n`, null],
    [`SHA256 (/old/place/app.dump) = ${sum}\n`, 'app.dump'],
    [`SHA2-256(app.dump)= ${sum}\n`, 'app.dump'],
    [`\\${sum}  C:\\backups\\app.dump`, 'app.dump'],
  ])('reads %j', (text, name) => {
    expect(parseSums(text)).toEqual([{ sha256: sum, name }]);
  });

  test.each(['', 'no sum here', sum.slice(1), `${sum}0`, `md5: ${sum}`])('finds nothing in %j', (text) => {
    expect(parseSums(text)).toEqual([]);
  });
});

describe('sumFor', () => {
  const sums = parseSums(`${sum}  a.dump\n${other}  b.dump\n`);

  test('takes the line with the name of the file, whatever its folder was', () => {
    expect(sumFor(sums, ['b.dump.gz', 'b.dump'])).toBe(other);
    expect(sumFor(sums, ['c.dump'])).toBeNull();
  });

  test('takes a line that stands alone, whatever name it has', () => {
    expect(sumFor(parseSums(`${sum}  renamed-since.dump`), ['app.dump'])).toBe(sum);
    expect(sumFor([], ['app.dump'])).toBeNull();
  });
});
