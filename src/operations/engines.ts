/** Which engine speaks for an address, or made a backup. */

import type { EngineModule } from '../engine/engine.ts';
import { operationErrors } from './errors.ts';
import type { Engines } from './parts.ts';

/** Longer text is no address, and would be searched for its parts for long. */
const longestAddress = 16_384;

export function makeEngines(modules: readonly EngineModule[]): Engines {
  return {
    forUrl: (url) => {
      if (url.length > longestAddress) {
        throw operationErrors.make('unknown-engine', `no address has ${String(url.length)} characters`);
      }
      const module = modules.find((one) => one.accepts(url));
      if (module !== undefined) return module;
      // The address may hold a password: only its scheme is said.
      const scheme = /^([a-z][a-z0-9+.-]{0,20}):/i.exec(url)?.[1];
      const said = scheme === undefined ? 'an address without a scheme' : `an address that begins with ${scheme}:`;
      throw operationErrors.make('unknown-engine', `no kind of database answers to ${said}`);
    },
    headBytes: Math.max(...modules.map(({ foreign }) => foreign.headBytes)),
    recognise: (head) => {
      for (const module of modules) {
        const content = module.foreign.recognise(head);
        if (content !== null) return { module, content };
      }
      return null;
    },
    ofKind: (kind) => {
      const module = modules.find((one) => one.kind === kind);
      if (module !== undefined) return module;
      throw operationErrors.make('unknown-engine', `this version knows no databases of the kind "${kind}"`, {
        hint: 'Update Holdfast, or restore by hand: RESTORE.txt in the folder of the backup has the commands.',
      });
    },
  };
}
