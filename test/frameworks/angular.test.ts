/** Angular with @angular/ssr, under the layer. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { frameworkSuite, quiet } from './support/suite.ts';

frameworkSuite(
  {
    name: 'angular',
    build: [['ng', 'build']],
    start: ['server.js'],
    env: { NG_CLI_ANALYTICS: 'false' },
    streams: false,
  },
  (site) => {
    test('a page that is loaded later has its styles', async () => {
      const { page, url } = site();
      await page.goto(`${url}/`);
      await page.locator('#alive', { hasText: 'hydrated' }).waitFor();
      await page.getByRole('link', { name: 'Late' }).click();
      await page.locator('#late').waitFor();
      assert.equal(
        await page.evaluate("getComputedStyle(document.querySelector('#late')).color"),
        'rgb(0, 0, 201)',
      );
      quiet(site());
    });

    test('a component that throws as it is led to is a 404 of Angular, and its text is hidden', async () => {
      const answer = await fetch(`${site().url}/broken`);
      assert.equal(answer.status, 404);
      assert.ok(!(await answer.text()).includes('hunter2'));
    });

    test('a page that the build has rendered runs by its hashes', async () => {
      const { page, url } = site();
      const answer = await page.goto(`${url}/still`);
      assert.match(answer?.headers()['content-security-policy'] ?? '', /script-src [^;]*'sha256-/);
      await page.locator('#alive', { hasText: 'hydrated' }).waitFor();
      quiet(site());
    });
  },
);
