import { describe, expect, test } from 'vitest';
import { collected, inChunks } from '../../../../test/harness/stream-bytes.ts';
import { cutScript, type ScriptPart } from './script-parts.ts';

async function cut(script: string, chunkBytes = 7): Promise<readonly ScriptPart[]> {
  const parts: ScriptPart[] = [];
  for await (const part of cutScript(inChunks(Buffer.from(script), chunkBytes))) {
    parts.push('bytes' in part ? { ...part, bytes: Buffer.from(part.bytes) } : part);
  }
  return parts;
}

/** The statements without what stands before them. */
async function statements(script: string, chunkBytes?: number): Promise<readonly string[]> {
  const parts = await cut(script, chunkBytes);
  return parts.flatMap((part) => (part.kind === 'statement' ? [part.bytes.toString().trim()] : []));
}

function joined(parts: readonly ScriptPart[]): string {
  return parts
    .map((part) =>
      part.kind === 'command' ? `${part.before.toString()}${part.text}\n` : Buffer.from(part.bytes).toString(),
    )
    .join('');
}

const script = `--
-- PostgreSQL database dump
--

\\restrict abc

SET client_encoding = 'UTF8';
/* a comment; with /* another; */ \\! inside */
CREATE FUNCTION f() RETURNS void LANGUAGE sql AS $_$ select 'x;'; \\! $_$;
CREATE FUNCTION g() RETURNS int LANGUAGE sql BEGIN ATOMIC SELECT CASE WHEN 1 = 1 THEN 1 END; SELECT 2; END;
CREATE RULE r AS ON INSERT TO t DO ALSO (SELECT 1; SELECT 2);
INSERT INTO t VALUES ('it''s; \\', E'a\\';\\\\', "odd;name", $q1$);$q1$);

COPY public.t (a, b) FROM stdin;
1\t\\N
\\.x;
$$ ' "
\\.


SELECT pg_catalog.setval('s', 1, true);
--
-- PostgreSQL database dump complete
--

\\unrestrict abc

`;

describe('cutScript', () => {
  test.each([1, 2, 3, 16, 4096])('gives every byte again, in chunks of %d', async (chunkBytes) => {
    expect(joined(await cut(script, chunkBytes))).toBe(script);
  });

  test('ends statements where psql does', async () => {
    expect((await statements(script)).map((text) => text.split('\n').at(-1))).toEqual([
      "SET client_encoding = 'UTF8';",
      "CREATE FUNCTION f() RETURNS void LANGUAGE sql AS $_$ select 'x;'; \\! $_$;",
      'CREATE FUNCTION g() RETURNS int LANGUAGE sql BEGIN ATOMIC SELECT CASE WHEN 1 = 1 THEN 1 END; SELECT 2; END;',
      'CREATE RULE r AS ON INSERT TO t DO ALSO (SELECT 1; SELECT 2);',
      `INSERT INTO t VALUES ('it''s; \\', E'a\\';\\\\', "odd;name", $q1$);$q1$);`,
      'COPY public.t (a, b) FROM stdin;',
      "SELECT pg_catalog.setval('s', 1, true);",
    ]);
  });

  test('counts rows, and finds commands with their lines', async () => {
    const parts = await cut(script);
    expect(parts.reduce((sum, part) => sum + (part.kind === 'rows' ? part.rows : 0), 0)).toBe(3);
    expect(
      parts.flatMap((part) => (part.kind === 'command' ? [[part.line, part.text, part.isInsideStatement]] : [])),
    ).toEqual([
      [5, '\\restrict abc', false],
      [26, '\\unrestrict abc', false],
    ]);
    const lines = parts.flatMap((part) => (part.kind === 'statement' ? [part.line] : []));
    expect(lines).toEqual([7, 9, 10, 11, 12, 14, 21]);
  });

  test.each([
    ['SELECT 1 \\! touch /tmp/x', 1, true],
    ['SELECT 1;\n\\copy t from program x\n', 2, false],
    ["SELECT 'a' \\g |sh\n;", 1, true],
    ['SELECT $$a$$;\\! x', 1, false],
    ["SELECT E'\\'' \\! x", 1, true],
    ["SELECT E'a'\n'\\'\\! no' \\! yes", 2, true],
    ['-- comment\n\\i /etc/passwd', 2, false],
    ['/* /*/ */ */ \\! x', 1, false],
    ['SELECT "a""\\!b" \\! x', 1, true],
    ['SELECT a$b$c \\! x', 1, true],
  ])('sees the command in %j', async (text, line, isInsideStatement) => {
    const commands = (await cut(text, 5)).filter(({ kind }) => kind === 'command');
    expect(commands).toMatchObject([{ line, isInsideStatement }]);
  });

  test.each([
    ['COPY t FROM stdin;\n1\n', 'among the rows'],
    ['COPY t FROM stdin;', 'among the rows'],
    ['CREATE TABLE t (', 'in the middle'],
    ['CREATE TABLE t (a int)', 'in the middle'],
    ["INSERT INTO t VALUES ('abc", 'in the middle'],
    ['DO $x$ begin', 'in the middle'],
    ['/* never ends', 'in the middle'],
  ])('says where %j is cut off', async (text, where) => {
    await expect(collected(cutScript(inChunks(Buffer.from(text), 3)))).rejects.toMatchObject({
      code: 'damaged-script',
      exit: 15,
      message: expect.stringContaining(where) as string,
    });
  });

  test('refuses what goes on behind COPY on the same line', async () => {
    await expect(cut('COPY t FROM stdin; SELECT 1;\n1\n\\.\n')).rejects.toMatchObject({ code: 'unsafe-script' });
  });

  test('takes COPY with FROM STDIN only as a source, for nothing else', async () => {
    expect(await statements("COPY (SELECT 1 FROM stdin) TO '/tmp/x';\nSELECT 2;\n")).toHaveLength(2);
    expect(await statements('COPY "FROM stdin" TO stdout;\nSELECT 2;\n')).toHaveLength(2);
  });

  test('hands a very long statement on in pieces', async () => {
    const long = `INSERT INTO t VALUES ('${'x;\n'.repeat(300_000)}');\nSELECT 1;\n`;
    const parts = await cut(long, 65_536);
    expect(parts.map(({ kind }) => kind)).toEqual(expect.arrayContaining(['statement', 'more', 'end']));
    expect(parts.filter(({ kind }) => kind === 'statement')).toHaveLength(2);
    expect(parts.find((part) => part.kind === 'statement' && part.isWhole)).toMatchObject({ line: 300_002 });
    expect(joined(parts)).toBe(long);
  });
});
