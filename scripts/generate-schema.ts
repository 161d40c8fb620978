/** Writes the JSON Schema of `holdfast.yaml` as docs/holdfast.schema.json, which is published with the package. */

import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { configurationJsonSchema } from '../src/config/json-schema.ts';

const output = join(import.meta.dirname, '../docs/holdfast.schema.json');

/** Resolves to false when `check` found the file out of date. */
export async function generateSchema(check: boolean): Promise<boolean> {
  const text = `${JSON.stringify(configurationJsonSchema(), null, 2)}\n`;
  if (check) return text === (await readFile(output, 'utf8').catch(() => ''));
  await writeFile(output, text);
  return true;
}
