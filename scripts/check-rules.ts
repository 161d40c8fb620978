/**
 * Holds the alert rules of `holdfast export prometheus` against Prometheus' own `promtool`: are they rules, and do they fire
 * when they should? Where there is no promtool, Debian's package is downloaded and that one program taken out of it into
 * the test cache; nothing is installed.
 */

import { spawnSync } from 'node:child_process';
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { testCacheDirectory } from '../test/harness/server-binaries.ts';
import { root } from './run-node.ts';

const work = mkdtempSync(join(tmpdir(), 'holdfast-rules-'));
try {
  const promtool = findPromtool() ?? unpackPromtool();
  const rules = output(process.execPath, [join(root, 'src/cli/main.ts'), 'export', 'prometheus']);
  writeFileSync(join(work, 'rules.yml'), rules);
  copyFileSync(join(root, 'test/fixtures/prometheus/rules-test.yml'), join(work, 'rules-test.yml'));
  process.stdout.write(output(promtool, ['check', 'rules', 'rules.yml']));
  process.stdout.write(output(promtool, ['test', 'rules', 'rules-test.yml']));
} catch (thrown) {
  process.stderr.write(`rules: ${thrown instanceof Error ? thrown.message : String(thrown)}\n`);
  process.exitCode = 1;
} finally {
  rmSync(work, { recursive: true, force: true });
}

function cachedPromtool(): string {
  return join(testCacheDirectory(), 'promtool');
}

function findPromtool(): string | null {
  const onPath = (process.env['PATH'] ?? '').split(delimiter).map((folder) => join(folder, 'promtool'));
  return [...onPath, cachedPromtool()].find((path) => existsSync(path)) ?? null;
}

function unpackPromtool(): string {
  if (!existsSync('/usr/bin/apt-get')) {
    throw new Error(
      'promtool is missing. Install it: https://prometheus.io/download/, or on a Mac: brew install prometheus',
    );
  }
  process.stderr.write('rules: taking promtool out of Debian’s package prometheus\n');
  if (process.getuid?.() === 0) output('apt-get', ['-q', '-o', 'DPkg::Lock::Timeout=300', 'update']);
  output('apt-get', ['-q', '-o', 'APT::Sandbox::User=root', 'download', 'prometheus']);
  const [deb] = readdirSync(work).filter((name) => name.endsWith('.deb'));
  if (deb === undefined) throw new Error('apt-get left no package. As root: apt-get install -y prometheus');
  output('dpkg-deb', ['-x', deb, 'unpacked']);
  mkdirSync(testCacheDirectory(), { recursive: true, mode: 0o755 });
  // Another run may be at it too: whole or absent.
  const aside = `${cachedPromtool()}.${String(process.pid)}`;
  copyFileSync(join(work, 'unpacked/usr/bin/promtool'), aside);
  renameSync(aside, cachedPromtool());
  return cachedPromtool();
}

function output(command: string, args: readonly string[]): string {
  const done = spawnSync(command, args, { cwd: work, encoding: 'utf8', env: { ...process.env, LC_ALL: 'C.UTF-8' } });
  if (done.error !== undefined) throw new Error(`cannot start ${command}: ${done.error.message}`);
  if (done.status !== 0) {
    throw new Error(`${command} ${args.join(' ')} ended with ${String(done.status)}\n${done.stdout}${done.stderr}`);
  }
  return done.stdout;
}
