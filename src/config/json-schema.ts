/** The form of `holdfast.yaml` as JSON Schema (draft 2020-12), so that editors complete and check it. */

import { z } from 'zod';
import { configurationSchema } from './schema.ts';

export function configurationJsonSchema(): Readonly<Record<string, unknown>> {
  // What a person writes, before it is parsed: `30s`, not 30000.
  const schema = z.toJSONSchema(configurationSchema, { io: 'input', unrepresentable: 'any' });
  return { ...schema, title: 'holdfast.yaml', description: 'Settings of Holdfast: docs/guide/configuration.md' };
}
