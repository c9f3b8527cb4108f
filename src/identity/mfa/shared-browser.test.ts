/** Several people at one browser: what one of them is remembered by takes nothing from another. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { FakeFactors } from '../../../test/support/second-factors.ts';
import { BROWSER_COOKIE, DEVICE_COOKIES } from './browser-cookie.ts';

/** A browser that keeps every cookie it is given. */
class SharedBrowser {
  readonly site = new FakeFactors();
  readonly jar = new Map<string, string>();

  get header(): string | undefined {
    return this.jar.size === 0 ? undefined : [...this.jar].map((pair) => pair.join('=')).join('; ');
  }

  async remember(account: string): Promise<void> {
    const { rememberedBrowsers: devices } = this.site.factors;
    this.#keep(await devices.remember(this.site.visit, account, 'a browser', this.header));
  }

  async passes(account: string): Promise<boolean> {
    const { rememberedBrowsers: devices } = this.site.factors;
    const { ok, setCookie } = await devices.recognise(this.site.visit, account, this.header);
    if (setCookie !== undefined) this.#keep(setCookie);
    return ok;
  }

  #keep(line: string): void {
    const [name = '', value = ''] = (line.split(';')[0] ?? '').split(/=(.*)/s);
    if (/max-age=0$/i.test(line)) this.jar.delete(name);
    else this.jar.set(name, value);
  }
}

test('each person who asked for it is remembered, whoever asked after them', async () => {
  const browser = new SharedBrowser();
  const people = ['ann', 'bob', 'cay', 'dee', 'eve'];
  for (const account of people) {
    assert.equal(await browser.passes(account), false);
    await browser.remember(account);
    browser.site.now += 60_000;
  }
  for (let round = 0; round < 3; round += 1) {
    for (const account of people) assert.ok(await browser.passes(account), `${account} ${round}`);
    browser.site.now += 60_000;
  }
  assert.deepEqual([...browser.jar.keys()], DEVICE_COOKIES);
  assert.ok(!browser.site.visit.eventNames.includes('authn_token_reuse'));
});

test('the sixth takes the place of whoever was not there for longest, and of nobody else', async () => {
  const browser = new SharedBrowser();
  for (const account of ['ann', 'bob', 'cay', 'dee', 'eve']) {
    await browser.remember(account);
    browser.site.now += 60_000;
  }
  assert.ok(await browser.passes('ann'));
  await browser.remember('fay');
  assert.equal(browser.jar.size, 5);
  for (const account of ['ann', 'cay', 'dee', 'eve', 'fay'])
    assert.ok(await browser.passes(account), account);
  assert.equal(await browser.passes('bob'), false);
});

test('who asks again is remembered once, and a place that opens nothing any more is taken first', async () => {
  const browser = new SharedBrowser();
  await browser.remember('ann');
  await browser.remember('bob');
  await browser.remember('ann');
  assert.equal(browser.jar.size, 2);
  await browser.site.factors.rememberedBrowsers.forgetAll(browser.site.visit, 'ann');
  await browser.remember('cay');
  assert.deepEqual([...browser.jar.keys()], DEVICE_COOKIES.slice(0, 2));
  assert.ok((await browser.passes('bob')) && (await browser.passes('cay')));
});

test('lists the devices of one account alone, and says which of them asks', async () => {
  const browser = new SharedBrowser();
  for (const account of ['ann', 'bob']) await browser.remember(account);
  const { rememberedBrowsers: devices } = browser.site.factors;
  for (const account of ['ann', 'bob']) {
    assert.deepEqual(
      (await devices.list(account, browser.header)).map(({ current }) => current),
      [true],
    );
  }
});

test('a copied cookie of one is a theft of theirs, and the others stay', async () => {
  const browser = new SharedBrowser();
  for (const account of ['ann', 'bob']) await browser.remember(account);
  const copy = new Map(browser.jar);
  assert.ok((await browser.passes('ann')) && (await browser.passes('bob')));
  browser.site.now += 60_000;
  browser.jar.set(BROWSER_COOKIE, copy.get(BROWSER_COOKIE) ?? '');
  assert.equal(await browser.passes('ann'), false);
  assert.match(browser.site.visit.lastEvent, /^authn_token_reuse .*"account":"ann"/);
  assert.ok(await browser.passes('bob'));
});
