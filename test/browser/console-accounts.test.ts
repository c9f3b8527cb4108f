/** A reset of second factors by two operators, in Chromium: one at a keyboard, one with a mouse on a phone. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import type { Page } from 'playwright-core';
import { consolePages } from '../../src/adapters/console.ts';
import { bulwark } from '../../src/adapters/node.ts';
import { memory } from '../../src/stores/memory/state.ts';
import { sketchAccount } from '../../src/testing/conformance/accounts.ts';
import { fixedSecrets } from '../../src/testing/fakes.ts';
import { signedIn } from '../../src/testing/signed-in.ts';
import { assertNoBoxesMeet } from './boxes.ts';
import { startChromium } from './chromium.ts';
import { press, shoot, tabTo, watch } from './keyboard.ts';

const REASON = 'called back on the number in the contract';

test('one operator asks for a reset by keyboard, another confirms it on a phone, and the owner is out and told', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'bulwark-console-accounts-'));
  const state = memory();
  const mails: string[] = [];
  const layer = bulwark({
    environment: 'development',
    secrets: fixedSecrets(),
    state,
    audit: { sink: () => undefined },
    accounts: {
      name: 'Example',
      mail: { send: ({ to, subject }) => Promise.resolve(void mails.push(`${to}: ${subject}`)) },
    },
    console: { base: '/admin', index: join(folder, 'console.db') },
    routes: { '/mine': { require: 'signed-in' } },
  });
  const pages = consolePages(layer);
  const server = layer.createServer(
    layer.handler(async (request, response) => {
      if (await pages.answer(request, response)) return;
      response.setHeader('Content-Type', 'text/html').end('<!doctype html><title>Mine</title>');
    }),
  );
  const browser = await startChromium();
  t.after(async () => {
    await browser.close();
    server.closeAllConnections();
    server.close();
    await layer.close();
    rmSync(folder, { recursive: true, force: true });
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const url = `http://localhost:${(server.address() as AddressInfo).port}`;
  const complaints: string[] = [];
  for (const id of ['one', 'two']) await state.accounts?.create(sketchAccount(id, { roles: ['operator'] }));
  await state.accounts?.create(sketchAccount('ann'));
  await state.factors?.recoveryCodes.replace('ann', ['hash of a code'], Date.now());
  const enter = async (account: string, roles: string[], width: number): Promise<Page> => {
    const context = await browser.newContext({ viewport: { width, height: 800 } });
    await context.addCookies((await signedIn(layer, { account, roles, mfa: true })).cookies(url));
    const page = await context.newPage();
    watch(page, complaints);
    return page;
  };
  /** Where the page of the account leads its owner. */
  const placeOf = async (page: Page): Promise<string> => {
    await page.goto(`${url}/mine`);
    return new URL(page.url()).pathname;
  };
  const owner = await enter('ann', [], 800);
  assert.equal(await placeOf(owner), '/mine');

  const one = await enter('one', ['operator'], 1280);
  await one.goto(`${url}/admin`);
  await press(one, 'Accounts');
  await tabTo(one, 'Address begins with');
  await one.keyboard.type('ann');
  await press(one, 'Find');
  await shoot(one, 'console-find');
  await press(one, 'ann@Example.com');
  await assertNoBoxesMeet(one, 'an account');
  await press(one, 'Ask for a reset of second factors');
  assert.match(await one.innerText('main'), /Nothing is removed yet: another operator has to confirm it/);
  await tabTo(one, 'How do you know who asks for it?');
  await one.keyboard.type(REASON);
  await shoot(one, 'console-ask');
  await press(one, 'Ask for a reset of second factors');
  assert.match(
    await one.getByRole('status').first().innerText(),
    /Asked for\. Another operator has to confirm it/,
  );
  assert.equal(await state.factors?.recoveryCodes.count('ann'), 1);
  assert.equal(await placeOf(owner), '/mine');
  await one.goto(`${url}/admin/accounts/requests`);
  await press(one, /^Look at it/);
  assert.equal(await one.getByRole('button', { name: 'Confirm the reset' }).count(), 0);

  const two = await enter('two', ['operator'], 390);
  await two.goto(`${url}/admin/accounts`);
  await two.getByRole('link', { name: '1 reset waits for a second operator' }).click();
  await shoot(two, 'console-requests');
  await two.getByRole('link', { name: /^Look at it/ }).click();
  assert.match(await two.innerText('main'), new RegExp(REASON));
  await assertNoBoxesMeet(two, 'a request');
  await shoot(two, 'console-request');
  await two.getByRole('button', { name: 'Confirm the reset' }).click();
  assert.match(await two.getByRole('status').first().innerText(), /Its second factors are removed/);
  await shoot(two, 'console-account');
  assert.equal(await state.factors?.recoveryCodes.count('ann'), 0);
  assert.equal(await placeOf(owner), '/login');
  assert.deepEqual(mails, [
    'ann@Example.com: Your second factors are about to be removed (Example)',
    'ann@Example.com: Your second factors were removed (Example)',
  ]);
  assert.deepEqual(complaints, []);
});
