/** The way to a server elsewhere: what is there, what carries the bytes, and the socket here that stands for it. */

import type { PgAddress } from '../connection/address.ts';
import { passwordFromFile } from '../connection/password-file.ts';
import { chooseRoute } from './choose-route.ts';
import { openRelay } from './relay.ts';
import { forgetSurvey, survey } from './survey.ts';
import { commandThere, type Via } from './via.ts';

export interface Way extends AsyncDisposable {
  /** The given address, led through the relay. */
  readonly address: PgAddress;
}

export async function openWay(address: PgAddress, via: Via, signal: AbortSignal): Promise<Way> {
  const route = chooseRoute(await survey(via, signal), via);
  const relay = await openRelay(commandThere(via.prefix, route.words), () => {
    forgetSurvey(via);
  });
  return {
    address: {
      ...address,
      host: relay.directory,
      port: relay.port,
      // libpq looks for the server's own name in the password file, and would not find the relay's.
      password:
        address.password ?? (await passwordFromFile({ ...address, host: via.host ?? 'localhost', port: via.port })),
    },
    [Symbol.asyncDispose]: () => relay[Symbol.asyncDispose](),
  };
}
