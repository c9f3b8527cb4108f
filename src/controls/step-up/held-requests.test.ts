import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { RequestSketch } from '../../../test/support/exchange.ts';
import { acrossNetwork, as, FakeBrowser, FakeSite, signedIn } from '../../../test/support/sessions.ts';
import { KeyRing } from '../../core/key-ring.ts';
import type { SessionHandle } from '../sessions/session-handle.ts';
import { memory } from '../../stores/memory/state.ts';
import { type HeldRequest, HeldRequests } from './held-requests.ts';

const MINUTE = 60_000;
const FORM = { 'content-type': 'application/x-www-form-urlencoded' };
const KEYS = new KeyRing([Buffer.alloc(32, 1)]);

const prove = async (its: SessionHandle): Promise<void> => its.renew({ signedIn: true });

/** Forms of one site, and what its log says of them. */
class Forms {
  readonly events: string[] = [];
  readonly requests: HeldRequests;

  constructor(keys = KEYS) {
    this.requests = new HeldRequests(keys, '_csrf', ({ name }) => void this.events.push(name));
  }

  /** What came of a form that a browser sent too early. */
  async hold(browser: FakeBrowser, body: string, sketch: RequestSketch = {}): Promise<string | undefined> {
    let id: string | undefined;
    const request = { method: 'POST', target: '/transfer?to=ada', body, ...sketch };
    const { error } = await browser.visit(
      async (session, exchange) => {
        const principal = exchange.session?.principal;
        assert.ok(principal !== undefined);
        id = await this.requests.hold(exchange, principal, session);
      },
      { ...request, headers: { ...FORM, ...sketch.headers } },
    );
    if (error instanceof Error) throw error;
    return id;
  }

  async held(browser: FakeBrowser, id: string | undefined): Promise<HeldRequest | undefined> {
    let held: HeldRequest | undefined;
    await browser.visit((session, exchange) => {
      held = this.requests.held(exchange, session, id);
    });
    return held;
  }

  async take(browser: FakeBrowser, id: string | undefined): Promise<HeldRequest | undefined> {
    let held: HeldRequest | undefined;
    await browser.visit(async (session, exchange) => {
      held = await this.requests.take(exchange, session, id);
    });
    return held;
  }
}

test('gives a form back whole after a proof, without its old token, as often as it is looked at', async () => {
  const [forms, browser] = [new Forms(), await signedIn(new FakeSite())];
  const id = await forms.hold(browser, '_csrf=old&amount=1+000&note=%E2%82%AC&amount=2');
  browser.site.now += MINUTE;
  await browser.visit(prove);
  const expected = {
    method: 'POST',
    target: '/transfer?to=ada',
    fields: [
      ['amount', '1 000'],
      ['note', '\u20ac'],
      ['amount', '2'],
    ],
  };
  assert.deepEqual(await forms.held(browser, id), expected);
  assert.deepEqual(await forms.held(browser, id), expected);
  assert.deepEqual(await forms.take(browser, id), expected);
  assert.equal(await forms.take(browser, id), undefined);
  assert.equal(await forms.held(browser, id), undefined);
});

test('gives nothing to who sits down at the screen and proves nothing, and keeps it for who does', async () => {
  const [forms, browser] = [new Forms(), await signedIn(new FakeSite())];
  const id = await forms.hold(browser, 'secret=x');
  browser.site.now += MINUTE;
  await browser.visit(async (its) => its.renew({ roles: ['reader'] }));
  await browser.visit(async (its) => its.renew({ mfa: false }));
  assert.equal(await forms.held(browser, id), undefined);
  assert.equal(await forms.take(browser, id), undefined);
  await browser.visit(async (its) => its.renew({ mfa: true }));
  assert.equal((await forms.take(browser, id))?.fields[0]?.[1], 'x');
});

test('a proof at a clock that is behind is one', async () => {
  for (const proof of [{ mfa: true }, { signedIn: true }] as const) {
    const [forms, browser] = [new Forms(), await signedIn(new FakeSite())];
    const id = await forms.hold(browser, 'a=1');
    browser.site.now -= 1000;
    await browser.visit(async (its) => its.renew(proof));
    assert.ok((await forms.held(browser, id)) !== undefined);
  }
});

test('forgets a form after ten minutes, at the exact boundary', async () => {
  const [forms, browser] = [new Forms(), await signedIn(new FakeSite())];
  const id = await forms.hold(browser, 'a=1');
  browser.site.now += 10 * MINUTE - 1;
  await browser.visit(prove);
  assert.ok((await forms.held(browser, id)) !== undefined);
  browser.site.now += 1;
  assert.equal(await forms.held(browser, id), undefined);
  assert.equal(await forms.take(browser, id), undefined);
});

test('each of the tabs of a browser gets its own form back, and only once', async () => {
  for (const store of [memory().sessions, acrossNetwork(memory().sessions)]) {
    const [forms, browser] = [new Forms(), await signedIn(new FakeSite(store))];
    const ids = await Promise.all(['a=1', 'a=2', 'a=3'].map(async (body) => forms.hold(browser, body)));
    browser.site.now += MINUTE;
    await browser.visit(prove);
    for (const [index, id] of ids.entries()) {
      assert.deepEqual((await forms.take(browser, id))?.fields, [['a', `${index + 1}`]]);
      assert.equal(await forms.take(browser, id), undefined);
    }
  }
});

