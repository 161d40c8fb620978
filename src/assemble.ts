/** The only file that names concrete parts: configuration in, working product out. */

import { randomBytes } from 'node:crypto';
import { hostname } from 'node:os';
import type { ChannelSettings } from './config/channel-settings.ts';
import type { Configuration } from './config/configuration.ts';
import type { TargetSpec } from './engine/engine.ts';
import type { Playground } from './engine/playground.ts';
import { postgresModule } from './engine/postgres/postgres-module.ts';
import { sqliteModule } from './engine/sqlite/sqlite-module.ts';
import { messageKinds } from './domain/message-kind.ts';
import type { Channel, Subscription } from './notify/channel.ts';
import { makeEngines } from './operations/engines.ts';
import type { Parts } from './operations/parts.ts';
import { openRepository } from './repository/open-repository.ts';
import { openLocalStore } from './storage/local/local-store.ts';
import { stateDirectory } from './system/state-directory.ts';
import { wallClock } from './system/wall-clock.ts';

export interface Surroundings {
  readonly environment: NodeJS.ProcessEnv;
  readonly version: string;
  readonly signal: AbortSignal;
}

export function assemble(
  { repository, timezone }: Pick<Configuration, 'repository' | 'timezone'>,
  surroundings: Surroundings,
): Parts {
  const { version, signal } = surroundings;
  const facts = { clock: wallClock, host: hostname(), writer: `holdfast ${version}`, random: randomWord };
  const engineParts = enginePartsOf(surroundings);
  return {
    ...facts,
    engines: makeEngines([postgresModule(engineParts), sqliteModule(engineParts)]),
    repository: ({ create }) => openRepository(openLocalStore(repository.path), { create, signal, ...facts }),
    stateDirectory: engineParts.stateDirectory,
    timeZone: timezone ?? Intl.DateTimeFormat().resolvedOptions().timeZone,
  };
}

/** A database to break on purpose: on a throwaway server, or on the one the target names. */
export async function openPlayground(
  target: TargetSpec | null,
  surroundings: Pick<Surroundings, 'environment' | 'signal'>,
): Promise<Playground> {
  const playground = await import('./engine/postgres/scratch/playground.ts');
  return playground.openPlayground(target, enginePartsOf(surroundings), surroundings.signal);
}

/** Whom to tell, and of what. Each kind of channel is loaded only when it is configured. */
export async function subscriptionsOf(settings: readonly ChannelSettings[]): Promise<readonly Subscription[]> {
  return Promise.all(
    settings.map(async (each) => ({
      channel: await channelOf(each),
      // PagerDuty hears of successes too, which close what a failure opened; whoever watches pings waits for all of them.
      on: each.kind === 'pagerduty' || each.kind === 'ping' ? messageKinds : (each.on ?? messageKinds),
      verbs: each.verbs ?? (each.kind === 'ping' ? ['backup'] : null),
      databases: each.databases,
    })),
  );
}

async function channelOf(settings: ChannelSettings): Promise<Channel> {
  switch (settings.kind) {
    case 'slack': {
      const { slackChannel } = await import('./notify/slack/slack-channel.ts');
      return slackChannel(settings.url);
    }
    case 'email': {
      const { emailChannel } = await import('./notify/email/email-channel.ts');
      return emailChannel(settings);
    }
    case 'pagerduty': {
      const { pagerdutyChannel } = await import('./notify/pagerduty/pagerduty-channel.ts');
      return pagerdutyChannel({ key: settings.key, url: settings.url, opensOn: settings.on ?? ['failure'] });
    }
    case 'webhook': {
      const { webhookChannel } = await import('./notify/webhook/webhook-channel.ts');
      return webhookChannel({ url: settings.url, secret: settings.secret, clock: wallClock });
    }
    case 'ping': {
      const { pingChannel } = await import('./notify/ping/ping-channel.ts');
      return pingChannel(settings.url);
    }
  }
}

function enginePartsOf({ environment }: Pick<Surroundings, 'environment'>) {
  return { clock: wallClock, random: randomWord, stateDirectory: stateDirectory(environment), environment };
}

/** Four characters of base 32 (RFC 4648): 20 random bits. */
function randomWord(): string {
  return [...randomBytes(4)].map((byte) => 'abcdefghijklmnopqrstuvwxyz234567'.charAt(byte & 31)).join('');
}
