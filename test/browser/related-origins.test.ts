/** Passkeys of one site on the page of another, in Chromium and in Firefox: by the list at /.well-known/webauthn, and without it not. */
import assert from 'node:assert/strict';
import { createHash, X509Certificate } from 'node:crypto';
import { once } from 'node:events';
import type { Server } from 'node:http';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { after, before, test } from 'node:test';
import { type Browser, chromium, type Page } from 'playwright-core';
import { bulwark } from '../../src/adapters/node.ts';
import type { PolicyOptions } from '../../src/policy/policy.ts';
import { memory } from '../../src/stores/memory/state.ts';
import { makeCertificate } from '../support/certificate.ts';
import { fixedSecrets, TEST_SECRET } from '../support/secrets.ts';
import { findChromium } from './chromium.ts';
import { type FirefoxAuthenticator, startWithAuthenticator } from './firefox-authenticator.ts';
import type { Firefox, Tab } from './firefox.ts';

/** The site whose passkeys they are; one like it that names nobody; a page that the first one names; and a stranger's. */
const [OWN, ALONE, RELATED, STRANGER] = [
  'own.example',
  'alone.example',
  'related.example',
  'stranger.example',
] as const;
const tls = makeCertificate(OWN, 'ec', [ALONE, RELATED, STRANGER]);

const closers: (() => unknown)[] = [];
let browser: Browser;
let page: Page;
let firefox: Firefox;
let authenticator: FirefoxAuthenticator;
let tab: Tab;

before(async () => {
  const own = await startLayer(OWN, {
    mfa: { relatedOrigins: [`https://${RELATED}`] },
    access: { otherwise: 'signed-in' },
  });
  const alone = await startLayer(ALONE, {});
  const pages = createServer({ ...tls }, (_request, response) => {
    response.setHeader('Content-Type', 'text/html');
    response.end('<!doctype html><title>Page</title>');
  });
  const elsewhere = await listen(pages);
  const spki = new X509Certificate(tls.cert).publicKey.export({ type: 'spki', format: 'der' });
  const pin = createHash('sha256').update(spki).digest('base64');
  // Browsers ask at port 443 alone, and hosts of an example are nowhere: both are here.
  const servers = new Map<string, Server>([
    [OWN, own],
    [ALONE, alone],
    [RELATED, elsewhere],
    [STRANGER, elsewhere],
  ]);
  const rules = [...servers]
    .map(([host, server]) => `MAP ${host}:443 127.0.0.1:${portOf(server)}`)
    .join(', ');
  browser = await chromium.launch({
    executablePath: findChromium(),
    args: [
      '--no-sandbox',
      '--disable-gpu',
      `--ignore-certificate-errors-spki-list=${pin}`,
      `--host-resolver-rules=${rules}`,
    ],
  });
  page = await browser.newPage();
  const devtools = await page.context().newCDPSession(page);
  await devtools.send('WebAuthn.enable');
  await devtools.send('WebAuthn.addVirtualAuthenticator', {
    options: {
      protocol: 'ctap2',
      transport: 'internal',
      hasResidentKey: true,
      hasUserVerification: true,
      isUserVerified: true,
      automaticPresenceSimulation: true,
    },
  });
  // Firefox puts another port in the place of 443, the same for every host.
  const front = await listen(
    createServer({ ...tls }, (request, response) => {
      servers.get(request.headers.host ?? '')?.emit('request', request, response);
    }),
  );
  ({ firefox, authenticator } = await startWithAuthenticator({
    trusting: true,
    preferences: {
      // Else a page whose certificate nobody knows has no passkeys, and nothing is asked for.
      'security.webauthn.allow_with_certificate_override': true,
      'network.dns.localDomains': [...servers.keys()].join(),
      'network.socket.forcePort': `443=${portOf(front)}`,
    },
  }));
  tab = await firefox.tab();
});
after(async () => {
  await browser?.close();
  authenticator?.stop();
  await firefox?.stop();
  for (const close of closers) await close();
});

async function listen(server: Server): Promise<Server> {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  closers.push(() => {
    server.closeAllConnections();
    server.close();
  });
  return server;
}

function portOf(server: Server): number {
  return (server.address() as AddressInfo).port;
}

async function startLayer(host: string, policy: PolicyOptions): Promise<Server> {
  const layer = bulwark({
    environment: 'production',
    origin: `https://${host}`,
    secrets: fixedSecrets(TEST_SECRET),
    state: memory(),
    audit: { sink: () => undefined },
    ...policy,
  });
  closers.push(() => layer.close());
  return listen(
    layer.createServer(
      layer.handler((_request, response) => response.end('page')),
      tls,
    ),
  );
}

/** Makes a passkey of a site on a page. */
const making = (site: string): string => `navigator.credentials.create({ publicKey: {
    rp: { id: '${site}', name: 'Site' },
    user: { id: new Uint8Array(16), name: 'ann', displayName: 'Ann' },
    challenge: new Uint8Array(32),
    pubKeyCredParams: [{ type: 'public-key', alg: -7 }],
    timeout: 10000,
  } }).then(({ type }) => type, ({ name }) => name)`;

const BROWSERS: readonly (readonly [string, (host: string, site: string) => Promise<unknown>])[] = [
  [
    'Chromium',
    async (host, site) => {
      await page.goto(`https://${host}/`);
      return page.evaluate(making(site));
    },
  ],
  [
    'Firefox',
    async (host, site) => {
      await tab.open(`https://${host}/`);
      return tab.look(making(site));
    },
  ],
];

for (const [name, makeAt] of BROWSERS)
  test(`in ${name} a page that the site names has passkeys of it, and no other page has`, async () => {
    assert.equal(await makeAt(RELATED, OWN), 'public-key');
    assert.equal(await makeAt(STRANGER, OWN), 'SecurityError');
    assert.equal(await makeAt(RELATED, ALONE), 'SecurityError', 'the same page, of a site that names nobody');
  });
