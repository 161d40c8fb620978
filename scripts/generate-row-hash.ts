/**
 * Compiles the row hash (AssemblyScript) to WebAssembly and embeds it in a TypeScript file, so that the installed program
 * needs no compiler and no file beside its code. `--check` writes nothing and fails when the file is not up to date.
 */

import { readFile, writeFile } from 'node:fs/promises';
import asc from 'assemblyscript/asc';

const folder = new URL('../src/engine/postgres/fingerprint/row-hash/', import.meta.url);
const sourceUrl = new URL('assembly/row-hash.ts', folder);
const generatedUrl = new URL('row-hash.generated.ts', folder);

async function compile(source: string): Promise<Uint8Array> {
  const written = new Map<string, Uint8Array | string>();
  const stderr: string[] = [];
  const { error } = await asc.main(
    [
      'row-hash.ts',
      ...['--outFile', 'row-hash.wasm'],
      ...['-O3', '--noAssert', '--runtime', 'stub'],
      ...['--enable', 'simd', '--enable', 'threads'],
      ...['--importMemory', '--sharedMemory', '--initialMemory', '2', '--maximumMemory', '1024'],
    ],
    {
      readFile: (name) => (name === 'row-hash.ts' ? source : null),
      writeFile: (name, contents) => {
        written.set(name, contents);
      },
      listFiles: () => [],
      stderr: { write: (text: string | Uint8Array) => stderr.push(String(text)) },
    },
  );
  const binary = written.get('row-hash.wasm');
  if (error !== null || binary === undefined || typeof binary === 'string') {
    throw new Error(`the row hash does not compile:\n${stderr.join('')}`);
  }
  return binary;
}

function embed(binary: Uint8Array): string {
  const lines =
    Buffer.from(binary)
      .toString('base64')
      .match(/.{1,110}/g) ?? [];
  return [
    '/** Generated from assembly/row-hash.ts by scripts/generate-row-hash.ts: do not edit. */',
    'export const rowHashBinary =',
    `${lines.map((line) => `  '${line}'`).join(' +\n')};`,
    '',
  ].join('\n');
}

/** Resolves to false when `check` found the file out of date. */
export async function generateRowHash(check: boolean): Promise<boolean> {
  const text = embed(await compile(await readFile(sourceUrl, 'utf8')));
  if (check) return (await readFile(generatedUrl, 'utf8').catch(() => '')) === text;
  await writeFile(generatedUrl, text);
  return true;
}

if (import.meta.main) {
  const check = process.argv.includes('--check');
  if (!(await generateRowHash(check))) {
    process.stderr.write(
      'row-hash.generated.ts is not what assembly/row-hash.ts gives: run scripts/generate-row-hash.ts\n',
    );
    process.exitCode = 1;
  }
}
