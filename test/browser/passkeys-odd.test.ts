/**
 * Passkeys on the account pages where a browser or a password manager is not as the standard has it, and where
 * something is in the way of the autofill, which nobody asked for. In Chromium, by putting others in the place of its
 * methods.
 */
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import { type AccountSite, startAccountSite } from '../support/account-site.ts';
import { until } from '../support/until.ts';
import { Visitor } from '../support/visitor.ts';
import { startChromium } from './chromium.ts';
import { addAuthenticator } from './virtual-authenticator.ts';

const PASSWORD = 'four quiet words in a row';

/** What stands in the place of the browser's own, on every page. */
const ODD: Readonly<Record<string, string>> = {
  'toJSON throws, as that of some password managers':
    "PublicKeyCredential.prototype.toJSON = () => { throw new TypeError('Illegal invocation'); };",
  'toJSON is missing': 'delete PublicKeyCredential.prototype.toJSON;',
  'toJSON gives nothing of use': 'PublicKeyCredential.prototype.toJSON = () => ({ type: "public-key" });',
  // bitwarden/clients#13824, keepassxreboot/keepassxc-browser#2940.
  'toJSON writes base64, and some bytes as they are': `
    const base64 = (buffer) => buffer && btoa(String.fromCharCode(...new Uint8Array(buffer)));
    PublicKeyCredential.prototype.toJSON = function () {
      const { id, rawId, type, response } = this;
      const { clientDataJSON, attestationObject, authenticatorData, signature, userHandle } = response;
      return { id, rawId: base64(rawId), type, response: {
        clientDataJSON: base64(clientDataJSON), attestationObject: base64(attestationObject),
        authenticatorData: base64(authenticatorData), signature: base64(signature), userHandle } };
    };`,
  'the methods that read options are missing': `delete PublicKeyCredential.parseRequestOptionsFromJSON;
    delete PublicKeyCredential.parseCreationOptionsFromJSON;`,
  'the methods that read options are those of somebody else, and throw': `
    PublicKeyCredential.parseRequestOptionsFromJSON = () => { throw new TypeError('Illegal invocation'); };
    PublicKeyCredential.parseCreationOptionsFromJSON = () => { throw new TypeError('Illegal invocation'); };`,
  'a credential is a plain object with views of bytes': `
    delete PublicKeyCredential.parseRequestOptionsFromJSON;
    delete PublicKeyCredential.parseCreationOptionsFromJSON;
    const view = (buffer) => buffer && new Uint8Array([0, ...new Uint8Array(buffer), 0]).subarray(1, -1);
    const plain = ({ rawId, type, response }) => ({
      rawId: view(rawId), type, getClientExtensionResults: () => ({}), response: {
        clientDataJSON: view(response.clientDataJSON), attestationObject: view(response.attestationObject),
        authenticatorData: view(response.authenticatorData), signature: view(response.signature),
        userHandle: view(response.userHandle) } });
    for (const name of ['create', 'get']) {
      const own = CredentialsContainer.prototype[name];
      CredentialsContainer.prototype[name] = async function (options) {
        return plain(await own.call(this, options));
      };
    }`,
};

let site: AccountSite;
let browser: Browser;
let people = 0;

before(async () => {
  site = await startAccountSite();
  browser = await startChromium();
});

after(async () => {
  await browser?.close();
  await site?.stop();
});

describe('makes a passkey, no second one, signs in with it and proves that it is still its owner, where', () => {
  for (const [what, script] of Object.entries(ODD)) {
    test(what, async (t) => {
      const { page, context, touch, complaints } = await open(script);
      t.after(() => context.close());
      const email = await signIn(page);
      await makePasskey(page, touch);
      await page.goto(`${site.url}/account/passkeys/new`);
      await touch(true);
      await page.getByRole('button', { name: 'Make the passkey' }).click();
      await page.getByText('That did not work').waitFor();

      await context.clearCookies();
      await page.goto(`${site.url}/login?next=/account`);
      // By the autofill: the virtual authenticator answers as soon as it is asked.
      await page.waitForURL(`${site.url}/account`);
      await touch(false);
      await page.goto(`${site.url}/login/again?next=/secret`);
      await touch(true);
      await page.getByRole('button', { name: 'Use a passkey' }).click();
      await page.waitForURL(`${site.url}/secret`);
      await touch(false);
      await page.goto(`${site.url}/account`);
      await page.getByText(email).first().waitFor();
      assert.deepEqual(complaints, []);
    });
  }
});

