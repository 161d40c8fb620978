import { describe, expect, it } from 'vitest';
import { qualifiedName, quoteIdentifier, quoteLiteral } from './quote.ts';

describe('quoting', () => {
  it('doubles quotes inside names', () => {
    expect(quoteIdentifier('odd "name"')).toBe('"odd ""name"""');
    expect(qualifiedName('my schema', 'Select')).toBe('"my schema"."Select"');
  });

  it('writes backslashes so that they mean the same under every setting', () => {
    expect(quoteLiteral("it's")).toBe("'it''s'");
    expect(quoteLiteral("a\\b'c")).toBe(" E'a\\\\b''c'");
  });
});
