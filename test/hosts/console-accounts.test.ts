/** What operators do to accounts by the console, on every host: found, disabled, signed out, and reset by two of them. */
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { memory } from '../../src/stores/memory/state.ts';
import type { AccountStore } from '../../src/stores/ports/accounts.ts';
import type { FactorStore } from '../../src/stores/ports/factors.ts';
import { sketchAccount } from '../../src/testing/conformance/accounts.ts';
import { ask, type RawAnswer, sessionCookieOf, valueOf } from '../../src/testing/wire.ts';
import { CONSOLE_HOSTS } from './console-hosts.ts';
import type { Running } from './hosts.ts';

const OWN = { 'sec-fetch-site': 'same-origin' };
const EVIL = '<img src=x onerror=alert(1)>\u001b[2J';
const FORM = { 'content-type': 'application/x-www-form-urlencoded', accept: 'text/html' };

for (const [name, start] of Object.entries(CONSOLE_HOSTS)) {
  describe(`accounts in the console on ${name}`, () => {
    const state = memory();
    const accounts = state.accounts as AccountStore;
    const factors = state.factors as FactorStore;
    const mails: { readonly to: string; readonly subject: string }[] = [];
    let running: Running;
    const cookies = new Map<string, string>();

    const get = async (who: string, target: string): Promise<RawAnswer> => {
      const headers = { ...OWN, accept: 'text/html', cookie: cookies.get(who) ?? '' };
      const answer = await ask(running.port, { target: `/admin${target}`, headers });
      return { ...answer, body: answer.body.replaceAll(/\s+/g, ' ') };
    };
    /** By the form of a page, as a browser sends it. */
    const post = async (
      who: string,
      page: string,
      target: string,
      fields: Readonly<Record<string, string>>,
      site = 'same-origin',
    ): Promise<RawAnswer> => {
      const { body } = await get(who, page);
      const token = /name="_csrf" value="([^"]+)"/.exec(body)?.[1] ?? assert.fail(body);
      return await ask(running.port, {
        method: 'POST',
        target: `/admin${target}`,
        headers: { ...FORM, 'sec-fetch-site': site, cookie: cookies.get(who) ?? '' },
        body: new URLSearchParams({ _csrf: token, ...fields }).toString(),
      });
    };
    const act = (
      who: string,
      id: string,
      what: string,
      more: object = {},
      site?: string,
    ): Promise<RawAnswer> =>
      post(who, `/accounts/act?id=${id}&act=${what}`, '/accounts/act', { id, act: what, ...more }, site);

    before(async () => {
      running = await start({
        state,
        environment: 'development',
        accounts: {
          name: 'Example',
          mail: { send: (mail) => Promise.resolve(void mails.push(mail)) },
        },
      });
      for (const id of ['one', 'two']) await accounts.create(sketchAccount(id, { roles: ['operator'] }));
      for (const id of ['ann', 'former', 'zoe']) await accounts.create(sketchAccount(id));
      for (const id of ['one', 'two', 'former', 'ann']) {
        const target = `/enter?account=${id}&mfa=1${id === 'ann' ? '' : '&role=operator'}`;
        const answer = await ask(running.port, { method: 'POST', target, headers: OWN });
        cookies.set(id, sessionCookieOf(answer) ?? assert.fail(`${answer.status} ${answer.body}`));
      }
    });
    after(() => running.stop());

    test('finds accounts, and shows one with what strangers wrote as text', async () => {
      const found = await get('one', '/accounts?begins=z');
      assert.match(found.body, /1 account, by address[^]*href="\/admin\/accounts\/one\?id=zoe"/);
      assert.doesNotMatch(found.body, /id=ann/);
      const line = { account: 'zoe', at: Date.now(), event: 'signed-in', detail: EVIL, address: EVIL };
      await accounts.activity.add({ ...line, userAgent: EVIL }, 9);
      const wish = { act: 'delete-account', account: 'zoe', askedBy: 'zoe', askedAt: 1, expiresAt: 9e15 };
      const id = 'delete-account/zoe';
      await accounts.actRequests.ask({ ...wish, id, reason: String(Date.UTC(2030, 0, 2)) }, 1);
      const { status, body } = await get('one', '/accounts/one?id=zoe');
      assert.match(body, /to be removed<\/span> on <time datetime="2030-01-02T/);
      await accounts.actRequests.remove('delete-account', id);
      assert.equal(status, 200);
      assert.match(body, /<h1>zoe@Example\.com<\/h1>[^]*&lt;img src=x[^]*\\u\{1b\}\[2J/);
      assert.doesNotMatch(body, /<img|\u001b|\sstyle="|hash of zoe/);
      assert.equal((await get('one', '/accounts/one?id=nobody')).status, 404);
      assert.ok([302, 303, 401, 403].includes((await get('ann', '/accounts')).status));
      await get('one', '/accounts?begins=zoe%40example.com&state=active&role=a%40b');
      const looked = running.events.filter(({ event }) => event === 'sensitive_read');
      assert.ok(looked.some(({ details }) => details?.['account'] === 'zoe'));
      // What may name a person is left out of a log that seals what is about them: it stands by itself.
      const searched = looked.at(-1)?.details;
      assert.equal(searched?.['about'], 'state=active');
      assert.equal(searched?.['typed'], 'begins=zoe@example.com role=a@b');
      // Also who looks at all of them, and at what waits.
      await get('one', '/accounts');
      await get('one', '/accounts/requests');
      const all = running.events.filter(({ event }) => event === 'sensitive_read').slice(looked.length);
      assert.deepEqual(
        all.map(({ details }) => details?.['what']),
        ['accounts', 'resets'],
      );
    });

    test('says what happens before it does, disables by a form of this site alone, and says that it did', async () => {
      const asked = await get('one', '/accounts/act?id=ann&act=disable');
      assert.match(asked.body, /What happens[^]*Nobody signs in to it any more/);
      assert.equal((await accounts.find('ann'))?.disabledAt, undefined);
      assert.equal((await act('one', 'ann', 'disable', {}, 'cross-site')).status, 403);
      assert.equal((await accounts.find('ann'))?.disabledAt, undefined);
      const done = await act('one', 'ann', 'disable');
      const at = '/admin/accounts/one?id=ann&done=disable';
      assert.deepEqual([done.status, valueOf(done, 'location')], [303, at]);
      assert.notEqual((await accounts.find('ann'))?.disabledAt, undefined);
      assert.equal((await state.sessions.list('ann', Date.now())).length, 0);
      const page = await get('one', at.slice('/admin'.length));
      assert.match(page.body, /role="status" class="card">It is disabled\./);
      assert.match(
        page.body,
        /What operators did to it[^]*<div><a href="\/admin\/story\?account=one">one<\/a><\/div><\/td> ?<td data-label="[^"]*"><div>disable<\/div>/,
      );
      for (const done of ['__proto__', 'constructor', 'toString']) {
        const odd = await get('one', `/accounts/one?id=ann&done=${done}`);
        assert.deepEqual(
          [odd.status, /native code|\[object|class="card">/.test(odd.body)],
          [200, false],
          done,
        );
      }
      const again = await act('one', 'ann', 'disable');
      assert.equal(again.status, 409);
      assert.match(again.body, /role="alert"[^]*it is so already/);
      assert.equal((await act('one', 'ann', 'enable')).status, 303);
    });

    test('a session that kept the role of an account which lost it sees the pages, and changes nothing', async () => {
      const refused = await act('former', 'zoe', 'disable');
      assert.equal(refused.status, 409);
      assert.match(refused.body, /not the role of operators/);
      assert.equal((await accounts.find('zoe'))?.disabledAt, undefined);
      assert.equal((await act('one', 'one', 'disable')).status, 409);
    });

    test('v5.0.0-7.5.3 (in part) whose second factor was proved an hour ago proves it anew, and comes back to what they were at', async () => {
      const target = '/enter?account=two&mfa=1&role=operator&late=1';
      const entered = await ask(running.port, { method: 'POST', target, headers: OWN });
      cookies.set('late', sessionCookieOf(entered) ?? assert.fail());
      const led = await act('late', 'zoe', 'disable');
      const next = encodeURIComponent('/admin/accounts/act?id=zoe&act=disable');
      // The gateway has its pages below a place of their own.
      const location = valueOf(led, 'location')?.replace(/^\/-/, '');
      assert.deepEqual([led.status, location], [303, `/login/again?next=${next}&need=mfa`]);
      assert.equal((await accounts.find('zoe'))?.disabledAt, undefined);
    });

    test('v5.0.0-2.3.5 (in part) a reset is asked for by one operator and confirmed by another', async () => {
      await factors.recoveryCodes.replace('zoe', ['hash of a code'], Date.now());
      assert.equal((await act('one', 'zoe', 'ask-reset-factors')).status, 409);
      const asked = await act('one', 'zoe', 'ask-reset-factors', { reason: EVIL });
      assert.equal(asked.status, 303, asked.body);
      assert.match((await get('two', '/accounts')).body, /1 reset waits for a second operator/);
      const list = await get('two', '/accounts/requests');
      assert.match(list.body, /zoe@Example\.com[^]*one@Example\.com[^]*&lt;img src=x/);
      const path =
        /href="\/admin(\/accounts\/request\?request=[^"]+)"/.exec(list.body)?.[1] ?? assert.fail(list.body);
      const request = new URLSearchParams(path.split('?')[1]).get('request') ?? '';
      const confirm = (who: string): Promise<RawAnswer> =>
        post(who, path, '/accounts/request', { request, word: 'confirm' });
      assert.doesNotMatch((await get('one', path)).body, /Confirm the reset/);
      const own = await confirm('one');
      assert.equal(own.status, 409);
      assert.match(own.body, /another operator has to confirm/);
      assert.equal(await factors.recoveryCodes.count('zoe'), 1);
      const done = await confirm('two');
      assert.deepEqual(
        [done.status, valueOf(done, 'location')],
        [303, '/admin/accounts/one?id=zoe&done=reset-factors'],
      );
      assert.equal(await factors.recoveryCodes.count('zoe'), 0);
      assert.equal((await get('two', path)).status, 404);
      const told = running.events.find(
        ({ details }) => details?.['act'] === 'reset-factors' && !details['refused'],
      );
      assert.deepEqual([told?.account, told?.details?.['askedBy']], ['two', 'one']);
      assert.ok(
        mails.some(({ to, subject }) => to === 'zoe@Example.com' && subject.includes('were removed')),
      );
    });
  });
}

