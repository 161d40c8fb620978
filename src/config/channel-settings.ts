/**
 * Whom to tell: the channels of `notify:`, and those that the names of other teams' scripts ask for. Such a name adds a channel
 * unless `notify:` has one of its kind; an empty `notify:` means that nobody is told.
 */

import type { MessageKind } from '../domain/message-kind.ts';
import type { RunVerb } from '../domain/run.ts';
import type { Secret } from '../domain/secret.ts';
import type { ChannelEntry } from './notify-settings.ts';
import { secretFromFile, secretFromNames } from './secret-setting.ts';
import type { ConfigurationFileSource, Sources } from './sources.ts';

export type ChannelSettings = ChannelRules & ChannelPlace;

type ChannelPlace =
  | { readonly kind: 'slack'; readonly url: Secret }
  | {
      readonly kind: 'email';
      /** Mail addresses, parted by commas or blanks. */
      readonly to: Secret;
      readonly from: string | null;
      /** Null: the machine's sendmail. */
      readonly smtp: Secret | null;
      readonly sendmail: string | null;
    }
  | { readonly kind: 'pagerduty'; readonly key: Secret; readonly url: string | null }
  | { readonly kind: 'webhook'; readonly url: Secret; readonly secret: Secret }
  | { readonly kind: 'ping'; readonly url: Secret };

interface ChannelRules {
  /** Null: what is usual for the kind. */
  readonly on: readonly MessageKind[] | null;
  /** Null: what is usual for the kind. */
  readonly verbs: readonly RunVerb[] | null;
  /** Null: all. */
  readonly databases: readonly string[] | null;
}

export function findChannels(sources: Sources): readonly ChannelSettings[] {
  const { file } = sources;
  const entries = file?.content.notify ?? null;
  if (file === null || entries === null) return channelsOfNames(sources);
  const written = entries.map((entry, index) => channelOf(entry, index, file, sources));
  if (written.length === 0) return [];
  const named = channelsOfNames(sources);
  return [...written, ...named.filter(({ kind }) => !written.some((one) => one.kind === kind))];
}

const noRules = { on: null, verbs: null, databases: null };

function channelsOfNames(sources: Sources): readonly ChannelSettings[] {
  const all = [sources.environment, ...sources.envFiles];
  const slack = ['SLACK_WEBHOOK_URL', 'SLACK_WEBHOOK'].flatMap((name) => secretFromNames(name, all) ?? [])[0];
  const mail = secretFromNames('NOTIFY_EMAIL', all);
  return [
    ...(slack === undefined ? [] : [{ kind: 'slack' as const, url: slack, ...noRules }]),
    ...(mail === null
      ? []
      : [{ kind: 'email' as const, to: mail, from: null, smtp: null, sendmail: null, ...noRules }]),
  ];
}

function channelOf(
  entry: ChannelEntry,
  index: number,
  file: ConfigurationFileSource,
  sources: Sources,
): ChannelSettings {
  const place = `notify.${String(index)}`;
  const secret = (key: string): Secret | null => secretFromFile(entry, key, place, file, sources);
  const rules: ChannelRules = {
    on: 'on' in entry ? (entry.on ?? null) : null,
    verbs: entry.verbs ?? null,
    databases: entry.databases ?? null,
  };
  switch (entry.kind) {
    case 'slack':
    case 'ping':
      return { ...rules, kind: entry.kind, url: required(secret('url')) };
    case 'webhook':
      return { ...rules, kind: 'webhook', url: required(secret('url')), secret: required(secret('secret')) };
    case 'pagerduty':
      return { ...rules, kind: 'pagerduty', key: required(secret('key')), url: entry.url ?? null };
    case 'email': {
      const { from, sendmail } = entry;
      const to: Secret = { origin: `${place}.to in ${file.label}`, read: async () => entry.to.join(',') };
      return { ...rules, kind: 'email', to, from: from ?? null, smtp: secret('smtp'), sendmail: sendmail ?? null };
    }
  }
}

function required(secret: Secret | null): Secret {
  if (secret === null) throw new TypeError('the schema lets no channel pass without its secret');
  return secret;
}
