import { describe, expect, it } from 'vitest';
import { commandThere, describePrefix } from './via.ts';

const words = ['sh', '-c', `echo "$1" it's`, 'sh', '/usr/lib/x', ''];

describe('commandThere', () => {
  it.each([
    ['docker', ['docker', 'exec', '-i', 'chain-postgres']],
    ['docker compose', ['docker', 'compose', 'exec', '-T', 'db']],
    ['kubectl', ['kubectl', 'exec', '-i', 'pod-0', '-n', 'prod', '--']],
    ['a container named ssh', ['docker', 'exec', '-i', 'ssh']],
  ])('hands %s every word as it is', (_what, prefix) => {
    const [command, ...before] = prefix;
    expect(commandThere(prefix, words)).toEqual({ command, args: [...before, ...words] });
  });

  it.each([
    [['ssh', 'db.example.com']],
    [['/usr/bin/ssh', '-p', '2222', 'db.example.com']],
    [['sudo', '-u', 'backup', 'ssh', 'db.example.com']],
    [['ssh', 'db.example.com', 'docker', 'exec', '-i', 'chain-postgres']],
  ])('quotes for the shell behind %j', (prefix) => {
    const [command, ...before] = prefix;
    expect(commandThere(prefix, words)).toEqual({
      command,
      args: [...before, `sh -c 'echo "$1" it'\\''s' sh /usr/lib/x ''`],
    });
  });
});

describe('describePrefix', () => {
  it('says where, not how', () => {
    expect(describePrefix(['/usr/bin/docker', 'exec', '-i', 'chain-postgres'])).toBe('docker exec chain-postgres');
    expect(describePrefix(['docker', 'compose', 'exec', '-T', 'db'])).toBe('docker compose exec db');
    expect(describePrefix(['kubectl', 'exec', '-i', 'pod-0', '-n', 'prod', '--'])).toBe('kubectl exec pod-0 -n prod');
  });
});
