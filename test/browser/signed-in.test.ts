/** Somebody whom a test signed in, in Chromium: the cookies of `signedIn`, as Playwright takes them. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { test } from 'node:test';
import { bulwark } from '../../src/adapters/node.ts';
import { memory } from '../../src/stores/memory/state.ts';
import { fixedSecrets } from '../../src/testing/fakes.ts';
import { signedIn } from '../../src/testing/signed-in.ts';
import { startChromium } from './chromium.ts';

test('a browser with the cookies of signedIn is signed in, posts a form, and is out when the test says so', async (t) => {
  const layer = bulwark({
    environment: 'development',
    secrets: fixedSecrets(),
    state: memory(),
    audit: { sink: () => undefined },
    routes: { '/drafts': { require: { role: 'editor' } } },
  });
  const server = layer.createServer(
    layer.handler((request, response) => {
      response.setHeader('Content-Type', 'text/html');
      const account = bulwark.of(request).principal?.account;
      response.end(
        `<!doctype html><title>${request.method} ${account}</title><form method="post"><button>Save</button></form>`,
      );
    }),
  );
  const browser = await startChromium();
  t.after(async () => {
    await browser.close();
    server.closeAllConnections();
    server.close();
    await layer.close();
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const url = `http://localhost:${(server.address() as AddressInfo).port}`;
  const context = await browser.newContext();
  const page = await context.newPage();
  assert.equal((await page.goto(`${url}/drafts`))?.status(), 401);
  const ann = await signedIn(layer, { account: 'ann', roles: ['editor'] });
  await context.addCookies(ann.cookies(url));
  await page.goto(`${url}/drafts`);
  assert.equal(await page.title(), 'GET ann');
  await page.getByRole('button', { name: 'Save' }).click();
  assert.equal(await page.title(), 'POST ann');
  await ann.signOut();
  assert.equal((await page.goto(`${url}/drafts`))?.status(), 401);
});
