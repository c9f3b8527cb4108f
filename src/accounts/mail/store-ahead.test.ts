/** Notices that are stored before what they tell of: told of once, whoever holds them by then. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { FakeAccounts } from '../../../test/support/accounts.ts';
import { hasCode } from '../../../test/support/sessions.ts';
import { until } from '../../../test/support/until.ts';
import type { Audit } from '../../core/events.ts';
import { StoreDownError } from '../../core/errors.ts';
import { KeyRing } from '../../core/key-ring.ts';
import { memory } from '../../stores/memory/state.ts';
import type { OutboxStore } from '../../stores/ports/mail.ts';
import type { Mail } from './mail.ts';
import { MailQueue, type MailQueuePace } from './mail-queue.ts';

const MAIL: Mail = { to: 'ann@example.com', subject: 'A second factor was added', text: 'It was.' };
const HOUR_MS = 3_600_000;
/** Holds a mail for a moment only: any change takes longer. */
const SHORT: MailQueuePace = { deadlineMs: 20 };
const silent: Audit = () => undefined;

test('a notice that another process sent, as the change took so long, is not sent again', async () => {
  const outbox = newOutbox();
  const slow = newQueue(outbox, { ...SHORT, pollMs: HOUR_MS });
  const kept = slow.queue.sealNotice(MAIL);
  await slow.queue.storeAhead(kept);
  const other = newQueue(outbox, { pollMs: 5 });
  await until('the other process sends it', () => other.sent.length === 1);
  slow.queue.tell(silent, kept);
  await slow.queue.settled();
  assert.deepEqual([slow.sent, other.sent, await outbox.count()], [[], [MAIL], 0]);
  await Promise.all([slow.queue.close(0), other.queue.close(0)]);
});

test('a change that takes long is told of by the process that makes it, once it is made, and once', async () => {
  const outbox = newOutbox();
  const claim = outbox.claim.bind(outbox);
  let claims = 0;
  outbox.claim = async (...given) => {
    if (claims >= 2) return [];
    const claimed = await claim(...given);
    claims += claimed.length;
    return claimed;
  };
  const { queue, sent } = newQueue(outbox, { ...SHORT, pollMs: 5 });
  const kept = queue.sealNotice(MAIL);
  await queue.storeAhead(kept);
  await until('it was found that nobody holds it', () => claims >= 2);
  assert.deepEqual(sent, []);
  queue.tell(silent, kept);
  await queue.settled();
  assert.deepEqual([sent, await outbox.count()], [[MAIL], 0]);
  await queue.close(0);
});

test('notices that wait for their turn as the process ends are free for the next one at once', async () => {
  const outbox = newOutbox();
  const { queue } = newQueue(outbox, { pollMs: HOUR_MS }, true);
  for (let notice = 0; notice < 4; notice += 1) {
    const kept = queue.sealNotice({ ...MAIL, to: `${notice}@example.com` });
    await queue.store(kept);
    queue.tell(silent, kept);
  }
  await queue.close(0);
  assert.equal((await outbox.claim(Date.now(), Date.now() + HOUR_MS, 9)).length, 4);
});

test('a change that is made while the process closes is told of by the next one, and one that is refused by none', async () => {
  const outbox = newOutbox();
  const { queue, sent } = newQueue(outbox, { pollMs: HOUR_MS });
  const [made, refused] = [queue.sealNotice(MAIL), queue.sealNotice(MAIL)];
  await queue.storeAhead(made);
  await queue.storeAhead(refused);
  await queue.close(0);
  // Whoever makes them has not said yet what became of them.
  assert.deepEqual(await outbox.claim(Date.now(), Date.now() + 1, 9), []);
  queue.tell(silent, made);
  await queue.drop(refused);
  const next = newQueue(outbox, { pollMs: 5 });
  await until('it is sent', () => next.sent.length > 0);
  await until('nothing waits', async () => (await outbox.count()) === 0);
  await next.queue.close(0);
  assert.deepEqual([sent, next.sent], [[], [MAIL]]);
});

test('where the notice cannot be stored, the change is not tried', async () => {
  const state = memory();
  const site = new FakeAccounts({}, state);
  const { person, account } = await site.member();
  await site.accounts.settled();
  const outbox = state.accounts?.outbox ?? assert.fail('the memory keeps accounts');
  outbox.put = () => {
    throw new StoreDownError('gone', false);
  };
  const record = (await state.accounts?.find(account.id)) ?? assert.fail('it is there');
  const removing = person.visit((visit) =>
    site.accounts.removeFactor(visit, record, 'passkey', () => assert.fail('not to be removed')),
  );
  await assert.rejects(removing, hasCode('ERR_BULWARK_STORE_DOWN'));
});

function newOutbox(): OutboxStore {
  return memory().accounts?.outbox ?? assert.fail('the memory keeps accounts');
}

interface Opened {
  readonly queue: MailQueue;
  readonly sent: Mail[];
}

/** A queue of one process, on a store that is there after it. @param hangs - whether its mail server takes for ever */
function newQueue(outbox: OutboxStore, pace: MailQueuePace, hangs = false): Opened {
  const sent: Mail[] = [];
  const send = async (mail: Mail): Promise<void> => {
    if (hangs) await new Promise(() => undefined);
    sent.push(mail);
  };
  const place = { outbox, keys: new KeyRing([Buffer.alloc(32, 1)]), lasts: true };
  return { queue: new MailQueue({ send }, silent, place, pace), sent };
}
