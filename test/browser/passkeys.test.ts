/** Passkeys in Chromium, with a virtual authenticator, on pages under the layer's content security policy. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { after, before, test } from 'node:test';
import type { Browser, BrowserContext, CDPSession, Page } from 'playwright-core';
import { bulwark, type View } from '../../src/adapters/node.ts';
import type { AuditEvent } from '../../src/audit/audit-event.ts';
import { loadPolicy } from '../../src/policy/load-policy.ts';
import { passkeyScriptFile, type PasskeyVerdict, SecondFactors } from '../../src/identity/mfa/mfa.ts';
import { memory } from '../../src/stores/memory/state.ts';
import { fixedSecrets, TEST_SECRET } from '../support/secrets.ts';
import { startChromium } from './chromium.ts';
import { addAuthenticator } from './virtual-authenticator.ts';
import { until } from '../support/until.ts';

const SCRIPT = readFileSync(passkeyScriptFile);

interface Site {
  readonly url: string;
  readonly events: AuditEvent[];
  readonly stop: () => Promise<void>;
}

/** A small application: a sign-in page, and an account page with a list of passkeys. */
async function startSite(): Promise<Site> {
  const events: AuditEvent[] = [];
  const policy = await loadPolicy({
    environment: 'development',
    secrets: fixedSecrets(TEST_SECRET),
    state: memory(),
    audit: { sink: (_line, event) => void events.push(event) },
    access: { signIn: '/login' },
    routes: { '/account/**': { require: 'signed-in' }, '/vault': { require: { mfa: true } } },
  });
  const layer = bulwark(policy);
  const factors = SecondFactors.of(policy);
  const handler = layer.handler((request, response) =>
    answer(factors, request, response, bulwark.of(request)),
  );
  const server = layer.createServer(handler);
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  const { port } = server.address() as AddressInfo;
  const stop = async (): Promise<void> => {
    server.closeAllConnections();
    await new Promise((resolve) => {
      server.close(resolve);
    });
    await layer.close();
  };
  return { url: `http://localhost:${port}`, events, stop };
}

async function answer(
  factors: SecondFactors,
  request: IncomingMessage,
  response: ServerResponse,
  view: View,
): Promise<void> {
  const account = view.principal?.account ?? '';
  const send = (value: unknown, type = 'application/json'): void => {
    response.setHeader('Content-Type', type);
    response.end(type === 'application/json' ? JSON.stringify(value) : value);
  };
  const decide = async (verdict: PasskeyVerdict, next: string): Promise<void> => {
    if (!verdict.ok) response.statusCode = 403;
    send(verdict.ok ? { next } : { reason: verdict.reason });
    return Promise.resolve();
  };
  switch (`${request.method} ${request.url}`) {
    case 'GET /passkeys.js':
      return send(SCRIPT, 'text/javascript');
    case 'GET /login':
      return send(page(view, LOGIN), 'text/html; charset=utf-8');
    case 'GET /account/':
      return send(page(view, await accountPage(factors, account, view)), 'text/html; charset=utf-8');
    case 'GET /vault':
      return send(page(view, '<h1>Vault</h1>'), 'text/html; charset=utf-8');
    case 'POST /login':
      await view.session.signIn({ account: 'ann' });
      return void response.writeHead(303, { Location: '/account/' }).end();
    case 'GET /passkeys/options':
      return send(factors.passkeys.signInOptions());
    case 'POST /passkeys/sign-in': {
      const verdict = await factors.passkeys.signIn(view, (await bodyOf(request))['response']);
      if (verdict.ok) await view.session.signIn({ account: verdict.account, mfa: true });
      return decide(verdict, '/account/');
    }
    case 'POST /account/passkeys/options':
      return send(await factors.passkeys.registrationOptions(view, { account, name: 'ann@example.com' }));
    case 'POST /account/passkeys': {
      const { response: made, name } = await bodyOf(request);
      return decide(await factors.passkeys.register(view, account, made, String(name)), '/account/');
    }
    case 'POST /account/factor/options':
      return send(await factors.passkeys.secondFactorOptions(view, account));
    case 'POST /account/factor': {
      const verdict = await factors.passkeys.verify(view, account, (await bodyOf(request))['response']);
      if (verdict.ok) await view.session.renew({ mfa: true });
      return decide(verdict, '/vault');
    }
    case 'POST /account/remove': {
      const [first] = await factors.passkeys.list(account);
      await factors.passkeys.remove(view, account, first?.id ?? '');
      return void response.writeHead(303, { Location: '/account/' }).end();
    }
    default:
      response.statusCode = 404;
      return send({});
  }
}

