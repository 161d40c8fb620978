/** Slack's incoming webhooks (and what speaks like them: Mattermost, Rocket.Chat). The address is the secret. */

import type { Secret } from '../../domain/secret.ts';
import type { Channel } from '../channel.ts';
import { post } from '../post.ts';
import { readWebAddress } from '../web-address.ts';
import { slackPayload } from './slack-payload.ts';

export function slackChannel(url: Secret): Channel {
  return {
    label: `slack (${url.origin})`,
    send: async (message, signal) => {
      const address = await readWebAddress(url, signal);
      const headers = { 'content-type': 'application/json; charset=utf-8' };
      await post({ url: address, headers, body: JSON.stringify(slackPayload(message)) }, signal);
    },
  };
}
