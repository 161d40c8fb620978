#!/usr/bin/env node
/**
 * The door of the command line. `--version` is answered with almost nothing loaded; everything else lies behind an
 * import, because programs that call Holdfast often must not wait for what they do not use.
 */

import { enableCompileCache } from 'node:module';
import { readVersion } from './version.ts';

const args = process.argv.slice(2);

if (args.length === 1 && (args[0] === '--version' || args[0] === '-V')) {
  process.stdout.write(`holdfast ${readVersion()}\n`);
} else {
  enableCompileCache();
  const { runProgram } = await import('./program.ts');
  await runProgram(args);
}