describe('what is in the way of the autofill is told to nobody, and it is armed again once it is gone:', () => {
  for (const [what, refuse] of Object.entries({
    'a limit': { status: 429, headers: { 'Retry-After': '20' } },
    'a server that is down': { status: 503 },
    'no answer at all': 'abort',
    'a page of somebody between, in the place of the options': { status: 200, body: '<h1>Wi-Fi</h1>' },
  } as const)) {
    test(what, async (t) => {
      const { page, context, touch } = await open();
      t.after(() => context.close());
      await signIn(page);
      await makePasskey(page, touch);
      await context.clearCookies();
      let refused = 0;
      await page.route('**/login/passkey/options', async (route) => {
        refused += 1;
        await (refuse === 'abort' ? route.abort() : route.fulfill(refuse));
      });
      await page.clock.install();
      await page.goto(`${site.url}/login`);
      await until('the options are asked for', () => refused === 1);
      // In steps: the page sets its clock when the refusal has reached it, and not when we have sent it.
      await until('they are asked for again', async () => {
        await page.clock.runFor(1000);
        return refused === 2;
      });
      // Twice as long the next time.
      await page.clock.runFor(31_000);
      assert.equal(refused, 2);
      assert.equal(await page.locator('[data-passkey-status]').textContent(), '');
      await page.unroute('**/login/passkey/options');
      await touch(true);
      await until('the passkey signs in', async () => {
        await page.clock.runFor(1000);
        return page.url() === `${site.url}/secret`;
      });
    });
  }

  test('another request of the page or of a password manager, still pending', async (t) => {
    const { page, context, touch } = await open(`
      globalThis.asked = 0;
      const { get } = CredentialsContainer.prototype;
      CredentialsContainer.prototype.get = function (options) {
        globalThis.asked += 1;
        if (globalThis.asked > 1) return get.call(this, options);
        return Promise.reject(new DOMException('A request is already pending.', 'OperationError'));
      };`);
    t.after(() => context.close());
    await signIn(page);
    await makePasskey(page, touch);
    await context.clearCookies();
    await page.clock.install();
    await page.goto(`${site.url}/login`);
    await until('the autofill asks', () => page.evaluate('globalThis.asked === 1'));
    await touch(true);
    await page.clock.runFor(1000);
    assert.equal(await page.locator('[data-passkey-status]').textContent(), '');
    await page.clock.runFor(30_000);
    await page.waitForURL(`${site.url}/secret`);
  });

  test('a button that came to nothing', async (t) => {
    const { page, context, touch, verified } = await open();
    t.after(() => context.close());
    await signIn(page);
    await makePasskey(page, touch);
    await context.clearCookies();
    await page.clock.install();
    await page.goto(`${site.url}/login`);
    await verified(false);
    await touch(true);
    await page.getByRole('button', { name: 'Sign in with a passkey' }).click();
    await page.getByText('Nothing was done').waitFor();
    await verified(true);
    await page.clock.runFor(31_000);
    await page.waitForURL(`${site.url}/secret`);
  });
});

interface Odd {
  readonly page: Page;
  readonly context: BrowserContext;
  readonly complaints: string[];
  /** Touches the authenticator from now on, or no longer. */
  readonly touch: (enabled: boolean) => Promise<void>;
  /** Whether the authenticator knows its owner. */
  readonly verified: (is: boolean) => Promise<void>;
}

/** A browser of its own, at an address of its own: limits of one test are none of the next. */
async function open(script = ''): Promise<Odd> {
  people += 1;
  const headers = { 'x-forwarded-for': `198.51.100.${people}` };
  const context = await browser.newContext({ extraHTTPHeaders: headers });
  await context.addInitScript(script);
  const page = await context.newPage();
  const complaints: string[] = [];
  page.on('pageerror', (error) => complaints.push(error.message));
  const { devtools, authenticatorId } = await addAuthenticator(context, page);
  return {
    page,
    context,
    complaints,
    touch: async (enabled) => {
      await devtools.send('WebAuthn.setAutomaticPresenceSimulation', { authenticatorId, enabled });
    },
    verified: async (isUserVerified) => {
      await devtools.send('WebAuthn.setUserVerified', { authenticatorId, isUserVerified });
    },
  };
}

async function signIn(page: Page): Promise<string> {
  const email = `odd${people}@example.com`;
  await new Visitor(site.url).register(email, PASSWORD);
  await page.goto(`${site.url}/login`);
  await page.getByLabel('Email').fill(email);
  await page.getByLabel('Password').fill(PASSWORD);
  await page.getByRole('button', { name: 'Sign in', exact: true }).click();
  await page.waitForURL(`${site.url}/secret`);
  return email;
}

async function makePasskey(page: Page, touch: Odd['touch']): Promise<void> {
  await page.goto(`${site.url}/account/passkeys/new`);
  await touch(true);
  await page.getByRole('button', { name: 'Make the passkey' }).click();
  await page.waitForURL(`${site.url}/account`);
  await touch(false);
}
