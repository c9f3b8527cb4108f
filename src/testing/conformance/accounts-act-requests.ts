import assert from 'node:assert/strict';
import { accountTest, HALVES, MANY, sketchAccount, sketchActRequest, TTL, WHOLE } from './accounts.ts';
import { HOSTILE_TEXTS, NOW, type OpenState, refusesToStore } from './support.ts';

/** Registers what holds of acts that wait for the word of a second operator. */
export function actRequestConformance(open: OpenState): void {
  accountTest(open, 'keeps a request of an operator until its end', async ({ actRequests }) => {
    const request = sketchActRequest('a');
    assert.ok(await actRequests.ask(request, NOW));
    assert.deepEqual(await actRequests.find('a', NOW + TTL - 1), request);
    assert.equal(await actRequests.find('a', NOW + TTL), undefined);
    assert.equal(await actRequests.take('a', 'bob', NOW + TTL), undefined);
    assert.deepEqual(await actRequests.list(undefined, MANY, NOW + TTL), []);
    assert.equal(await actRequests.find('b', NOW), undefined);
  });

  accountTest(open, 'one act waits once for an account that is there', async ({ actRequests }) => {
    assert.ok(await actRequests.ask(sketchActRequest('a'), NOW));
    assert.ok(!(await actRequests.ask(sketchActRequest('b', { askedBy: 'another' }), NOW + TTL - 1)));
    assert.ok(await actRequests.ask(sketchActRequest('c', { act: 'another' }), NOW));
    assert.ok(await actRequests.ask(sketchActRequest('d', { account: 'bob' }), NOW));
    assert.ok(!(await actRequests.ask(sketchActRequest('e', { account: 'nobody' }), NOW)));
    // Past its end it gives way, and nothing of it is left.
    const later = sketchActRequest('f', { askedBy: 'another', reason: 'again', expiresAt: NOW + 2 * TTL });
    assert.ok(await actRequests.ask(later, NOW + TTL));
    assert.equal(await actRequests.find('a', NOW), undefined);
    assert.deepEqual(await actRequests.find('f', NOW + TTL), later);
  });

  accountTest(
    open,
    'v5.0.0-2.3.5 (in part) nobody confirms what they asked for themselves, and a request is used once',
    async ({ actRequests }) => {
      await actRequests.ask(sketchActRequest('a'), NOW);
      assert.equal(await actRequests.take('a', 'an operator', NOW), undefined);
      assert.deepEqual(await actRequests.find('a', NOW), sketchActRequest('a'));
      const takes = ['bob', 'ann', 'bob'].map(async (by) => actRequests.take('a', by, NOW));
      const got = (await Promise.all(takes)).filter((one) => one !== undefined);
      assert.deepEqual(got, [sketchActRequest('a')]);
      assert.equal(await actRequests.find('a', NOW), undefined);
      assert.ok(!(await actRequests.remove('a')));
      assert.ok(await actRequests.ask(sketchActRequest('b'), NOW));
      assert.ok(await actRequests.remove('b'));
      assert.equal(await actRequests.take('b', 'bob', NOW), undefined);
    },
  );

  accountTest(open, 'lists what waits, a few at a time', async (accounts) => {
    const { actRequests } = accounts;
    for (const id of ['c', 'a', 'e', 'b', 'd'])
      await actRequests.ask(
        sketchActRequest(id, { act: `act ${id}`, ...(id === 'b' && { expiresAt: NOW }) }),
        NOW,
      );
    const page = async (after: string | undefined): Promise<string[]> =>
      (await actRequests.list(after, 2, NOW)).map(({ id }) => id);
    assert.deepEqual(await page(undefined), ['a', 'c']);
    assert.deepEqual(await page('c'), ['d', 'e']);
    assert.deepEqual(await page('e'), []);
    assert.equal(await accounts.sweep(NOW), 1);
    assert.equal(await accounts.sweep(NOW), 0);
    assert.deepEqual(await page(undefined), ['a', 'c']);
  });

  accountTest(open, 'gives hostile texts of requests back unchanged', async (accounts) => {
    const { actRequests } = accounts;
    for (const text of [...HOSTILE_TEXTS, WHOLE]) {
      await accounts.create(sketchAccount(text));
      const request = sketchActRequest(text, { act: text, account: text, askedBy: text, reason: text });
      assert.ok(await actRequests.ask(request, NOW));
      assert.equal(await actRequests.take(text, text, NOW), undefined);
      assert.deepEqual(await actRequests.find(text, NOW), request);
      assert.deepEqual(await actRequests.take(text, 'bob', NOW), request);
    }
    for (const half of HALVES) {
      assert.equal(await actRequests.find(half, NOW), undefined);
      assert.equal(await actRequests.take(WHOLE, half, NOW), undefined);
      assert.ok(!(await actRequests.remove(half)));
      assert.deepEqual(await actRequests.list(half, MANY, NOW), []);
      for (const changes of [{ account: half }, { askedBy: half }, { reason: half }, { act: half }]) {
        await refusesToStore(() => actRequests.ask(sketchActRequest('z', changes), NOW));
      }
    }
  });
}
