/** For `doctor`: through what a server elsewhere is reached. */

import type { PgAddress } from '../connection/address.ts';
import { chooseRoute } from './choose-route.ts';
import { survey } from './survey.ts';

/** Nothing for a server that is reached directly. */
export async function describeWay(
  { via }: PgAddress,
  signal: AbortSignal,
): Promise<readonly (readonly [label: string, value: string])[]> {
  if (via === undefined) return [];
  const { program, host, port } = chooseRoute(await survey(via, signal), via);
  return [['reached through', `${via.prefix.join(' ')}: ${program} there connects to ${host}, port ${String(port)}`]];
}
