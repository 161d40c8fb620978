/** `npm run format`: writes every file the way `npm run check` wants it. */

import { runNode } from './run-node.ts';

process.exitCode = await runNode('node_modules/@biomejs/biome/bin/biome', ['format', '--write', '.']);
