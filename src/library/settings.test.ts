/** The types of the settings and what is accepted: the same keys. */

import { expectTypeOf, test } from 'vitest';
import type { configurationSchema } from '../config/schema.ts';
import type { DatabaseSettings, Settings } from './settings.ts';

type Accepted = (typeof configurationSchema)['_zod']['input'];
type AcceptedDatabase = NonNullable<NonNullable<Accepted['databases']>[string]>;

test('every key of the settings has a type, and no other key has', () => {
  expectTypeOf<keyof Settings>().toEqualTypeOf<keyof Accepted>();
  expectTypeOf<keyof DatabaseSettings>().toEqualTypeOf<keyof AcceptedDatabase>();
});