test('two large forms have room beside each other; a third takes the place of the first', async () => {
  const [forms, browser] = [new Forms(), await signedIn(new FakeSite())];
  await browser.visit(async (its) => its.set('cart', 'x'.repeat(60 * 1024)));
  const large = `a=${'x'.repeat(60_000)}`;
  const ids = [];
  for (let index = 0; index < 3; index += 1) ids.push(await forms.hold(browser, large));
  browser.site.now += MINUTE;
  await browser.visit(prove);
  const found = await Promise.all(ids.map(async (id) => (await forms.held(browser, id)) !== undefined));
  assert.deepEqual(found, [false, true, true]);
});

test('the fourth form takes the place of the oldest, whose page offers none then', async () => {
  const [forms, browser] = [new Forms(), await signedIn(new FakeSite())];
  const first = await forms.hold(browser, 'a=0');
  for (const body of ['a=1', 'a=3']) await forms.hold(browser, body);
  const second = await forms.hold(browser, 'a=2');
  browser.site.now += MINUTE;
  await browser.visit(prove);
  for (const id of [first, undefined, '', 'made up']) assert.equal(await forms.take(browser, id), undefined);
  assert.deepEqual((await forms.take(browser, second))?.fields, [['a', '2']]);
});

test('lets exactly one of ten simultaneous pages take a form', async () => {
  for (const store of [memory().sessions, acrossNetwork(memory().sessions)]) {
    const [forms, browser] = [new Forms(), await signedIn(new FakeSite(store))];
    const id = await forms.hold(browser, 'a=1');
    browser.site.now += MINUTE;
    await browser.visit(prove);
    const takes = await Promise.all(Array.from({ length: 10 }, async () => forms.take(browser, id)));
    assert.equal(takes.filter((one) => one !== undefined).length, 1);
  }
});

test('goes along to the next id of the session, and with a sign-in to the same account alone', async () => {
  const site = new FakeSite();
  const [forms, browser] = [new Forms(), await signedIn(site)];
  const id = await forms.hold(browser, 'a=1');
  site.now += MINUTE;
  await browser.visit(as('ann'));
  assert.ok((await forms.held(browser, id)) !== undefined);
  await browser.visit(as('bob'));
  assert.equal(await forms.held(browser, id), undefined);
  await browser.visit(as('ann'));
  assert.equal(await forms.held(browser, id), undefined);
  const other = await signedIn(site);
  assert.equal(await forms.held(other, id), undefined);
});

test('lies in no store in clear, and opens for no other account that is given its bytes', async () => {
  const site = new FakeSite();
  const [forms, ann, bob] = [new Forms(), await signedIn(site), await signedIn(site, 'bob')];
  const id = await forms.hold(ann, 'password=hunter2');
  const [stored] = await site.store.list('ann', site.now);
  assert.ok(stored !== undefined && stored.data.includes('bulwark.held-request'));
  for (const word of ['hunter2', 'password', 'transfer']) assert.ok(!stored.data.includes(word), word);
  const [[sealed] = []] = Object.values(JSON.parse(stored.data) as Record<string, string[]>);
  await bob.visit(async (its) => its.set('bulwark.held-request', sealed ?? ''));
  site.now += MINUTE;
  await bob.visit(prove);
  assert.equal(await forms.take(bob, id), undefined);
  assert.deepEqual(forms.events, ['crypt_decrypt_fail']);
});

test('a form that was kept under a secret since rotated still opens', async () => {
  const [forms, browser] = [new Forms(), await signedIn(new FakeSite())];
  const id = await forms.hold(browser, 'a=1');
  browser.site.now += MINUTE;
  await browser.visit(prove);
  const rotated = new Forms(new KeyRing([Buffer.alloc(32, 2), Buffer.alloc(32, 1)]));
  assert.ok((await rotated.held(browser, id)) !== undefined);
  assert.equal(await new Forms(new KeyRing([Buffer.alloc(32, 2)])).held(browser, id), undefined);
});

test('keeps what is no form of a browser nowhere', async () => {
  const [forms, browser] = [new Forms(), await signedIn(new FakeSite())];
  const cases: readonly [body: string, sketch: RequestSketch][] = [
    ['{"a":1}', { headers: { 'content-type': 'application/json' } }],
    ['a=1', { headers: { 'content-type': 'multipart/form-data; boundary=x' } }],
    ['a=1', { headers: { 'content-type': 'application/x-www-form-urlencoded; charset=latin1' } }],
    ['a=1', { headers: { 'content-encoding': 'gzip' } }],
    ['a=%00', {}],
    ['a=\0', {}],
    ['a=1', { method: 'PUT' }],
    ['a=1', { target: '//evil.example/' }],
    ['a=1', { target: '/\\evil.example/' }],
    ['a=1', { target: 'https://evil.example/' }],
  ];
  for (const [body, sketch] of cases) assert.equal(await forms.hold(browser, body, sketch), undefined, body);
  const [record] = await browser.site.store.list('ann', browser.site.now);
  assert.equal(record?.data, '{}');
});

test('keeps 64 KB of a body and not a byte more, and asks for none where more is declared', async () => {
  const [forms, browser] = [new Forms(), await signedIn(new FakeSite())];
  const most = `a=${'x'.repeat(64 * 1024 - 2)}`;
  assert.ok((await forms.hold(browser, most)) !== undefined);
  assert.equal(await forms.hold(browser, `${most}x`), undefined);
  const headers = { 'content-length': '65537' };
  assert.equal(await forms.hold(browser, 'a=1', { headers }), undefined);
});

test('keeps nothing that the session has no room for, and takes none from what is in it', async () => {
  const [forms, browser] = [new Forms(), await signedIn(new FakeSite())];
  await browser.visit(async (its) => its.set('cart', 'x'.repeat(200 * 1024)));
  assert.equal(await forms.hold(browser, `a=${'x'.repeat(60_000)}`), undefined);
  assert.ok((await forms.hold(browser, 'a=1')) !== undefined);
});
