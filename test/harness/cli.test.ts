import { expect, test } from 'vitest';
import { runHoldfast, startHoldfast } from './cli.ts';
import { makeTestDirectory } from './temporary.ts';

test('the program runs in an environment of its own and its answer comes back whole', async () => {
  await using directory = await makeTestDirectory('cli');
  const answer = await runHoldfast(['--help'], { cwd: directory.path });
  expect(answer).toMatchObject({ code: 0, signal: null, stderr: '' });
  expect(answer.stdout).toContain('Usage: holdfast');
  expect(() => answer.json()).toThrow('JSON');
});

test('a program that says nothing of what was waited for is an error', async () => {
  await using directory = await makeTestDirectory('cli');
  const run = startHoldfast(['--help'], { cwd: directory.path });
  await run.saw(/Usage/);
  await expect(run.saw(/never said/)).rejects.toThrow('ended without /never said/');
});

test('a program that takes too long is killed and reported', async () => {
  await using directory = await makeTestDirectory('cli');
  await expect(runHoldfast(['--help'], { cwd: directory.path, timeoutMs: 1 })).rejects.toThrow(
    'still running after 1 ms',
  );
});
