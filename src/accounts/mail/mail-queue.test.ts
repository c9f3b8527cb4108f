import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setImmediate as turn } from 'node:timers/promises';
import { FakeAccounts } from '../../../test/support/accounts.ts';
import { hasCode, type SeenEvent } from '../../../test/support/sessions.ts';
import { until } from '../../../test/support/until.ts';
import type { Audit } from '../../core/events.ts';
import { type Mail, type MailTransport, smtp } from './mail.ts';
import { KeyRing } from '../../core/key-ring.ts';
import { memory } from '../../stores/memory/state.ts';
import { MailQueue, type MailQueuePace, type MailQueuePlace } from './mail-queue.ts';

const MAIL = {
  to: 'ann@example.com',
  subject: 'Hello',
  text: 'https://example.com/reset/confirm?token=secret',
};
const NO_SIGNAL = new AbortController().signal;

test('tries again where a mail server fails, and says so once it gives up, without the link', async () => {
  let tries = 0;
  const { room, events, ask } = open(() => {
    tries += 1;
    return Promise.reject(Object.assign(new Error(MAIL.text), { code: 'ECONNREFUSED' }));
  });
  ask(MAIL);
  await room.settled();
  assert.equal(tries, 3);
  assert.deepEqual(events, [
    {
      event: 'sys_service_unavailable',
      details: {
        service: 'mail',
        subject: 'Hello',
        tries: 3,
        error: 'ECONNREFUSED',
        reason: 'the mail was not sent',
      },
    },
  ]);
});

test('a mail is tried four times where nothing else is said: after a second, ten seconds and a minute', async (t) => {
  t.mock.timers.enable({ apis: ['setTimeout'] });
  let tries = 0;
  const events: SeenEvent[] = [];
  const audit: Audit = ({ name }, details) => void events.push({ event: name, details });
  const send = (): Promise<void> => {
    tries += 1;
    return Promise.reject(new Error('busy'));
  };
  const room = new MailQueue({ send }, audit, newPlace());
  askOf(room, audit)(MAIL);
  await turns();
  for (const [pause, before] of [
    [1000, 1],
    [10_000, 2],
    [60_000, 3],
  ] as const) {
    t.mock.timers.tick(pause - 1);
    await turns();
    assert.equal(tries, before);
    t.mock.timers.tick(1);
    await turns();
    assert.equal(tries, before + 1);
  }
  t.mock.timers.tick(86_400_000);
  await turns();
  assert.equal(tries, 4);
  assert.deepEqual(
    events.map(({ event, details }) => [event, details['tries']]),
    [['sys_service_unavailable', 4]],
  );
});

test('a mail that is sent at the second try is no event', async () => {
  let tries = 0;
  const { room, events, ask } = open(() => {
    tries += 1;
    return tries === 1 ? Promise.reject(new Error('busy')) : Promise.resolve();
  });
  ask(MAIL);
  await room.settled();
  assert.deepEqual([tries, events], [2, []]);
});

test('what is refused for good is not tried again, and the event has the answer and no words of the server', async () => {
  const refusals = [
    { responseCode: 550, command: 'RCPT TO', code: 'EENVELOPE' },
    { responseCode: 450, permanent: true, command: 'ann@example.com' },
    { permanent: true },
  ];
  for (const refusal of refusals) {
    let tries = 0;
    const { room, events, ask } = open(() => {
      tries += 1;
      return Promise.reject(Object.assign(new Error('550 ann@example.com is unknown'), refusal));
    });
    ask(MAIL);
    await room.settled();
    assert.deepEqual([tries, events.length, events[0]?.details['answer']], [1, 1, refusal.responseCode]);
    assert.doesNotMatch(JSON.stringify(events), /unknown|ann@/);
  }
});

test('a refusal that will pass is tried again, whatever its number', async () => {
  for (const refusal of [{ responseCode: 451 }, { responseCode: 503, permanent: false }]) {
    let tries = 0;
    const { room, ask } = open(() => {
      tries += 1;
      return tries === 1 ? Promise.reject(Object.assign(new Error('later'), refusal)) : Promise.resolve();
    });
    ask(MAIL);
    await room.settled();
    assert.equal(tries, 2);
  }
});

