/** React Router, framework mode: `react-router build`, served by Express under the layer. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { frameworkSuite, quiet, linkForMembers } from './support/suite.ts';

frameworkSuite(
  {
    name: 'react-router',
    build: [['react-router', 'build']],
    start: ['server.js'],
    errorPage: 'This page failed',
  },
  (site) => {
    test('a link to a page that fails shows the page of the application, whose document is rendered anew, and no text', async () => {
      const { page, url } = site();
      await page.goto(`${url}/`);
      await page.locator('#alive', { hasText: 'hydrated' }).waitFor();
      await page.getByRole('link', { name: 'Wrong' }).click();
      await page.getByRole('heading', { name: 'This page failed' }).waitFor();
      assert.ok(!(await page.content()).includes('hunter2'));
      const others = site()
        .complaints()
        .filter((one) => !one.includes('status of 500'));
      assert.deepEqual(others, []);
      await page.getByRole('link', { name: 'Back' }).click();
      await page.getByRole('heading', { name: 'First' }).waitFor();
      quiet(site());
    });

    linkForMembers(site);
  },
);
