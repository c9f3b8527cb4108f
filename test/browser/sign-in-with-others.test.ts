/** Sign-in with others in Chromium: there and back, between two sites, under the layer's own policy. */
import assert from 'node:assert/strict';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { after, before, test } from 'node:test';
import type { Browser, Page } from 'playwright-core';
import { bulwark, type View } from '../../src/adapters/node.ts';
import { loadPolicy } from '../../src/policy/load-policy.ts';
import { SignInProviders } from '../../src/identity/oidc/oidc.ts';
import { memory } from '../../src/stores/memory/state.ts';
import { OpenIdProvider } from '../support/openid-provider.ts';
import { fixedSecrets, TEST_SECRET } from '../support/secrets.ts';
import { providerAt } from '../support/sign-in-providers.ts';
import { startChromium } from './chromium.ts';

interface Site {
  readonly url: string;
  readonly stop: () => Promise<void>;
}

/** On `localhost`, and the provider on 127.0.0.1: for a browser, two sites. */
async function startSite(issuer: string): Promise<Site> {
  const port = await freePort();
  const url = `http://localhost:${port}`;
  const policy = await loadPolicy({
    environment: 'development',
    origin: url,
    secrets: fixedSecrets(TEST_SECRET),
    state: memory(),
    audit: { sink: () => undefined },
    providers: { home: providerAt(issuer) },
  });
  const layer = bulwark(policy);
  const others = SignInProviders.of(policy);
  const handler = layer.handler((request, response) =>
    answer(others, request, response, bulwark.of(request)),
  );
  const server = layer.createServer(handler);
  await new Promise<void>((resolve) => {
    server.listen(port, '127.0.0.1', resolve);
  });
  const stop = async (): Promise<void> => {
    server.closeAllConnections();
    await new Promise((resolve) => {
      server.close(resolve);
    });
    await layer.close();
  };
  return { url, stop };
}

async function answer(
  others: SignInProviders,
  request: IncomingMessage,
  response: ServerResponse,
  view: View,
): Promise<void> {
  const { pathname } = new URL(request.url ?? '/', 'http://localhost');
  const send = (body: string): void => {
    response.setHeader('Content-Type', 'text/html; charset=utf-8');
    response.end(`<!doctype html><html lang="en"><title>Test</title>${body}</html>`);
  };
  switch (`${request.method} ${pathname}`) {
    case 'GET /login':
      return send('<form method="post" action="/login/with/home"><button>Sign in with Home</button></form>');
    case 'POST /login/with/home': {
      const begun = await others.begin(view, 'home', { purpose: 'sign-in', next: '/notes' });
      if (!begun.ok) return send(`<h1>${begun.reason}</h1>`);
      const url = begun.url.replaceAll('&', '&amp;');
      return send(`<meta http-equiv="refresh" content="0; url=${url}"><a href="${url}">Go on to Home</a>`);
    }
    case 'GET /login/with/home/callback': {
      const verdict = await others.finish(view, 'home', request.url ?? '');
      if (!verdict.ok) return send(`<h1>${verdict.reason}</h1>`);
      await view.session.signIn({ account: verdict.subject });
      return void response.writeHead(303, { Location: verdict.next ?? '/' }).end();
    }
    default:
      return send(`<h1>${pathname} of ${view.principal?.account ?? 'nobody'}</h1>`);
  }
}

async function freePort(): Promise<number> {
  const { createServer } = await import('node:net');
  const server = createServer();
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => {
    server.close(resolve);
  });
  return port;
}

let home: OpenIdProvider;
let site: Site;
let browser: Browser;
let tab: Page;
const complaints: string[] = [];

before(async () => {
  home = await OpenIdProvider.start();
  site = await startSite(home.issuer);
  browser = await startChromium();
  tab = await browser.newPage();
  tab.on('console', (message) => {
    if (message.type() === 'error' && !message.text().includes('favicon')) complaints.push(message.text());
  });
});
after(async () => {
  await browser?.close();
  await site?.stop();
  home?.stop();
});

test('goes to the provider and comes back signed in, by a button', async () => {
  await tab.goto(`${site.url}/login`);
  await tab.getByRole('button', { name: 'Sign in with Home' }).click();
  await tab.getByRole('heading', { name: '/notes of ann' }).waitFor();
  assert.equal(tab.url(), `${site.url}/notes`);
  assert.deepEqual(complaints, []);
});

test('whoever follows the answer of another browser is not signed in', async () => {
  const victim = await browser.newPage();
  const stranger = await browser.newContext();
  const attacker = await stranger.newPage();
  const { promise, resolve } = Promise.withResolvers<string>();
  await attacker.route('**/authorize?*', async (route) => {
    resolve(route.request().url());
    await route.abort();
  });
  await attacker.goto(`${site.url}/login`);
  await attacker.getByRole('button', { name: 'Sign in with Home' }).click();
  await victim.context().clearCookies();
  await victim.goto(await home.authorize(await promise));
  await victim.getByRole('heading', { name: 'expired' }).waitFor();
  await victim.goto(`${site.url}/notes`);
  await victim.getByRole('heading', { name: '/notes of nobody' }).waitFor();
});