test('mails that cannot be delivered hold up no other, however long the pauses are', async () => {
  const sent: string[] = [];
  const { room, ask } = open(
    ({ to }) => {
      if (to.startsWith('nobody')) return Promise.reject(new Error('busy'));
      sent.push(to);
      return Promise.resolve();
    },
    { pauses: [600_000] },
  );
  for (let mail = 0; mail < 40; mail += 1) ask({ ...MAIL, to: `nobody${mail}@example.com` });
  ask(MAIL);
  await until('the other mail is sent', () => sent.length === 1);
  await room.close(0);
});

test('a flood of requests whose mails hang keeps no notice from an owner', async () => {
  const sent: string[] = [];
  const { room, events, ask } = open(({ to, subject }) => {
    if (subject === 'Hello') return new Promise(() => undefined);
    sent.push(to);
    return Promise.resolve();
  });
  assert.throws(() => {
    for (let mail = 0; mail < 2000; mail += 1) ask(MAIL);
  }, hasCode('ERR_BULWARK_QUEUE_FULL'));
  assert.match(JSON.stringify(events), /"waiting":1000.*is told to come again/);
  tellOf(room)({ ...MAIL, subject: 'Your password was changed' });
  await until('the notice is sent', () => sent.length === 1);
  await room.close(0);
});

test('whoever makes the same news all day fills neither the place of other notices nor a mailbox', async () => {
  const sent: string[] = [];
  let deliver = (): void => undefined;
  const opened = new Promise<void>((resolve) => (deliver = resolve));
  const { room } = open(async ({ to, subject }) => {
    await opened;
    sent.push(`${subject} to ${to}`);
  });
  const codes = { ...MAIL, to: 'mallory@example.net', subject: 'New recovery codes were made' };
  for (let notice = 0; notice < 8; notice += 1) tellOf(room)(codes);
  // Not in silence: whoever tells has it in the log.
  assert.throws(() => tellOf(room)(codes), hasCode('ERR_BULWARK_QUEUE_FULL'));
  tellOf(room)({ ...MAIL, subject: 'Your password was changed' });
  tellOf(room)({ ...codes, subject: 'Your password was changed' });
  deliver();
  await room.settled();
  assert.deepEqual(sent.toSorted(), [
    ...Array.from({ length: 8 }, () => 'New recovery codes were made to mallory@example.net'),
    'Your password was changed to ann@example.com',
    'Your password was changed to mallory@example.net',
  ]);
  // What was sent, or given up, makes room again.
  tellOf(room)(codes);
  await room.settled();
  assert.equal(sent.length, 11);
});

test('a try that is late is told to stop', async () => {
  const reasons: unknown[] = [];
  const { room, events, ask } = open(
    (_mail, signal) =>
      new Promise((_resolve, reject) => {
        signal.addEventListener('abort', () => {
          reasons.push((signal.reason as Error).name);
          reject(signal.reason as Error);
        });
      }),
    { deadlineMs: 1 },
  );
  ask(MAIL);
  await room.settled();
  assert.deepEqual(reasons, ['TimeoutError', 'TimeoutError', 'TimeoutError']);
  assert.equal(events.length, 1);
});

test('tries that never end do not pile up: past a number, none begins', async () => {
  let begun = 0;
  const { room, events, ask } = open(
    () => {
      begun += 1;
      return new Promise(() => undefined);
    },
    { deadlineMs: 1 },
  );
  for (let mail = 0; mail < 40; mail += 1) ask(MAIL);
  await room.settled();
  assert.equal(begun, 16);
  assert.equal(events.length, 40);
  assert.match(JSON.stringify(events.at(-1)), /MailTransportHangs/);
});