async function bodyOf(request: IncomingMessage): Promise<Readonly<Record<string, unknown>>> {
  let body = '';
  for await (const chunk of request) body += String(chunk);
  return JSON.parse(body) as Readonly<Record<string, unknown>>;
}

function page({ nonce }: View, body: string): string {
  return `<!doctype html><html lang="en"><title>Passkeys</title>${body}
    <script type="module" nonce="${nonce}" src="/passkeys.js"></script></html>`;
}

const LOGIN = `
  <form method="post" action="/login">
    <label>Email <input name="email" autocomplete="username webauthn"></label>
    <button>Sign in by password</button>
  </form>
  <form data-passkey="sign-in" data-options="/passkeys/options" data-verify="/passkeys/sign-in" hidden
    data-passkey-cancelled="You stopped it">
    <button>Sign in with a passkey</button><p data-passkey-status role="status"></p>
  </form>`;

async function accountPage(factors: SecondFactors, account: string, { csrfToken }: View): Promise<string> {
  const passkeys = await factors.passkeys.list(account);
  const names = passkeys.map(
    ({ name }) => `<li>${name.replaceAll('&', '&amp;').replaceAll('<', '&lt;')}</li>`,
  );
  return `<h1>Account of ${account}</h1><ul>${names.join('')}</ul>
  <form data-passkey="register" data-options="/account/passkeys/options" data-verify="/account/passkeys" hidden>
    <input type="hidden" name="_csrf" value="${csrfToken}">
    <label>Name <input name="name"></label>
    <button>Add a passkey</button><p data-passkey-status role="status"></p>
  </form>
  <form data-passkey="verify" data-options="/account/factor/options" data-verify="/account/factor" hidden>
    <button>Open the vault</button><p data-passkey-status role="status"></p>
  </form>
  <form method="post" action="/account/remove"><button>Remove the first</button></form>`;
}

/** Counts on each page how often it asked the browser for a passkey. */
const COUNT_REQUESTS = `
  globalThis.asked = 0;
  const { get } = CredentialsContainer.prototype;
  CredentialsContainer.prototype.get = function (options) {
    globalThis.asked += 1;
    return get.call(this, options);
  };`;

let site: Site;
let browser: Browser;
let context: BrowserContext;
let tab: Page;
let devtools: CDPSession;
let authenticatorId: string;
const complaints: string[] = [];

before(async () => {
  site = await startSite();
  browser = await startChromium();
  context = await browser.newContext();
  tab = await context.newPage();
  tab.on('console', (message) => {
    if (message.type() === 'error' && !/status of 40[134]/.test(message.text()))
      complaints.push(message.text());
  });
  tab.on('pageerror', (error) => complaints.push(error.message));
  await tab.addInitScript(COUNT_REQUESTS);
  ({ devtools, authenticatorId } = await addAuthenticator(context, tab));
});

after(async () => {
  await browser?.close();
  await site?.stop();
});

/** Touches the authenticator from now on, or no longer. */
async function touch(enabled: boolean): Promise<void> {
  await devtools.send('WebAuthn.setAutomaticPresenceSimulation', { authenticatorId, enabled });
}

async function countOfPasskeys(): Promise<number> {
  return (await devtools.send('WebAuthn.getCredentials', { authenticatorId })).credentials.length;
}

