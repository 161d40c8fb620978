import { spawn } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, test } from 'vitest';
import { makeTestDirectory } from '../harness/temporary.ts';

const scripts = join(import.meta.dirname, '../../scripts');

interface Ended {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs Node.js; `signal` is sent once the program has said something. */
async function runNode(args: readonly string[], env: NodeJS.ProcessEnv, signal?: NodeJS.Signals): Promise<Ended> {
  const child = spawn(process.execPath, args, { env, stdio: ['ignore', 'pipe', 'pipe'] });
  if (signal !== undefined) child.stdout.once('data', () => child.kill(signal));
  const ended = new Promise<Pick<Ended, 'code' | 'signal'>>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code, name) => {
      resolve({ code, signal: name });
    });
  });
  const [stdout, stderr, status] = await Promise.all([text(child.stdout), text(child.stderr), ended]);
  return { ...status, stdout, stderr };
}

describe('with-node', () => {
  const wrapper = join(scripts, 'with-node.mjs');

  test('gives the script its arguments, the exit code back, and says nothing itself', async () => {
    await using directory = await makeTestDirectory('setup');
    const script = join(directory.path, 'script.ts');
    await writeFile(
      script,
      'const words: string[] = process.argv.slice(2);\nconsole.log(words);\nprocess.exitCode = 7;\n',
    );
    expect(await runNode([wrapper, script, '--quiet', 'a b'], process.env)).toEqual({
      code: 7,
      signal: null,
      stdout: "[ '--quiet', 'a b' ]\n",
      stderr: '',
    });
  });

  test('passes a signal on, and ends by the signal that ended the script', async () => {
    await using directory = await makeTestDirectory('setup');
    const polite = join(directory.path, 'polite.ts');
    await writeFile(
      polite,
      "process.on('SIGTERM', () => process.exit(9));\nsetTimeout(() => 0, 60_000);\nconsole.log('ready');\n",
    );
    expect(await runNode([wrapper, polite], process.env, 'SIGTERM')).toMatchObject({ code: 9 });
    const plain = join(directory.path, 'plain.ts');
    await writeFile(plain, "setTimeout(() => 0, 60_000);\nconsole.log('ready');\n");
    expect(await runNode([wrapper, plain], process.env, 'SIGTERM')).toMatchObject({ code: null, signal: 'SIGTERM' });
  });
});

describe('the set-up', () => {
  test('says what to install where it cannot bring a Node.js of its own', async () => {
    const program = `
      const { prepareCheckout } = await import(${JSON.stringify(join(scripts, 'setup.mjs'))});
      prepareCheckout({ platform: 'darwin-arm64', version: 'v20.1.0' });`;
    const ended = await runNode(['--input-type=module', '-e', program], process.env);
    expect(ended.code).toBe(1);
    expect(ended.stderr).toContain('Holdfast needs Node.js 24 or newer; this is v20.1.0 on darwin-arm64.');
    expect(ended.stderr).toContain('brew install node@24');
  });

  test('names every missing program and how to get it when it may not install', async () => {
    const ended = await runNode([join(scripts, 'ensure-postgres.mjs'), '--trees'], { PATH: '/nonexistent' });
    expect(ended.code).toBe(1);
    expect(ended.stdout).toBe('');
    expect(ended.stderr).toMatch(/^setup: these are missing: .*zstd, sqlite3, gzip, patchelf/);
    expect(ended.stderr).toContain(process.platform === 'darwin' ? 'brew install' : 'apt-get install -y');
  });
});

test('a server whose test process was killed ends with it', async () => {
  const program = `
    const { startPostgres } = await import(${JSON.stringify(join(scripts, '../test/harness/postgres-server.ts'))});
    const server = await startPostgres();
    console.log(server.pid);
    setTimeout(() => 0, 60_000);`;
  const ended = await runNode(['--input-type=module', '-e', program], process.env, 'SIGKILL');
  expect(ended.signal).toBe('SIGKILL');
  const pid = Number(ended.stdout);
  expect(pid).toBeGreaterThan(0);
  for (let attempt = 0; attempt < 100 && isThere(pid); attempt += 1) await sleep(50);
  expect(isThere(pid)).toBe(false);
});

function isThere(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
