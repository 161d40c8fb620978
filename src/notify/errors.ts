import { declareErrors } from '../domain/error.ts';

export const notifyErrors = declareErrors({
  'message-not-sent': {
    exit: 1,
    meaning:
      'Somebody could not be told: the receiver was out of reach, refused the message or did not answer in time.',
    remedy: 'Check the address and the network; `holdfast notify test` tries every channel.',
    retry: true,
  },
  'no-channel': {
    exit: 2,
    meaning: 'There is nobody to send a message to.',
    remedy: 'Set SLACK_WEBHOOK_URL or NOTIFY_EMAIL, or list channels under `notify:` in holdfast.yaml.',
  },
});
