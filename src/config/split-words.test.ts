import { expect, it } from 'vitest';
import { splitWords } from './split-words.ts';

it('splits as a shell does, and expands nothing', () => {
  expect(splitWords('docker exec -i chain-postgres')).toEqual(['docker', 'exec', '-i', 'chain-postgres']);
  expect(splitWords(String.raw`  ssh -o 'User Known' "a \"b\" $c" it\'s x'y'z  `)).toEqual([
    'ssh',
    '-o',
    'User Known',
    'a "b" $c',
    "it's",
    'xyz',
  ]);
  expect(splitWords('')).toEqual([]);
});

it('refuses a quote that is not closed', () => {
  expect(splitWords("ssh 'host")).toBeNull();
  expect(splitWords('ssh "host')).toBeNull();
  expect(splitWords('ssh host\\')).toBeNull();
});
