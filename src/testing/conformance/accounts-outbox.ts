import assert from 'node:assert/strict';
import type { OutboxRecord } from '../../stores/ports/mail.ts';
import { accountTest, sketchMailToken, TTL } from './accounts.ts';
import { countTrue, HOSTILE_TEXTS, NOW, type OpenState, refusesToStore } from './support.ts';

const LEASE = 60_000;
const UNTIL = NOW + LEASE;

/** A mail that somebody sends just now, unless a test says otherwise. */
export function sketchOutboxMail(id: string, changes: Partial<OutboxRecord> = {}): OutboxRecord {
  return { id, sealed: `sealed ${id}`, heldUntil: UNTIL, tries: 1, expiresAt: NOW + TTL, ...changes };
}

/** Registers what holds of mails that wait to be sent. */
export function outboxConformance(open: OpenState): void {
  accountTest(open, 'gives a mail to nobody else while it is held', async ({ outbox }) => {
    await outbox.put(sketchOutboxMail('m'));
    assert.deepEqual(await outbox.claim(NOW, UNTIL, 9), []);
    assert.deepEqual(await outbox.claim(UNTIL - 1, UNTIL + LEASE, 9), []);
    const claimed = await outbox.claim(UNTIL, UNTIL + LEASE, 9);
    assert.deepEqual(claimed, [sketchOutboxMail('m', { heldUntil: UNTIL + LEASE, tries: 2 })]);
    assert.deepEqual(await outbox.claim(UNTIL, UNTIL + LEASE, 9), []);
    assert.equal(await outbox.count(), 1);
  });

  accountTest(
    open,
    'gives mails out in the order in which they came, no more than asked for',
    async (accounts) => {
      const { outbox } = accounts;
      const ids = ['m9', 'm1', 'm5', 'm0'];
      for (const id of ids) await outbox.put(sketchOutboxMail(id, { heldUntil: NOW }));
      const idsOf = async (limit: number): Promise<string[]> =>
        (await outbox.claim(NOW, UNTIL, limit)).map(({ id }) => id).toSorted();
      assert.deepEqual(await idsOf(2), ['m1', 'm9']);
      assert.deepEqual(await idsOf(9), ['m0', 'm5']);
      assert.deepEqual(await idsOf(9), []);
    },
  );

  accountTest(open, 'of several that claim at once each gets other mails', async ({ outbox }) => {
    for (let mail = 0; mail < 20; mail += 1)
      await outbox.put(sketchOutboxMail(`m${mail}`, { heldUntil: NOW }));
    const shares = await Promise.all(Array.from({ length: 8 }, async () => outbox.claim(NOW, UNTIL, 5)));
    const ids = shares.flat().map(({ id }) => id);
    assert.equal(new Set(ids).size, ids.length);
    const rest = await outbox.claim(NOW, UNTIL, 99);
    assert.equal(ids.length + rest.length, 20);
  });

  accountTest(open, 'of several that hold one mail at once exactly one has it', async ({ outbox }) => {
    await outbox.put(sketchOutboxMail('m'));
    const held = Array.from({ length: 6 }, async (_, index) =>
      outbox.hold('m', UNTIL, UNTIL + 1 + index, index + 2),
    );
    assert.equal(await countTrue(held), 1);
    assert.ok(!(await outbox.hold('m', UNTIL, UNTIL + 99, 9)));
    assert.ok(!(await outbox.hold('none', UNTIL, UNTIL + 99, 9)));
  });

  accountTest(
    open,
    'a mail that is let go of is there for the next one, with its tries',
    async ({ outbox }) => {
      await outbox.put(sketchOutboxMail('m'));
      assert.ok(await outbox.hold('m', UNTIL, 0, 1));
      assert.deepEqual(await outbox.claim(NOW, UNTIL, 9), [sketchOutboxMail('m', { tries: 2 })]);
    },
  );

  accountTest(open, 'forgets a mail that was sent, once', async ({ outbox }) => {
    await outbox.put(sketchOutboxMail('m', { heldUntil: NOW }));
    await outbox.put(sketchOutboxMail('other', { heldUntil: NOW }));
    assert.ok(await outbox.remove('m'));
    assert.ok(!(await outbox.remove('m')));
    assert.equal(await outbox.count(), 1);
    assert.deepEqual((await outbox.claim(NOW, UNTIL, 9)).length, 1);
  });

  accountTest(open, 'keeps a mail and the change of an account it tells of, or neither', async (accounts) => {
    const { outbox } = accounts;
    assert.equal(await accounts.change('ann', 9, { roles: ['x'] }, sketchOutboxMail('stale')), 'stale');
    const taken = { emailKey: 'bob@example.com' };
    assert.equal(await accounts.change('ann', 1, taken, sketchOutboxMail('taken')), 'taken');
    assert.equal(await accounts.change('none', 1, {}, sketchOutboxMail('none')), 'stale');
    assert.equal(await outbox.count(), 0);
    assert.equal(await accounts.change('ann', 1, { roles: ['x'] }, sketchOutboxMail('m')), 'changed');
    assert.equal(await accounts.change('ann', 2, { roles: ['y'] }), 'changed');
    assert.deepEqual(await outbox.claim(UNTIL, UNTIL + 1, 9), [
      sketchOutboxMail('m', { heldUntil: UNTIL + 1, tries: 2 }),
    ]);
  });

  accountTest(open, 'keeps a mail and the link that is in it, or neither', async ({ mailTokens, outbox }) => {
    await mailTokens.put(sketchMailToken('t'), 9, sketchOutboxMail('m'));
    assert.equal((await mailTokens.find('t', 'reset', NOW))?.subject, 'ann');
    assert.equal(await outbox.count(), 1);
    await refusesToStore(async () => mailTokens.put(sketchMailToken('t'), 9, sketchOutboxMail('again')));
    assert.equal(await outbox.count(), 1);
    await refusesToStore(async () => mailTokens.put(sketchMailToken('u'), 9, sketchOutboxMail('m')));
    assert.equal(await mailTokens.find('u', 'reset', NOW), undefined);
  });

  accountTest(open, 'gives hostile texts of mails back unchanged', async ({ outbox }) => {
    for (const text of HOSTILE_TEXTS) {
      const mail = sketchOutboxMail(text, { sealed: text, heldUntil: NOW });
      await outbox.put(mail);
      assert.deepEqual(await outbox.claim(NOW, UNTIL, 9), [{ ...mail, heldUntil: UNTIL, tries: 2 }]);
    }
  });
}
