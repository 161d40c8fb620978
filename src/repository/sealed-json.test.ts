import { execFileSync } from 'node:child_process';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { sealJson, unsealJson } from './sealed-json.ts';

describe('JSON that carries its hash', () => {
  it('gives back any object that was sealed', () => {
    fc.assert(
      fc.property(
        fc.dictionary(
          fc.string().filter((key) => key !== 'sha256' && key !== '__proto__'),
          fc.jsonValue(),
          { minKeys: 1 },
        ),
        (value) => {
          const unsealed = unsealJson(sealJson(value));
          expect(unsealed).toEqual({ ok: true, value: JSON.parse(JSON.stringify(value)) as unknown });
        },
      ),
    );
  });

  it('notices every flipped bit, every cut and every appended byte', () => {
    const sealed = sealJson({ format: 1, name: 'ä', list: [1, 2] });
    for (let at = 0; at < sealed.length; at += 1) {
      for (let bit = 0; bit < 8; bit += 1) {
        const flipped = Buffer.from(sealed);
        flipped[at] = (flipped[at] ?? 0) ^ (1 << bit);
        expect(unsealJson(flipped).ok, `byte ${at} bit ${bit}`).toBe(false);
      }
      expect(unsealJson(sealed.subarray(0, at)).ok, `cut at ${at}`).toBe(false);
    }
    expect(unsealJson(Buffer.concat([sealed, Buffer.from('\n')])).ok).toBe(false);
    expect(unsealJson(Buffer.concat([sealed, sealed])).ok).toBe(false);
    expect(unsealJson(sealed).ok).toBe(true);
  });

  it('can be checked with head and sha256sum', () => {
    const sealed = sealJson({ format: 1, text: 'x\ny' });
    const printed = execFileSync('sh', ['-c', 'head -n -2 | sha256sum'], { input: sealed, encoding: 'utf8' });
    expect(sealed.toString()).toContain(`  "sha256": "${printed.slice(0, 64)}"\n}\n`);
  });
});
