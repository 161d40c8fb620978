/** Restores an image over a database, back and forth until it is killed: `node restorer.ts FILE IMAGE`. */

import { readFileSync } from 'node:fs';
import { openEngine, sourceOfImage, startWork } from './image-store.ts';

const [path = '', image = ''] = process.argv.slice(2);
const source = sourceOfImage(readFileSync(image));
process.stdout.write('ready\n');
for (;;) {
  const engine = openEngine(path);
  const plan = await engine.planRestore(
    { destination: { kind: 'replace' }, owners: true, privileges: true, jobs: null },
    source,
    startWork(),
  );
  await using copy = await engine.restore(plan, source, startWork());
  await copy.adopt(startWork());
  await engine.undo(startWork());
}
