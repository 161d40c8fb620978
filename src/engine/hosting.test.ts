import { describe, expect, it } from 'vitest';
import { poolerAt, unreachableHint } from './hosting.ts';

describe('poolerAt', () => {
  it('knows the poolers of Neon and Supabase, and where to go instead', () => {
    expect(poolerAt('ep-cool-name-123-pooler.eu-central-1.aws.neon.tech', 5432)?.hint).toContain(
      'ep-cool-name-123.eu-central-1.aws.neon.tech',
    );
    expect(poolerAt('aws-0-eu-central-1.pooler.supabase.com', 6543)?.hint).toContain('port 5432');
  });

  it('suspects no other host', () => {
    expect(poolerAt('aws-0-eu-central-1.pooler.supabase.com', 5432)).toBeNull();
    expect(poolerAt('swimming-poolers.example.com', 6543)).toBeNull();
  });
});

describe('unreachableHint', () => {
  it('knows hosts that lead nowhere from outside', () => {
    expect(unreachableHint('postgres.railway.internal')).toContain('DATABASE_PUBLIC_URL');
    expect(unreachableHint('db.abcdefghijklmnop.supabase.co')).toContain('session pooler');
    expect(unreachableHint('db.example.com')).toBeNull();
  });
});
