/** Nuxt on Nitro's listener, under the layer. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { frameworkSuite, quiet } from './support/suite.ts';

frameworkSuite(
  {
    name: 'nuxt',
    build: [['nuxt', 'build']],
    start: ['server.js'],
    env: { NUXT_TELEMETRY_DISABLED: '1' },
    // To Firefox what a link has fetched ahead is under default-src, which has nothing: it is fetched when it is needed.
    firefoxBlocks: /\(default-src\) at \S+\/_nuxt\/[\w-]+\.js /,
  },
  (site) => {
    test('a page that the build has rendered runs by its hashes, and leads on', async () => {
      const { page, url } = site();
      const answer = await page.goto(`${url}/still`);
      assert.match(answer?.headers()['content-security-policy'] ?? '', /script-src [^;]*'sha256-/);
      await page.locator('#alive', { hasText: 'hydrated' }).waitFor();
      assert.equal(await colorOf(page), 'rgb(0, 100, 0)');
      await page.getByRole('link', { name: 'Second' }).click();
      await page.getByRole('heading', { name: 'Second' }).waitFor();
      assert.equal(await colorOf(page), 'rgb(0, 0, 200)');
      quiet(site());
    });
  },
);

function colorOf(page: { evaluate(script: string): Promise<unknown> }): Promise<unknown> {
  return page.evaluate("getComputedStyle(document.querySelector('h1')).color");
}