test('who acts is who has the role of the console, whatever it is called', async () => {
  const start = CONSOLE_HOSTS['node:http'] ?? assert.fail();
  const state = memory();
  const accounts = state.accounts as AccountStore;
  for (const id of ['admin', 'operator']) await accounts.create(sketchAccount(id, { roles: [id] }));
  await accounts.create(sketchAccount('ann'));
  const running = await start({
    state,
    environment: 'development',
    accounts: {},
    console: { base: '/admin', role: 'admin', index: ':memory:' },
  });
  try {
    const disable = async (account: string): Promise<number> => {
      const entered = await ask(running.port, {
        method: 'POST',
        target: `/enter?account=${account}&mfa=1&role=admin`,
        headers: OWN,
      });
      const cookie = sessionCookieOf(entered) ?? assert.fail();
      const target = '/admin/accounts/act';
      const page = await ask(running.port, {
        target: `${target}?id=ann&act=disable`,
        headers: { ...OWN, cookie },
      });
      const token = /name="_csrf"\s+value="([^"]+)"/.exec(page.body)?.[1] ?? assert.fail(page.body);
      const body = new URLSearchParams({ _csrf: token, id: 'ann', act: 'disable' }).toString();
      return (await ask(running.port, { method: 'POST', target, headers: { ...OWN, ...FORM, cookie }, body }))
        .status;
    };
    assert.deepEqual([await disable('operator'), await disable('admin')], [409, 303]);
  } finally {
    await running.stop();
  }
});
