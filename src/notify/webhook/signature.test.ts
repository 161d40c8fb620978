import { createHmac } from 'node:crypto';
import { expect, it } from 'vitest';
import { signatureHeaders } from './signature.ts';

it('signs the example of the Standard Webhooks specification as it says', () => {
  const headers = signatureHeaders({
    id: 'msg_p5jXN8AQM9LWM0D4loKWxJek',
    body: '{"test": 2432232314}',
    secret: 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw',
    now: new Date(1_614_265_330_999),
  });
  expect(headers).toEqual({
    'webhook-id': 'msg_p5jXN8AQM9LWM0D4loKWxJek',
    'webhook-timestamp': '1614265330',
    'webhook-signature': 'v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=',
  });
});

it('takes any other secret as its own bytes', () => {
  const { 'webhook-signature': signature } = signatureHeaders({
    id: 'a',
    body: 'b',
    secret: 'pässword',
    now: new Date(5000),
  });
  const expected = createHmac('sha256', Buffer.from('pässword', 'utf8')).update('a.5.b').digest('base64');
  expect(signature).toBe(`v1,${expected}`);
});