async function signOut(): Promise<void> {
  await context.clearCookies();
}

test('makes a passkey on the account page, by its name', async () => {
  await tab.goto(`${site.url}/login`);
  await tab.getByRole('button', { name: 'Sign in by password' }).click();
  await tab.getByRole('heading', { name: 'Account of ann' }).waitFor();
  await tab.getByLabel('Name').fill('My "laptop" <b>');
  await touch(true);
  await tab.getByRole('button', { name: 'Add a passkey' }).click();
  await tab.getByText('My "laptop" <b>').waitFor();
  await touch(false);
  assert.equal(await countOfPasskeys(), 1);
});

test('makes no second one on the same authenticator, and says that it did not work', async () => {
  await touch(true);
  await tab.getByRole('button', { name: 'Add a passkey' }).click();
  await tab.getByText('That did not work').waitFor();
  await touch(false);
  assert.equal(await countOfPasskeys(), 1);
});

test('proves a second factor, which opens what asks for one', async () => {
  assert.equal((await tab.request.get(`${site.url}/vault`)).status(), 403);
  await tab.goto(`${site.url}/account/`);
  await touch(true);
  await tab.getByRole('button', { name: 'Open the vault' }).click();
  await tab.getByRole('heading', { name: 'Vault' }).waitFor();
  await touch(false);
});

test('signs in from the autofill, without a word typed and without a password', async () => {
  await signOut();
  // The virtual authenticator stands in for the person who picks a name in the list.
  await touch(true);
  await tab.goto(`${site.url}/login`);
  await tab.getByRole('heading', { name: 'Account of ann' }).waitFor();
  await touch(false);
});

test('signs in by the button, which takes over from the autofill; two factors in one', async () => {
  await signOut();
  await tab.goto(`${site.url}/login`);
  // waitForFunction looks again within the page, where the policy lets no text become code.
  await until('the autofill asks', () => tab.evaluate('globalThis.asked === 1'));
  await touch(true);
  await tab.getByRole('button', { name: 'Sign in with a passkey' }).click();
  await tab.getByRole('heading', { name: 'Account of ann' }).waitFor();
  await touch(false);
  await tab.goto(`${site.url}/vault`);
  await tab.getByRole('heading', { name: 'Vault' }).waitFor();
});

test('refuses a person whom the authenticator does not know, and says so in the words of the page', async () => {
  await signOut();
  await tab.goto(`${site.url}/login`);
  await devtools.send('WebAuthn.setUserVerified', { authenticatorId, isUserVerified: false });
  await touch(true);
  await tab.getByRole('button', { name: 'Sign in with a passkey' }).click();
  await tab.getByText('You stopped it').waitFor();
  await touch(false);
  await devtools.send('WebAuthn.setUserVerified', { authenticatorId, isUserVerified: true });
  assert.ok(tab.url().endsWith('/login'));
});

test('a passkey that was removed signs nobody in', async () => {
  await tab.goto(`${site.url}/login`);
  await tab.getByRole('button', { name: 'Sign in by password' }).click();
  await tab.getByRole('button', { name: 'Remove the first' }).click();
  await until('none is left', () => tab.evaluate("document.querySelectorAll('li').length === 0"));
  await signOut();
  await touch(true);
  await tab.goto(`${site.url}/login`);
  await tab.getByText('That did not work').waitFor();
  await touch(false);
  assert.ok(tab.url().endsWith('/login'));
});

test('no page broke its content security policy, and the log tells the whole story', () => {
  assert.deepEqual(complaints, []);
  const told = site.events
    .filter(({ event }) => event.startsWith('authn_'))
    .map(({ event, details }) => `${event} ${String(details?.['factor'])}`);
  assert.deepEqual(told, [
    'authn_token_created passkey',
    'authn_login_success passkey',
    'authn_login_success passkey',
    'authn_login_success passkey',
    'authn_token_revoked passkey',
    'authn_login_fail passkey',
  ]);
});
