import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { redirectCopies } from './redirect-copies.ts';

const head = (name: string): string => `--\n-- Data for Name: ${name}; Type: TABLE DATA; Schema: s; Owner: o\n--\n\n`;
const script = [
  'SET x = 1;\n\nCOPY s.a (x) FROM stdin;\n-- not a table\n',
  `${head('a')}COPY s.a (x, "ödd ""name") FROM stdin;\n1\tCOPY s.a FROM stdin;\n-- Data for Name: \\\\.\n\\.\n\n\n`,
  `${head('empty')}COPY s.empty (x) FROM stdin;\n\\.\n\n`,
  `${head('none')}COPY s.none  FROM stdin;\n\n\n\\.\n`,
  '-- end\n',
].join('');
const expected = script
  .replace('COPY s.a (x, "ödd ""name") FROM', 'COPY A ("x", "ödd ""name") FROM')
  .replace('COPY s.empty (x)', 'COPY B ("x")')
  .replace('COPY s.none  FROM', 'COPY C FROM');

describe('redirecting rows to other tables', () => {
  it('changes the COPY statements and not one row, however the bytes are cut', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.integer({ min: 1, max: 40 }), { minLength: 1, maxLength: 30 }), async (sizes) => {
        expect(await redirected(script, sizes)).toBe(expected);
      }),
    );
  });

  it('refuses rows that no table is meant for', async () => {
    const more = `${script}${head('x')}COPY s.x (y) FROM stdin;\n1\n\\.\n`;
    await expect(redirected(more, [1000])).rejects.toThrow('more COPY statements');
  });
});

async function redirected(text: string, sizes: readonly number[]): Promise<string> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of redirectCopies(cut(Buffer.from(text), sizes), [
    Buffer.from('A'),
    Buffer.from('B'),
    Buffer.from('C'),
  ]))
    chunks.push(chunk);
  return Buffer.concat(chunks).toString('utf8');
}

async function* cut(bytes: Buffer, sizes: readonly number[]): AsyncGenerator<Uint8Array> {
  await Promise.resolve();
  for (let at = 0, turn = 0; at < bytes.length; turn += 1) {
    const size = sizes[turn % sizes.length] ?? 1;
    yield bytes.subarray(at, at + size);
    at += size;
  }
}
