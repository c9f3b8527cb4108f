import assert from 'node:assert/strict';
import { ACT, accountTest, HALVES, MANY, sketchAccount, sketchActRequest, TTL, WHOLE } from './accounts.ts';
import { HOSTILE_TEXTS, NOW, type OpenState, refusesToStore } from './support.ts';

/** Registers what holds of acts that wait for the word of a second operator. */
export function actRequestConformance(open: OpenState): void {
  accountTest(open, 'keeps a request of an operator until its end', async ({ actRequests }) => {
    const request = sketchActRequest('a');
    assert.ok(await actRequests.ask(request, NOW));
    assert.deepEqual(await actRequests.find(ACT, 'a', NOW + TTL - 1), request);
    assert.equal(await actRequests.find(ACT, 'a', NOW + TTL), undefined);
    assert.deepEqual(await actRequests.about(ACT, request.account, NOW + TTL - 1), request);
    assert.equal(await actRequests.about(ACT, request.account, NOW + TTL), undefined);
    assert.equal(await actRequests.about(ACT, 'bob', NOW), undefined);
    assert.equal(await actRequests.take(ACT, 'a', 'bob', NOW + TTL), undefined);
    assert.deepEqual(await actRequests.list(ACT, undefined, MANY, NOW + TTL), []);
    assert.equal(await actRequests.find(ACT, 'b', NOW), undefined);
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
    assert.equal(await actRequests.find(ACT, 'a', NOW), undefined);
    assert.deepEqual(await actRequests.find(ACT, 'f', NOW + TTL), later);
  });

  accountTest(
    open,
    'v5.0.0-2.3.5 (in part) nobody confirms what they asked for themselves, and a request is used once',
    async ({ actRequests }) => {
      await actRequests.ask(sketchActRequest('a'), NOW);
      assert.equal(await actRequests.take(ACT, 'a', 'an operator', NOW), undefined);
      assert.deepEqual(await actRequests.find(ACT, 'a', NOW), sketchActRequest('a'));
      const takes = ['bob', 'ann', 'bob'].map(async (by) => actRequests.take(ACT, 'a', by, NOW));
      const got = (await Promise.all(takes)).filter((one) => one !== undefined);
      assert.deepEqual(got, [sketchActRequest('a')]);
      assert.equal(await actRequests.find(ACT, 'a', NOW), undefined);
      assert.ok(!(await actRequests.remove(ACT, 'a')));
      assert.ok(await actRequests.ask(sketchActRequest('b'), NOW));
      assert.ok(await actRequests.remove(ACT, 'b'));
      assert.equal(await actRequests.take(ACT, 'b', 'bob', NOW), undefined);
    },
  );

  accountTest(open, 'lists what waits, a few at a time', async (accounts) => {
    const { actRequests } = accounts;
    for (const id of ['c', 'a', 'e', 'b', 'd']) {
      await accounts.create(sketchAccount(`about ${id}`));
      const request = { account: `about ${id}`, ...(id === 'b' && { expiresAt: NOW }) };
      await actRequests.ask(sketchActRequest(id, request), NOW);
    }
    // Those of another act fill no page.
    for (const id of ['aa', 'cc', 'dd']) {
      await actRequests.ask(sketchActRequest(id, { act: 'another', account: `about ${id.charAt(0)}` }), NOW);
    }
    const page = async (after: string | undefined): Promise<string[]> =>
      (await actRequests.list(ACT, after, 2, NOW)).map(({ id }) => id);
    assert.deepEqual(await page(undefined), ['a', 'c']);
    assert.deepEqual(await page('c'), ['d', 'e']);
    assert.deepEqual(await page('e'), []);
    assert.equal(await accounts.sweep(NOW), 1);
    assert.equal(await accounts.sweep(NOW), 0);
    assert.deepEqual(await page(undefined), ['a', 'c']);
  });

  accountTest(open, 'what is of another act is not there', async ({ actRequests }) => {
    await actRequests.ask(sketchActRequest('a'), NOW);
    assert.equal(await actRequests.find('another', 'a', NOW), undefined);
    assert.equal(await actRequests.about('another', sketchActRequest('a').account, NOW), undefined);
    assert.equal(await actRequests.take('another', 'a', 'bob', NOW), undefined);
    assert.ok(!(await actRequests.remove('another', 'a')));
    assert.deepEqual(await actRequests.list('another', undefined, MANY, NOW), []);
    assert.ok(!(await actRequests.replace('a', NOW, sketchActRequest('b', { act: 'another' }), NOW)));
    assert.ok(!(await actRequests.replace('a', NOW, sketchActRequest('b', { account: 'bob' }), NOW)));
    assert.deepEqual(await actRequests.list(ACT, undefined, MANY, NOW), [sketchActRequest('a')]);
  });

  accountTest(open, 'one gives way to another in one step, once', async ({ actRequests }) => {
    await actRequests.ask(sketchActRequest('a'), NOW);
    const next = sketchActRequest('b', { askedBy: 'another', reason: 'begun', expiresAt: NOW + 2 * TTL });
    assert.ok(!(await actRequests.replace('a', NOW, next, NOW + TTL)), 'it is past its end');
    assert.ok(!(await actRequests.replace('c', NOW, next, NOW)));
    assert.ok(!(await actRequests.replace('a', NOW - 1, next, NOW)), 'it was asked for anew');
    const both = await Promise.all([1, 2].map(async () => actRequests.replace('a', NOW, next, NOW)));
    assert.deepEqual(both.toSorted(), [false, true]);
    assert.ok(!(await actRequests.remove(ACT, 'a')));
    assert.deepEqual(await actRequests.list(ACT, undefined, MANY, NOW), [next]);
    assert.deepEqual(await actRequests.about(ACT, next.account, NOW), next);
    assert.ok(!(await actRequests.ask(sketchActRequest('a'), NOW)), 'it waits in its place');
  });

  accountTest(open, 'gives hostile texts of requests back unchanged', async (accounts) => {
    const { actRequests } = accounts;
    for (const text of [...HOSTILE_TEXTS, WHOLE]) {
      await accounts.create(sketchAccount(text));
      const request = sketchActRequest(text, { act: text, account: text, askedBy: text, reason: text });
      assert.ok(await actRequests.ask(request, NOW));
      assert.equal(await actRequests.take(text, text, text, NOW), undefined);
      assert.ok(await actRequests.replace(text, NOW, request, NOW));
      assert.deepEqual(await actRequests.find(text, text, NOW), request);
      assert.deepEqual(await actRequests.about(text, text, NOW), request);
      assert.deepEqual(await actRequests.take(text, text, 'bob', NOW), request);
    }
    for (const half of HALVES) {
      assert.equal(await actRequests.find(ACT, half, NOW), undefined);
      assert.equal(await actRequests.about(ACT, half, NOW), undefined);
      assert.equal(await actRequests.take(ACT, WHOLE, half, NOW), undefined);
      assert.ok(!(await actRequests.remove(ACT, half)));
      assert.deepEqual(await actRequests.list(ACT, half, MANY, NOW), []);
      assert.ok(!(await actRequests.replace(half, NOW, sketchActRequest('z'), NOW)));
      for (const changes of [{ account: half }, { askedBy: half }, { reason: half }, { act: half }]) {
        await refusesToStore(() => actRequests.ask(sketchActRequest('z', changes), NOW));
        await refusesToStore(() => actRequests.replace('a', NOW, sketchActRequest('z', changes), NOW));
      }
    }
  });
}
