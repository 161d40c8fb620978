import { describe, expect, it } from 'vitest';
import { parsePrismaSchema } from './prisma-schema.ts';

describe('parsePrismaSchema', () => {
  it('finds the variable that the application connects with', () => {
    const text = `generator client {\n  provider = "prisma-client-js"\n}\ndatasource db {\n  provider = "postgresql"\n  url      = env("DATABASE_URL")\n}\n`;
    expect(parsePrismaSchema(text)).toEqual({ provider: 'postgresql', variable: 'DATABASE_URL', url: null });
  });

  it('prefers the direct address to one through a pooler', () => {
    const text = `datasource db {\n  provider = "postgresql"\n  url = env("POOLED")\n  directUrl = env("DIRECT")\n}`;
    expect(parsePrismaSchema(text)?.variable).toBe('DIRECT');
  });

  it('finds an address that is written out', () => {
    const text = `datasource db {\n  provider = "sqlite"\n  url = "file:./dev.db"\n}`;
    expect(parsePrismaSchema(text)).toEqual({ provider: 'sqlite', variable: null, url: 'file:./dev.db' });
  });

  it.each(['', 'datasource db {', 'datasource db {\n provider = "mysql"\n url = env("X")\n}'])(
    'finds nothing in %j',
    (text) => {
      expect(parsePrismaSchema(text)).toBeNull();
    },
  );
});
