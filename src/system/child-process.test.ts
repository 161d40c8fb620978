import { spawn } from 'node:child_process';
import { getEventListeners, once } from 'node:events';
import { chmodSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { plainEnvironment, runChild, startChild, type ChildSpec } from './child-process.ts';
import { isProcessAlive } from './process-alive.ts';
import { makeTemporaryDirectory, type TemporaryDirectory } from './temporary-directory.ts';

const never = new AbortController().signal;

function shell(script: string, more: Partial<ChildSpec> = {}): ChildSpec {
  return { command: 'sh', args: ['-c', script], ...more };
}

async function textOf(stdout: AsyncIterable<unknown> | null): Promise<string> {
  const parts: Buffer[] = [];
  for await (const part of stdout ?? []) parts.push(part as Buffer);
  return Buffer.concat(parts).toString();
}

let folder: TemporaryDirectory;
beforeEach(async () => {
  folder = await makeTemporaryDirectory('child');
});
afterEach(() => folder[Symbol.asyncDispose]());

describe('runChild', () => {
  it('gives what the program wrote', async () => {
    expect(await runChild(shell('printf "%s" "$WORD"', { env: { WORD: 'a b' } }), never)).toBe('a b');
  });

  it('throws what the program said when it fails', async () => {
    await expect(runChild(shell('echo out; echo broken >&2; exit 7'), never)).rejects.toMatchObject({
      code: 'tool-failed',
      message: 'sh ended with exit code 7: broken',
    });
    await expect(runChild(shell('kill -9 $$'), never)).rejects.toMatchObject({
      message: 'sh ended with signal SIGKILL',
    });
  });

  it('keeps the end of a long stderr, in whole lines', async () => {
    await using child = await startChild(shell('seq 1 20000 >&2; exit 1', { stdout: 'ignore' }), never);
    const { stderr } = await child.ended;
    const lines = stderr.split('\n');
    expect(Buffer.byteLength(stderr)).toBeLessThanOrEqual(8192);
    expect(lines.at(-1)).toBe('20000');
    expect(lines).toEqual(lines.map((_, index) => String(20_001 - lines.length + index)));
    expect(lines.length).toBeGreaterThan(1000);
  });
});

describe('a program that cannot be started', () => {
  it('is tool-missing, whether it is sought in PATH or named by its path', async () => {
    const plain = join(folder.path, 'plain');
    writeFileSync(plain, '#!/bin/sh\n', { mode: 0o600 });
    for (const command of ['no-such-program', '/no/such/program', './nowhere', plain, folder.path, '']) {
      await expect(startChild({ command, args: [] }, never), command).rejects.toMatchObject({ code: 'tool-missing' });
    }
  });

  it('is sought in the PATH of the child', async () => {
    const tool = join(folder.path, 'my-tool');
    writeFileSync(tool, '#!/bin/sh\necho found\n');
    chmodSync(tool, 0o700);
    const spec = { command: 'my-tool', args: [] };
    await expect(runChild(spec, never)).rejects.toMatchObject({ code: 'tool-missing' });
    expect(await runChild({ ...spec, env: { PATH: `/nowhere:${folder.path}` } }, never)).toBe('found\n');
  });

  it('is tool-missing when only the system finds out', async () => {
    const tool = join(folder.path, 'bad');
    writeFileSync(tool, '#!/no/such/interpreter\n');
    chmodSync(tool, 0o700);
    await expect(runChild({ command: tool, args: [] }, never)).rejects.toMatchObject({ code: 'tool-missing' });
    await expect(runChild({ command: tool, args: [], detached: true }, never)).rejects.toMatchObject({
      code: 'tool-missing',
    });
  });

  it('says that its folder is not there', async () => {
    await expect(startChild(shell('true', { cwd: '/no/such/folder' }), never)).rejects.toMatchObject({
      code: 'tool-missing',
      message: 'cannot start sh: its folder /no/such/folder is not there',
    });
  });
});

describe('the output of a child', () => {
  it.each([0, 10, 30_000, 300_000])('of %i bytes is whole although it is read after the end', async (length) => {
    await using child = await startChild(shell(`head -c ${String(length)} /dev/zero`), never);
    await pause(150);
    expect(await textOf(child.stdout)).toHaveLength(length);
    expect((await child.ended).code).toBe(0);
  });

  it('is dropped when nobody reads it and only success counts', async () => {
    await using child = await startChild(shell('head -c 300000 /dev/zero'), never);
    await child.succeed();
  });

  it('can be flowing, too', async () => {
    await using child = await startChild(shell('head -c 300000 /dev/zero'), never);
    let bytes = 0;
    child.stdout?.on('data', (chunk: Buffer) => {
      bytes += chunk.length;
    });
    await child.succeed();
    expect(bytes).toBe(300_000);
  });

  it('does not break us when the child reads no input', async () => {
    await using child = await startChild(shell('exit 3', { stdin: 'pipe', stdout: 'ignore' }), never);
    child.stdin?.write(Buffer.alloc(1_000_000));
    expect((await child.ended).code).toBe(3);
  });

  it('does not hold up the end when a program left running has the stderr', async () => {
    await using child = await startChild(shell('sleep 8 & exit 0', { stdout: 'ignore' }), never);
    const first = await Promise.race([child.ended.then(({ code }) => code), pause(6000, 'held up')]);
    expect(first).toBe(0);
  });
});

describe('the end of a child', () => {
  it('comes when the signal aborts, with its reason, and leaves no listener', async () => {
    const controller = new AbortController();
    await using child = await startChild({ command: 'sleep', args: ['60'] }, controller.signal);
    const reason = new Error('enough');
    controller.abort(reason);
    await expect(child.succeed()).rejects.toBe(reason);
    expect(isProcessAlive(child.pid)).toBe(false);
    await expect(startChild(shell('true'), controller.signal)).rejects.toBe(reason);
  });

  it('leaves no listener on a signal that lives on', async () => {
    const { signal } = new AbortController();
    for (let count = 0; count < 15; count += 1) await runChild(shell('true'), signal);
    expect(getEventListeners(signal, 'abort')).toHaveLength(0);
  });

  it('comes with disposal', async () => {
    const child = await startChild({ command: 'sleep', args: ['60'] }, never);
    await child[Symbol.asyncDispose]();
    expect(isProcessAlive(child.pid)).toBe(false);
    await child[Symbol.asyncDispose]();
  });

  it('leaves no timer behind that keeps this process waiting', async () => {
    const timers = (): number => process.getActiveResourcesInfo().filter((kind) => kind === 'Timeout').length;
    const before = timers();
    // Several: a timer of somebody else may end meanwhile.
    for (let count = 0; count < 10; count += 1) await runChild(shell('echo done'), never);
    expect(timers()).toBeLessThanOrEqual(before);
  });

  it('is forced on a child that does not want to', async () => {
    const script = 'trap "" TERM; echo ready; while :; do sleep 0.1; done';
    const child = await startChild(shell(script), never);
    if (child.stdout !== null) await once(child.stdout, 'data');
    await child[Symbol.asyncDispose]();
    expect((await child.ended).signal).toBe('SIGKILL');
  }, 15_000);

  it('comes with the end of its parent, even a kill -9, unless it is detached', async () => {
    const url = JSON.stringify(new URL('./child-process.ts', import.meta.url).href);
    const script = `
      const { startChild } = await import(${url});
      const { signal } = new AbortController();
      const spec = { command: 'sleep', args: ['60'], stdout: 'ignore' };
      const bound = await startChild(spec, signal);
      const server = await startChild({ ...spec, detached: true, deathSignal: 'SIGQUIT' }, signal);
      const detached = await startChild({ ...spec, detached: true }, signal);
      console.log(JSON.stringify([bound.pid, server.pid, detached.pid]));
    `;
    const parent = spawn(process.execPath, ['--input-type=module', '-e', script], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const [line] = (await once(parent.stdout, 'data')) as [Buffer];
    const [bound = 0, server = 0, detached = 0] = JSON.parse(String(line)) as number[];
    expect([bound, server, detached].map((pid) => isProcessAlive(pid))).toEqual([true, true, true]);
    parent.kill('SIGKILL');
    await expect.poll(() => isProcessAlive(bound)).toBe(false);
    await expect.poll(() => isProcessAlive(server)).toBe(false);
    expect(isProcessAlive(detached)).toBe(true);
    process.kill(detached, 'SIGKILL');
  });
});

describe('what a child gets', () => {
  it('has secrets in its environment, never in its arguments', async () => {
    const env = plainEnvironment({ PGPASSWORD: 'geheim' });
    await using child = await startChild({ command: 'sleep', args: ['60'], env, stdout: 'ignore' }, never);
    const about = (file: string): string => readFileSync(`/proc/${String(child.pid)}/${file}`, 'utf8');
    await expect.poll(() => about('cmdline')).toMatch(/^[^\0]*sleep\u000060\0$/);
    expect(about('environ')).toContain('PGPASSWORD=geheim');
    expect(about('cmdline')).not.toContain('geheim');
  });

  it('is not redirected by variables of PostgreSQL that we inherited', async () => {
    process.env['PGHOST'] = 'elsewhere';
    try {
      expect(await runChild(shell('echo "[$PGHOST]"'), never)).toBe('[]\n');
      expect(await runChild(shell('echo "[$PGHOST]"', { env: plainEnvironment({ PGHOST: 'here' }) }), never)).toBe(
        '[here]\n',
      );
    } finally {
      delete process.env['PGHOST'];
    }
  });
});
