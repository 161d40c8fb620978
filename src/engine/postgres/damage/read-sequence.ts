/** Where a sequence stands, or why nobody can say it; the others are read all the same. */

import type { ReadFailure } from '../../../domain/damage.ts';
import { HoldfastError, messageOf } from '../../../domain/error.ts';
import type { SequenceFingerprint } from '../../../domain/fingerprint.ts';
import { qualifiedName } from '../quote.ts';
import type { DamagedSession } from './damaged-session.ts';

export async function readSequence(
  session: DamagedSession,
  { schema, name }: Pick<SequenceFingerprint, 'schema' | 'name'>,
): Promise<SequenceFingerprint | ReadFailure> {
  const what = `sequence ${schema}.${name}`;
  try {
    const [row] = await session.query<{ value: string; is_called: boolean }>(
      `select last_value::text as value, is_called from ${qualifiedName(schema, name)}`,
    );
    if (row === undefined) return { what, error: 'it holds no row' };
    return { schema, name, lastValue: row.value, isCalled: row.is_called };
  } catch (thrown) {
    if (!(thrown instanceof HoldfastError)) throw thrown;
    const error = messageOf(thrown);
    if (thrown.code === 'server-gone') await session.recover(`${what}: ${error}`);
    return { what, error };
  }
}
