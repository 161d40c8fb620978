/**
 * The door of the command line. `--version` is answered with almost nothing loaded; everything else lies behind an
 * import, because programs that call Holdfast often must not wait for what they do not use.
 */

import { existsSync } from 'node:fs';
import { enableCompileCache } from 'node:module';
import { join } from 'node:path';
import { readVersion } from '../system/version.ts';

const args = process.argv.slice(2);

if (args.length === 1 && (args[0] === '--version' || args[0] === '-V')) {
  process.stdout.write(`holdfast ${readVersion()}\n`);
} else if (args[0] === '__complete') {
  await keepCompiledCode();
  const { printCandidates } = await import('./complete/print-candidates.ts');
  await printCandidates(args.slice(1));
} else {
  await keepCompiledCode();
  const { runProgram } = await import('./program.ts');
  await runProgram(args);
}

/**
 * In a folder of ours alone: Node's default lies where anybody may write, and what is found there is run. Without a
 * folder it starts a little slower.
 */
async function keepCompiledCode(): Promise<void> {
  const { stateDirectoryPath } = await import('../system/state-directory.ts');
  try {
    const folder = stateDirectoryPath(process.env);
    if (existsSync(folder)) enableCompileCache(join(folder, 'compiled'));
  } catch {
    // The command itself says what is wrong with the folder, if it needs it.
  }
}
