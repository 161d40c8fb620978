import { spawn, type ChildProcessByStdio } from 'node:child_process';
import { once } from 'node:events';
import type { Readable } from 'node:stream';
import { describe, expect, it } from 'vitest';
import { isProcessAlive, processStartTicks } from './process-alive.ts';
import { onInterrupt } from './signals.ts';
import { chooseUnprivileged, unprivilegedUser } from './unprivileged-user.ts';

describe('isProcessAlive', () => {
  it('knows this process, and one that is another’s', () => {
    expect(isProcessAlive(process.pid)).toBe(true);
    expect(isProcessAlive(1)).toBe(true);
  });

  it('is false for numbers that no process has', () => {
    for (const pid of [4_194_305, 0, -1, 1.5, Number.NaN]) expect(isProcessAlive(pid)).toBe(false);
  });

  it('is false for another process that has the number now', () => {
    const ticks = processStartTicks(process.pid) ?? 0;
    expect(ticks).toBeGreaterThan(0);
    expect(isProcessAlive(process.pid, ticks)).toBe(true);
    expect(isProcessAlive(process.pid, ticks + 1)).toBe(false);
  });

  it('is false for a process that has ended and was not collected', async () => {
    // The shell becomes a program that never collects its child.
    const parent = spawn('sh', ['-c', 'sleep 0 & echo $!; exec sleep 5'], { stdio: ['ignore', 'pipe', 'ignore'] });
    const [line] = (await once(parent.stdout, 'data')) as [Buffer];
    await expect.poll(() => isProcessAlive(Number(String(line)))).toBe(false);
    parent.kill('SIGKILL');
  });
});

describe('unprivilegedUser', () => {
  const passwd =
    'root:x:0:0::/root:/bin/sh\npostgres:x:105:110::/var/lib/postgresql:/bin/bash\nnobody:x:65534:65534:::\n';

  it('is postgres, else nobody, and never root under another name', () => {
    expect(chooseUnprivileged(passwd)).toEqual({ name: 'postgres', uid: 105, gid: 110 });
    expect(chooseUnprivileged(passwd.replace('postgres:x:105', 'postgres:x:0'))).toMatchObject({ name: 'nobody' });
    expect(chooseUnprivileged('root:x:0:0::/root:/bin/sh\n+::::::\n')).toBeNull();
  });

  it('is asked for by root only', async () => {
    expect((await unprivilegedUser()) === null).toBe(process.getuid?.() !== 0);
  });
});

describe('onInterrupt', () => {
  async function startInterruptible(): Promise<ChildProcessByStdio<null, Readable, null>> {
    const url = JSON.stringify(new URL('./signals.ts', import.meta.url).href);
    const script = `
      const { onInterrupt } = await import(${url});
      const { signal } = onInterrupt();
      signal.addEventListener('abort', () => console.log(signal.reason.code, signal.reason.exit, signal.reason.message));
      setInterval(() => undefined, 1000);
      console.log('ready');
    `;
    const child = spawn(process.execPath, ['--input-type=module', '-e', script], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    await once(child.stdout, 'data');
    return child;
  }

  it.each(['SIGINT', 'SIGTERM', 'SIGHUP'] as const)(
    'turns %s into an abort, and a second one into the end',
    async (name) => {
      const child = await startInterruptible();
      child.kill(name);
      const [said] = (await once(child.stdout, 'data')) as [Buffer];
      expect(String(said)).toBe(`interrupted 130 stopped by ${name}\n`);
      child.kill('SIGINT');
      expect(await once(child, 'exit')).toEqual([130, null]);
    },
  );

  it('gives the signals their meaning back', () => {
    const before = process.listenerCount('SIGTERM');
    const interrupt = onInterrupt();
    expect(process.listenerCount('SIGTERM')).toBe(before + 1);
    interrupt.dispose();
    expect(process.listenerCount('SIGTERM')).toBe(before);
    expect(interrupt.signal.aborted).toBe(false);
  });
});
