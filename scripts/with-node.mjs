/**
 * `node scripts/with-node.mjs [--quiet] [--postgres] SCRIPT [ARGUMENT...]`
 *
 * Runs a script of this checkout on a Node.js that is new enough, after installing what is missing. `--postgres` also
 * makes sure that PostgreSQL's programs are on the machine. Ends as the script ends: same exit code, same signal.
 */

import { spawn } from 'node:child_process';
import { resolve } from 'node:path';
import { ensurePostgres } from './ensure-postgres.mjs';
import { prepareCheckout, root, say, SetupError } from './setup.mjs';

const given = process.argv.slice(2);
const options = new Set();
while (given[0]?.startsWith('--')) options.add(given.shift());
const [script, ...scriptArguments] = given;
if (script === undefined) {
  say('usage: node scripts/with-node.mjs [--quiet] [--postgres] SCRIPT [ARGUMENT...]');
  process.exit(2);
}
try {
  const quiet = options.has('--quiet');
  const { node, environment } = prepareCheckout({ quiet });
  const elsewhere = scriptArguments.some((argument) => argument === '--url' || argument.startsWith('--url='));
  if (options.has('--postgres')) ensurePostgres({ quiet, server: !elsewhere });
  run(node, environment);
} catch (cause) {
  if (!(cause instanceof SetupError)) throw cause;
  say(`setup: ${cause.message}`);
  process.exitCode = 1;
}

function run(node, environment) {
  const child = spawn(node, ['--', resolve(root, script), ...scriptArguments], { stdio: 'inherit', env: environment });
  const terminal = process.stdin.isTTY || process.stdout.isTTY || process.stderr.isTTY;
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGQUIT']) {
    process.on(signal, () => {
      // A terminal sends Ctrl-C to the whole group: the script has it already, and a second one means "at once".
      if (!(terminal && (signal === 'SIGINT' || signal === 'SIGQUIT'))) child.kill(signal);
    });
  }
  child.once('error', (cause) => {
    say(`setup: cannot start ${node}: ${cause.message}`);
    process.exitCode = 1;
  });
  child.once('exit', (code, signal) => {
    if (signal === null) process.exit(code ?? 1);
    process.removeAllListeners(signal);
    process.kill(process.pid, signal);
  });
}
