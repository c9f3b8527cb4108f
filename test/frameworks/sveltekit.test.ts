/** SvelteKit with adapter-node: `vite build`, its handler under the layer. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { frameworkSuite, quiet, linkForMembers } from './support/suite.ts';

frameworkSuite(
  {
    name: 'sveltekit',
    build: [['vite', 'build']],
    start: ['server.js'],
    // It takes requests for https, unless this header says otherwise.
    env: { PROTOCOL_HEADER: 'x-forwarded-proto' },
    // Ours, and beside it the one that SvelteKit made.
    scripts: /^'nonce-[\w-]{22}' 'nonce-[\w+/]{22}==' 'strict-dynamic'/,
    errorPage: 'This page failed',
  },
  (site) => {
    test('a link to a page that fails shows the page of the application, and no text', async () => {
      const { page, url } = site();
      await page.goto(`${url}/`);
      await page.locator('#alive', { hasText: 'hydrated' }).waitFor();
      await page.getByRole('link', { name: 'Wrong' }).click();
      await page.getByRole('heading', { name: 'This page failed' }).waitFor();
      assert.ok(!(await page.content()).includes('hunter2'));
      quiet(site());
    });

    linkForMembers(site);
  },
);
