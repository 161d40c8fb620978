/**
 * What a `.sha256` file says about one file. Scripts write it in every form there is: `sha256sum` with any path in it (also
 * one that has long been moved), the form of `--tag`, only the digits. The path never decides where anything is read.
 */

export interface StatedSum {
  /** 64 lower-case hexadecimal digits. */
  readonly sha256: string;
  /** The last part of the path that stands beside it; null when there is none. */
  readonly name: string | null;
}

const plain = /^\\?([0-9a-fA-F]{64})(?:[ \t]+[ *]?(.*))?$/;
const tagged = /^\\?SHA2?-?256 ?\((.*)\) ?= ?([0-9a-fA-F]{64})$/i;

/** Every sum in the text, in its order. */
export function parseSums(text: string): readonly StatedSum[] {
  return text.split(/\r?\n/).flatMap((raw) => {
    const line = raw.trim();
    const [, digits, path] = plain.exec(line) ?? [];
    if (digits !== undefined) return [{ sha256: digits.toLowerCase(), name: lastPart(path ?? '') }];
    const [, named, sum] = tagged.exec(line) ?? [];
    return sum === undefined ? [] : [{ sha256: sum.toLowerCase(), name: lastPart(named ?? '') }];
  });
}

/** The sum that is meant for a file of one of these names; one that stands alone in its file is meant in any case. */
export function sumFor(sums: readonly StatedSum[], names: readonly string[]): string | null {
  for (const name of names) {
    const own = sums.find((one) => one.name === name);
    if (own !== undefined) return own.sha256;
  }
  const [only, second] = sums;
  return only !== undefined && second === undefined ? only.sha256 : null;
}

function lastPart(path: string): string | null {
  const name = path.trim().split(/[/\\]/).pop() ?? '';
  return name === '' || name === '-' ? null : name;
}
