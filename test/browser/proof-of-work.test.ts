/** Proof of work in Chromium, on a page under the layer's content security policy, by keyboard. */
import assert from 'node:assert/strict';
import { mkdirSync, readFileSync } from 'node:fs';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import type { Browser } from 'playwright-core';
import { bulwark, type View } from '../../src/adapters/node.ts';
import { loadPolicy } from '../../src/policy/load-policy.ts';
import {
  ProofOfWork,
  proofOfWorkScriptFile,
  type WorkVerdict,
} from '../../src/identity/proof-of-work/proof-of-work.ts';
import { memory } from '../../src/stores/memory/state.ts';
import { fixedSecrets, TEST_SECRET } from '../support/secrets.ts';
import { startChromium } from './chromium.ts';

const SCRIPT = readFileSync(proofOfWorkScriptFile);
const SHOTS = join(import.meta.dirname, 'screenshots');

let browser: Browser;
let url = '';
let stop: () => Promise<void>;
const verdicts: WorkVerdict[] = [];

before(async () => {
  mkdirSync(SHOTS, { recursive: true });
  const policy = await loadPolicy({
    environment: 'development',
    secrets: fixedSecrets(TEST_SECRET),
    state: memory(),
    audit: { sink: () => undefined },
    // Tighter than ours: a page may start no worker at all, nor fetch anything.
    csp: { directives: { 'worker-src': ["'none'"], 'connect-src': ["'none'"] } },
  });
  const layer = bulwark(policy);
  const work = ProofOfWork.of(policy);
  const handler = layer.handler((request, response) => answer(work, request, response, bulwark.of(request)));
  const server = layer.createServer(handler);
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  url = `http://localhost:${(server.address() as AddressInfo).port}/`;
  stop = async () => {
    server.closeAllConnections();
    await new Promise((resolve) => {
      server.close(resolve);
    });
    await layer.close();
  };
  browser = await startChromium();
});

after(async () => {
  await browser?.close();
  await stop?.();
});

test('a page that may start no worker solves its challenge by itself, and a form that is sent too early waits for it', async () => {
  const context = await browser.newContext({ viewport: { width: 360, height: 640 }, colorScheme: 'dark' });
  const page = await context.newPage();
  const faults: string[] = [];
  page.on('console', (message) => void (message.type() === 'error' && faults.push(message.text())));
  page.on('pageerror', (error) => void faults.push(error.message));
  await page.goto(url);
  const [answered] = await Promise.all([
    page.waitForNavigation(),
    (async () => {
      await page.keyboard.press('Tab');
      await page.keyboard.type('ann@example.com');
      await page.keyboard.press('Enter');
    })(),
  ]);
  assert.equal(answered?.status(), 200);
  assert.deepEqual(verdicts.splice(0), [{ ok: true }]);
  assert.deepEqual(faults, []);

  await page.goto(url);
  await page.getByRole('status').getByText('This browser is checked.').waitFor();
  assert.equal(page.workers().length, 0);
  await page.screenshot({ path: join(SHOTS, 'proof-of-work-dark.png') });
  await context.close();
});

test('without script the form says so, goes at once, and is not taken', async () => {
  const context = await browser.newContext({ javaScriptEnabled: false });
  const page = await context.newPage();
  await page.goto(url);
  await page.keyboard.press('Tab');
  await page.keyboard.type('ann@example.com');
  await Promise.all([page.waitForNavigation(), page.keyboard.press('Enter')]);
  assert.deepEqual(verdicts.splice(0), [{ ok: false, reason: 'malformed' }]);
  await context.close();
});

async function answer(
  work: ProofOfWork,
  request: IncomingMessage,
  response: ServerResponse,
  view: View,
): Promise<void> {
  const subject = { form: 'sign-in', client: view.client.key };
  if (request.url === '/proof-of-work.js') {
    response.setHeader('Content-Type', 'text/javascript');
    response.end(SCRIPT);
    return;
  }
  response.setHeader('Content-Type', 'text/html; charset=utf-8');
  if (request.method === 'POST') {
    const parts: Buffer[] = [];
    for await (const part of request) parts.push(part as Buffer);
    const form = new URLSearchParams(Buffer.concat(parts).toString());
    const verdict = await work.take(subject, form.get('challenge') ?? '', form.get('proof') ?? '');
    verdicts.push(verdict);
    response.statusCode = verdict.ok ? 200 : 403;
    response.end('<!doctype html><title>Answer</title>');
    return;
  }
  const { challenge, bits, puzzles } = work.issue(subject);
  response.end(`<!doctype html><html lang="en"><meta name="viewport" content="width=device-width">
    <meta name="color-scheme" content="light dark"><title>Sign in</title><h1>Sign in</h1>
    <form method="post" data-proof-of-work="${challenge}" data-proof-of-work-bits="${bits}"
      data-proof-of-work-puzzles="${puzzles}">
    <input type="hidden" name="challenge" value="${challenge}"><input type="hidden" name="proof">
    <label>Email <input name="email"></label> <button>Sign in</button>
    <p role="status" data-proof-of-work-status></p></form>
    <noscript>Without script this form cannot be checked.</noscript>
    <script type="module" nonce="${view.nonce}" src="/proof-of-work.js"></script>`);
}
