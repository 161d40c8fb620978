/**
 * A message in Slack's words: `text` for notifications and for programs that know no blocks, `blocks` for the rest. Block
 * Kit's limits: 150 characters in a header, 3000 in a text, 10 fields.
 */

import type { Message } from '../message.ts';

const signs: Readonly<Record<Message['kind'], string>> = {
  success: ':white_check_mark:',
  warning: ':warning:',
  failure: ':red_circle:',
  test: ':information_source:',
};
const maximumFields = 10;
const maximumTextLength = 3000;

export function slackPayload(message: Message): Readonly<Record<string, unknown>> {
  const head = `${signs[message.kind]} *${escaped(message.title)}*`;
  const body = [message.happened, message.means, ...message.toDo.map((line) => `→ ${line}`)].map(escaped).join('\n');
  const fields = message.facts.slice(0, maximumFields).map(([name, value]) => ({
    type: 'mrkdwn',
    text: `*${escaped(name)}*\n${escaped(value)}`,
  }));
  return {
    text: `${signs[message.kind]} ${escaped(message.title)}: ${escaped(message.happened)}`.slice(0, maximumTextLength),
    blocks: [
      { type: 'section', text: { type: 'mrkdwn', text: `${head}\n${body}`.slice(0, maximumTextLength) } },
      { type: 'section', fields },
    ],
  };
}

/** https://docs.slack.dev/messaging/formatting-message-text: these three and no others. */
function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}
