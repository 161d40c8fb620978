/** What every failure of the program must look like to the person who meets it. */

import { expect } from 'vitest';
import type { CliResult } from './cli.ts';

export interface ExpectedFailure {
  readonly code: number;
  readonly says: RegExp;
}

/** One `error:` line that says what failed, one hint behind it, no stack of calls, and nothing the program does not know. */
export function expectFailure(result: CliResult, { code, says }: ExpectedFailure): void {
  const said = result.stdout + result.stderr;
  expect(result.code, said).toBe(code);
  expect(result.stderr.match(/^error: .*$/gm), said).toHaveLength(1);
  expect(result.stderr.match(/^hint: \S.*$/gm), said).toHaveLength(1);
  expect(result.stderr, said).toMatch(/^error: .+\nhint: .+\n$/m);
  expect(/^error: (.*)$/m.exec(result.stderr)?.[1]).toMatch(says);
  expect(said).not.toMatch(/\n\s+at |unexpected:|undefined|\[object/);
}
