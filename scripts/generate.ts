/**
 * `npm run generate [-- --check]`: writes every generated file of the repository. With `--check` it writes nothing and
 * fails when one is not what its source gives. A new generator is added to the list.
 */

import { generateErrors } from './generate-errors.ts';
import { generateRowHash } from './generate-row-hash.ts';
import { generateSchema } from './generate-schema.ts';

interface Generator {
  /** The file it writes. */
  readonly file: string;
  /** Resolves to false when `check` found the file out of date. */
  run(check: boolean): Promise<boolean>;
}

const generators: readonly Generator[] = [
  { file: 'docs/errors.md', run: generateErrors },
  { file: 'docs/holdfast.schema.json', run: generateSchema },
  { file: 'src/engine/postgres/fingerprint/row-hash/row-hash.generated.ts', run: generateRowHash },
];

const check = process.argv.includes('--check');
for (const generator of generators) {
  const current = await generator.run(check);
  if (!current) {
    process.stderr.write(`${generator.file} is not what its source gives: run \`npm run generate\`\n`);
    process.exitCode = 1;
  }
}
