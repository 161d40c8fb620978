import { describe, expect, it } from 'vitest';
import { HoldfastError } from '../domain/error.ts';
import { requireDatabase, selectByWords, type KnownNames } from './selection.ts';

function names(configured: readonly string[], stored: readonly string[], ids: readonly string[] = []): KnownNames {
  return { configured, stored, hasBackup: async (prefix) => ids.some((id) => id.startsWith(prefix)) };
}

async function refusal(words: readonly string[], known: KnownNames): Promise<string> {
  try {
    requireDatabase(await selectByWords(words, known), known);
  } catch (thrown) {
    if (thrown instanceof HoldfastError)
      return `${thrown.code} ${String(thrown.exit)}: ${thrown.message} (${thrown.hint})`;
    throw thrown;
  }
  return 'accepted';
}

describe('selectByWords', () => {
  it('lets the name of the only database be left out', async () => {
    expect(await selectByWords(['latest'], names(['app'], ['app', 'old']))).toEqual({
      database: 'app',
      backup: 'latest',
    });
    expect(await selectByWords(['20261121T0200'], names([], ['app']))).toEqual({
      database: 'app',
      backup: '20261121T0200',
    });
    expect(await selectByWords([], names(['app'], []))).toEqual({ database: 'app', backup: null });
  });

  it('takes a database, a backup, or both', async () => {
    const known = names(['app', 'shop'], []);
    expect(await selectByWords(['shop'], known)).toEqual({ database: 'shop', backup: null });
    expect(await selectByWords(['shop', 'latest'], known)).toEqual({ database: 'shop', backup: 'latest' });
    expect(await selectByWords(['@2026-11-20T14:30'], known)).toEqual({ database: null, backup: '@2026-11-20T14:30' });
  });

  it('refuses a word that fits a database and a backup', async () => {
    expect(await refusal(['latest'], names(['latest'], []))).toMatch(
      /^ambiguous-word 2: "latest" is the name of a database and/,
    );
    expect(await refusal(['2026'], names(['2026'], [], ['20261121T020000Z-dump-k3f9']))).toMatch(/^ambiguous-word 2/);
    expect(await selectByWords(['2026'], names(['2026'], []))).toEqual({ database: '2026', backup: null });
    expect(await selectByWords(['latest', 'latest'], names(['latest'], []))).toEqual({
      database: 'latest',
      backup: 'latest',
    });
  });

  it('refuses to choose among several databases', async () => {
    expect(await refusal(['latest'], names(['app', 'shop'], []))).toMatch(
      /^ambiguous-word 2: which database is meant: app, shop\?/,
    );
  });

  it('names what was probably meant', async () => {
    expect(await refusal(['ap'], names(['app'], ['old']))).toBe(
      'unknown-database 2: no database is called "ap" (Did you mean app? Known: app, old.)',
    );
    expect(await refusal(['x', 'latest'], names([], []))).toMatch(/the repository has none/);
    expect(await refusal(['postgres://me:secret@h/app'], names(['app'], []))).not.toContain('secret');
    expect(await refusal(['app', 'latest', 'more'], names(['app'], []))).toMatch(
      /^usage 2: "more" is one word too many/,
    );
  });
});
