import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { judgeStatement } from './allowed-statement.ts';
import { readScript } from './read-script.ts';

interface Seen {
  readonly statements: string[];
  readonly words: (readonly string[])[];
  rows: string;
  copies: number;
}

/** Cuts the script into pieces of these sizes, again and again. */
async function* pieces(script: string, sizes: readonly number[]): AsyncGenerator<Uint8Array> {
  await Promise.resolve();
  const bytes = Buffer.from(script);
  for (let at = 0, turn = 0; at < bytes.length; turn += 1) {
    const size = sizes[turn % sizes.length] ?? 1;
    yield bytes.subarray(at, at + size);
    at += size;
  }
}

async function read(script: string, sizes: readonly number[] = [1 << 20]): Promise<Seen> {
  const seen: Seen = { statements: [], words: [], rows: '', copies: 0 };
  await readScript(pieces(script, sizes), {
    statement: (sql, words) => {
      seen.statements.push(sql.toString('utf8'));
      seen.words.push(words);
      return Promise.resolve(words[0] === 'copy' ? 'rows-follow' : 'done');
    },
    rows: (bytes) => {
      seen.rows += Buffer.from(bytes).toString('utf8');
      return Promise.resolve();
    },
    endRows: () => {
      seen.copies += 1;
      return Promise.resolve();
    },
  });
  return seen;
}

const script = `--
-- PostgreSQL database dump; with a semicolon
--

\\restrict abc

SET standard_conforming_strings = on;
CREATE TABLE "odd;""na--me" (a text DEFAULT 'it''s; -- no' /* nested /* ; */ ; */, b text DEFAULT E'\\';\\\\');
CREATE FUNCTION f() RETURNS int LANGUAGE sql AS $_$ SELECT ';$$' || $1; $_$;
CREATE OR REPLACE FUNCTION g(a integer) RETURNS int LANGUAGE sql BEGIN ATOMIC SELECT CASE WHEN a > 1 THEN 1 ELSE 2 END; SELECT 1; END;
CREATE RULE r AS ON UPDATE TO t DO (INSERT INTO l VALUES (1); DELETE FROM m);
COPY public.t (a, b) FROM stdin;
1\tx;y
\\.x\t\\\\.
\\N\t'
\\.

SELECT pg_catalog.setval('s', 1);
COPY public.empty FROM stdin;
\\.
SELECT a$1$b, 2 /*/ ; */ - -1 FROM x;
\\unrestrict abc
`;

const statements = [
  'SET standard_conforming_strings = on',
  `CREATE TABLE "odd;""na--me" (a text DEFAULT 'it''s; -- no' /* nested /* ; */ ; */, b text DEFAULT E'\\';\\\\')`,
  `CREATE FUNCTION f() RETURNS int LANGUAGE sql AS $_$ SELECT ';$$' || $1; $_$`,
  'CREATE OR REPLACE FUNCTION g(a integer) RETURNS int LANGUAGE sql BEGIN ATOMIC SELECT CASE WHEN a > 1 THEN 1 ELSE 2 END; SELECT 1; END',
  'CREATE RULE r AS ON UPDATE TO t DO (INSERT INTO l VALUES (1); DELETE FROM m)',
  'COPY public.t (a, b) FROM stdin',
  `SELECT pg_catalog.setval('s', 1)`,
  'COPY public.empty FROM stdin',
  'SELECT a$1$b, 2 /*/ ; */ - -1 FROM x',
];

describe('reading a script', () => {
  it('cuts it into statements and rows, however it arrives', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.integer({ min: 1, max: 40 }), { minLength: 1, maxLength: 8 }), async (sizes) => {
        const seen = await read(script, sizes);
        expect(seen.statements).toEqual(statements);
        expect(seen.rows).toBe(`1\tx;y\n\\.x\t\\\\.\n\\N\t'\n`);
        expect(seen.copies).toBe(2);
      }),
      { numRuns: 200 },
    );
  });

  it('reads backslashes as the script says', async () => {
    const off = `SET standard_conforming_strings = off;\nSELECT 'a\\'; b';\nSELECT 2;\n`;
    expect((await read(off)).statements).toEqual([
      'SET standard_conforming_strings = off',
      `SELECT 'a\\'; b'`,
      'SELECT 2',
    ]);
  });

  it('refuses a script that breaks off, and commands of psql', async () => {
    for (const part of [`SELECT 'a`, 'SELECT 1', 'COPY t FROM stdin;\n1\n', 'COPY t FROM stdin;\n1\n\\']) {
      await expect(read(part)).rejects.toMatchObject({ code: 'restore-failed' });
    }
    for (const command of ['\\connect other\n', 'SELECT 1;\n  \\! id\n', '\\restricted x\n']) {
      await expect(read(command)).rejects.toMatchObject({ message: expect.stringContaining('psql') as unknown });
    }
  });
});

describe('a statement of a script', () => {
  const circumstances = {
    serverMajor: 15,
    keptSchemas: new Set(['kept', 'Kept "x"']),
    foreignExtensions: new Set(['uuid-ossp']),
  };
  const verdict = async (sql: string): Promise<string> => {
    const { words, statements: found } = await read(`${sql};\n`.replace(/^COPY.*$/s, (copy) => `${copy}\\.\n`));
    return judgeStatement(words[0] ?? [], found[0] ?? '', circumstances);
  };

  it.each([
    ['BEGIN', 'leave-out'],
    ['COMMIT', 'leave-out'],
    ['commit and chain', 'refuse'],
    ['/* x */ ROLLBACK', 'refuse'],
    ['-- x\nEND', 'refuse'],
    ['START TRANSACTION', 'refuse'],
    ['SAVEPOINT a', 'refuse'],
    [`PREPARE TRANSACTION 'a'`, 'refuse'],
    ['SET SESSION CHARACTERISTICS AS TRANSACTION READ ONLY', 'refuse'],
    ['SET TRANSACTION READ ONLY', 'refuse'],
    ['SET transaction_timeout = 0', 'leave-out'],
    ['SET statement_timeout = 0', 'run'],
    ['CREATE SCHEMA kept', 'leave-out'],
    ['CREATE SCHEMA "Kept ""x"""', 'leave-out'],
    ['CREATE SCHEMA other', 'run'],
    [`COMMENT ON EXTENSION "uuid-ossp" IS 'x'`, 'leave-out'],
    [`COMMENT ON EXTENSION hstore IS 'x'`, 'run'],
    ['COPY t FROM stdin', 'copy'],
    ['"commit"', 'run'],
  ])('%s: %s', async (sql, expected) => {
    expect(await verdict(sql)).toBe(expected);
  });
});
