/** `npm run build`: compiles `src/` to `dist/`, which is what gets published, with `bin/` before it. */

import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { root, runNode } from './run-node.ts';

rmSync(join(root, 'dist'), { recursive: true, force: true });
process.exitCode = await runNode('node_modules/typescript/bin/tsc', ['-p', 'tsconfig.build.json']);
