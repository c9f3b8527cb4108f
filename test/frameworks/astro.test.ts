/** Astro, rendered for each request by @astrojs/node as middleware of Express, under the layer. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { frameworkSuite, quiet } from './support/suite.ts';

frameworkSuite(
  {
    name: 'astro',
    build: [['astro', 'build']],
    start: ['server.js'],
    env: { ASTRO_TELEMETRY_DISABLED: '1' },
    scripts: /^'nonce-[\w-]{22}' 'self'(?: 'sha256-[\w+/]{43}=')+$/,
    documents: true,
  },
  (site) => {
    test('a page that the build has rendered runs by its hashes', async () => {
      const { page, url } = site();
      const answer = await page.goto(`${url}/still`);
      assert.match(answer?.headers()['content-security-policy'] ?? '', /script-src [^;]*'sha256-/);
      await page.locator('#alive', { hasText: 'hydrated' }).waitFor();
      quiet(site());
    });

    test('a script of a page runs, and its style holds', async () => {
      const { page, url } = site();
      await page.goto(`${url}/`);
      await page.locator('#script', { hasText: 'runs' }).waitFor();
      assert.equal(
        await page.evaluate("getComputedStyle(document.querySelector('h1')).color"),
        'rgb(0, 100, 0)',
      );
      quiet(site());
    });

    test('the client router swaps pages where its route gives up Trusted Types, and islands hydrate', async () => {
      const { page, url } = site();
      await page.goto(`${url}/swapped/one`);
      await page.evaluate('globalThis.kept = true');
      await page.getByRole('link', { name: 'Two' }).click();
      await page.getByRole('heading', { name: 'Two' }).waitFor();
      await page.locator('#alive', { hasText: 'hydrated' }).waitFor();
      assert.equal(await page.evaluate('globalThis.kept'), true);
      quiet(site());
    });
  },
);
