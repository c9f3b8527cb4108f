import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { EventName } from '../../core/events.ts';
import { smtp } from './mail.ts';
import { Mailroom } from './mailroom.ts';

const MAIL = {
  to: 'ann@example.com',
  subject: 'Hello',
  text: 'https://example.com/reset/confirm?token=secret',
};

test('tries again where a mail server fails, and says so once it gives up, without the link', async () => {
  const events: unknown[] = [];
  const audit = (event: EventName, details: unknown): void => void events.push([event, details]);
  let tries = 0;
  const failing = {
    send: () => {
      tries += 1;
      return Promise.reject(Object.assign(new Error(MAIL.text), { code: 'ECONNREFUSED' }));
    },
  };
  await new Mailroom(failing, [0, 0]).send(audit, MAIL);
  assert.equal(tries, 3);
  assert.equal(events.length, 1);
  assert.doesNotMatch(JSON.stringify(events), /secret/);
  assert.match(JSON.stringify(events), /sys_service_unavailable.*ECONNREFUSED/);
});

test('a mail that is sent at the second try is no event', async () => {
  const events: unknown[] = [];
  let tries = 0;
  const flaky = {
    send: () => {
      tries += 1;
      return tries === 1 ? Promise.reject(new Error('busy')) : Promise.resolve();
    },
  };
  await new Mailroom(flaky, [0]).send((event) => void events.push(event), MAIL);
  assert.deepEqual([tries, events], [2, []]);
});

test('by nodemailer, the recipient is one address, whatever is in it', async () => {
  const sent: unknown[] = [];
  const transport = smtp(
    { sendMail: (message) => Promise.resolve(sent.push(message)) },
    'App <no-reply@example.com>',
  );
  await transport.send(MAIL);
  assert.deepEqual((sent[0] as { to: unknown }).to, { name: '', address: 'ann@example.com' });
});
