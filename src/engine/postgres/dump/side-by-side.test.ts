import { describe, expect, it } from 'vitest';
import { sideBySide } from './side-by-side.ts';

describe('two pieces of work side by side', () => {
  it('give both results', async () => {
    expect(await sideBySide(Promise.resolve(1), Promise.resolve('a'), () => undefined)).toEqual([1, 'a']);
  });

  it('end with the first error, after the other was stopped and has ended', async () => {
    const other = Promise.withResolvers<never>();
    const log: string[] = [];
    const stop = (reason: unknown): void => {
      log.push(`stopped for ${String(reason)}`);
      setTimeout(() => {
        log.push('other ended');
        other.reject(new Error('echo'));
      }, 5);
    };
    await expect(sideBySide(other.promise, Promise.reject(new Error('root')), stop)).rejects.toThrow('root');
    expect(log).toEqual(['stopped for Error: root', 'other ended']);
  });
});
