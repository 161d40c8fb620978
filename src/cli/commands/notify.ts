import { compactTime } from '../../domain/clock.ts';
import type { ExitCode } from '../../domain/error.ts';
import { notifyErrors } from '../../notify/errors.ts';
import { testMessage } from '../../notify/message.ts';
import { tellAll } from '../../notify/tell.ts';
import { defineCommand, type Context } from '../command.ts';
import { requestErrors } from '../../requests/errors.ts';

export const command = defineCommand<object>({
  summary: 'try the channels that messages go to',
  usage: 'test',
  details:
    'Sends a test message to every configured channel, and says which of them took it. An incident that the test opens is\n' +
    'resolved at once; a ping is only noted.',
  examples: [
    ['holdfast notify test', 'to every channel'],
    ['holdfast notify test --dry-run', 'say which channels there are'],
  ],
  exits: [],
  addFlags: () => undefined,
  run: async (words, _flags, context) => {
    if (words.length !== 1 || words[0] !== 'test') {
      throw requestErrors.make('usage', 'notify needs to be told what to do', { hint: 'Type holdfast notify test.' });
    }
    return sendTest(context);
  },
});

async function sendTest({ output, common, ...context }: Context): Promise<ExitCode> {
  const { notify } = await context.configuration();
  const parts = await context.parts();
  const { clock, host } = parts;
  const { subscriptionsOf } = await import('../../assemble.ts');
  const channels = (await subscriptionsOf(notify)).map(({ channel }) => channel);
  if (channels.length === 0) throw notifyErrors.make('no-channel', 'no channel is configured');
  if (common.dryRun === true) {
    output.print(channels.map(({ label }) => `would send a test message to ${label}`));
    output.result('notify', 0, { dryRun: true, channels: channels.map(({ label }) => label) });
    return 0;
  }
  const now = clock.now();
  const message = testMessage({ id: `${compactTime(now)}-test-${parts.random()}`, host, time: now.toISOString() });
  const told = await tellAll(channels, message);
  for (const { channel, failure } of told) {
    const { style } = output;
    output.print([
      failure === null
        ? `${style.good('✓')} ${channel.label}`
        : `${style.bad('✗')} ${channel.label}: ${failure.message}`,
    ]);
    output.emit({ type: 'channel', channel: channel.label, sent: failure === null, problem: failure?.message ?? null });
  }
  const failed = told.flatMap(({ channel, failure }) => (failure === null ? [] : [{ channel, failure }]));
  const [first] = failed;
  if (first !== undefined) {
    const what = `${String(failed.length)} of ${String(told.length)} channels did not take the message`;
    throw notifyErrors.make('message-not-sent', `${what}: ${first.channel.label}: ${first.failure.message}`, {
      hint: first.failure.hint,
    });
  }
  output.result('notify', 0, { channels: told.map(({ channel }) => channel.label) });
  return 0;
}