test('closing waits no longer than told, ends what hangs, and says once how many mails are lost', async () => {
  let hanging = 0;
  let aborted = 0;
  const { room, events, ask } = open(
    ({ to }, signal) => {
      if (to.startsWith('nobody')) return Promise.reject(new Error('busy'));
      hanging += 1;
      return new Promise((_resolve, reject) => {
        signal.addEventListener('abort', () => {
          aborted += 1;
          reject(signal.reason as Error);
        });
      });
    },
    { pauses: [600_000] },
  );
  ask({ ...MAIL, to: 'nobody@example.com' });
  for (let mail = 0; mail < 5; mail += 1) ask(MAIL);
  tellOf(room)(MAIL);
  await until('five tries hang', () => hanging === 5);
  await room.close(1);
  await new Promise((resolve) => setImmediate(resolve));
  assert.equal(aborted, 5);
  assert.deepEqual(
    events.map(({ details }) => [details['lost'], details['reason']]),
    [[7, 'the process ended before these mails were sent']],
  );
  assert.throws(() => ask(MAIL), hasCode('ERR_BULWARK_QUEUE_FULL'));
});

test('closing with nothing lost is no event, and does not wait', async () => {
  const { room, events, ask } = open(() => Promise.resolve());
  ask(MAIL);
  await room.close(600_000);
  assert.deepEqual(events, []);
});

test('v5.0.0-1.3.11 an address or a subject with a line break goes to no transport: it would begin another header', async () => {
  const sent: unknown[] = [];
  const { room, events, ask } = open((mail) => Promise.resolve(void sent.push(mail)));
  const breaks = ['\r\n', '\n', '\r', '\u2028', '\0'];
  for (const line of breaks) {
    ask({ ...MAIL, to: `ann@example.com${line}Bcc: eve@example.com` });
    ask({ ...MAIL, subject: `Hello${line}Bcc: eve@example.com` });
  }
  await room.settled();
  assert.deepEqual([sent, events.length], [[], 2 * breaks.length]);
  assert.match(JSON.stringify(events[0]), /MailHeaderUnfit.*the mail was not sent/);
});

test('a name of the service or of the sender with a line break is refused at the start: it stands in every mail', () => {
  for (const name of ['Example\r\nBcc: eve@example.com', 'Example\n', 'Ex\0ample']) {
    assert.throws(() => new FakeAccounts({ name }), hasCode('ERR_BULWARK_POLICY'));
    assert.throws(() => smtp({ sendMail: () => Promise.resolve() }, `${name} <a@example.com>`), {
      code: 'ERR_BULWARK_INVALID_ARGUMENT',
    });
  }
});

test('by nodemailer, the recipient is one address, whatever is in it', async () => {
  const sent: unknown[] = [];
  const transport = smtp(
    { sendMail: (message) => Promise.resolve(sent.push(message)) },
    'App <no-reply@example.com>',
  );
  await transport.send(MAIL, NO_SIGNAL);
  assert.deepEqual((sent[0] as { to: unknown }).to, { name: '', address: 'ann@example.com' });
});

const silent: Audit = () => undefined;

/** A place for mails in the memory of this process. */
function newPlace(): MailQueuePlace {
  const { accounts } = memory();
  assert.ok(accounts !== undefined);
  return { outbox: accounts.outbox, keys: new KeyRing([Buffer.alloc(32, 1)]), lasts: false };
}

/** Asks for a mail. */
function askOf(room: MailQueue, audit: Audit): (mail: Mail) => void {
  return (mail) =>
    room.asked.add(async () => {
      const kept = room.seal(mail, 3_600_000);
      await room.store(kept);
      await room.send(audit, kept);
    });
}

/** Tells an owner. */
function tellOf(room: MailQueue): (mail: Mail) => void {
  return (mail) => room.tell(silent, room.sealNotice(mail));
}

interface Opened {
  readonly room: MailQueue;
  readonly events: SeenEvent[];
  readonly ask: (mail: Mail) => void;
}

/** A mail queue without pauses, and what it tells. */
function open(send: MailTransport['send'], pace: MailQueuePace = {}): Opened {
  const events: SeenEvent[] = [];
  const audit: Audit = ({ name }, details) => void events.push({ event: name, details });
  const room = new MailQueue({ send }, audit, newPlace(), { pauses: [0, 0], ...pace });
  return { room, events, ask: askOf(room, audit) };
}

/** So many rounds of the event loop that what was begun has got to its next timer. */
async function turns(): Promise<void> {
  for (let round = 0; round < 5; round += 1) await turn();
}
