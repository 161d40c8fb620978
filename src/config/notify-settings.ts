/** What `notify:` of holdfast.yaml may say: a list of channels. docs/guide/messages.md explains every key. */

import { z } from 'zod';
import { messageKinds } from '../domain/message-kind.ts';
import { runVerbs } from '../domain/run.ts';

const text = z.string().min(1, 'must not be empty');
const kind = z.enum(messageKinds);
const mailAddress = text.regex(/^[^\s@<>,;]+@[^\s@<>,;]+$/, 'must be a mail address such as ops@example.org');

const filters = {
  verbs: z.array(z.enum(runVerbs)).min(1).optional(),
  databases: z.array(text).min(1).optional(),
};
const rules = { on: z.array(kind).min(1).optional(), ...filters };
const url = { url: text.optional(), urlEnv: text.optional(), urlFile: text.optional(), urlCommand: text.optional() };

const slack = z.strictObject({ kind: z.literal('slack'), ...url, ...rules }).superRefine(oneWay('url', true));

const email = z
  .strictObject({
    kind: z.literal('email'),
    to: z.union([mailAddress.transform((one) => [one]), z.array(mailAddress).min(1)]),
    from: mailAddress.optional(),
    smtp: text.optional(),
    smtpEnv: text.optional(),
    smtpFile: text.optional(),
    smtpCommand: text.optional(),
    sendmail: text.optional(),
    ...rules,
  })
  .superRefine(oneWay('smtp', false));

const pagerduty = z
  .strictObject({
    kind: z.literal('pagerduty'),
    key: text.optional(),
    keyEnv: text.optional(),
    keyFile: text.optional(),
    keyCommand: text.optional(),
    url: text.optional(),
    ...rules,
  })
  .superRefine(oneWay('key', true));

const webhook = z
  .strictObject({
    kind: z.literal('webhook'),
    ...url,
    secret: text.optional(),
    secretEnv: text.optional(),
    secretFile: text.optional(),
    secretCommand: text.optional(),
    ...rules,
  })
  .superRefine(oneWay('url', true))
  .superRefine(oneWay('secret', true));

const ping = z.strictObject({ kind: z.literal('ping'), ...url, ...filters }).superRefine(oneWay('url', true));

export const notifySchema = z.array(z.discriminatedUnion('kind', [slack, email, pagerduty, webhook, ping]));

export type ChannelEntry = z.output<typeof notifySchema>[number];

/** A secret is written in one way: two of them would leave open which counts. */
function oneWay(name: string, isRequired: boolean) {
  return (given: Readonly<Record<string, unknown>>, context: z.RefinementCtx): void => {
    const ways = [name, `${name}Env`, `${name}File`, `${name}Command`];
    const used = ways.filter((way) => given[way] !== undefined).length;
    if (used === 1 || (used === 0 && !isRequired)) return;
    context.addIssue({ code: 'custom', message: `must have one of ${ways.join(', ')}` });
  };
}
