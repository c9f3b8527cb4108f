/** TanStack Start: `vite build`, its fetch handler under Express and the layer. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { frameworkSuite } from './support/suite.ts';

frameworkSuite(
  {
    name: 'tanstack-start',
    build: [['vite', 'build']],
    start: ['server.js'],
  },
  (site) => {
    test('a link to a page that fails shows the page of the application, and the text of the error stays here', async () => {
      const { page, url } = site();
      const heard: string[] = [];
      page.on('request', (request) => heard.push(request.url()));
      await page.goto(`${url}/`);
      await page.locator('#alive', { hasText: 'hydrated' }).waitFor();
      await page.getByRole('link', { name: 'Wrong' }).click();
      await page.getByRole('heading', { name: 'This page failed' }).waitFor();
      const complaints = site().complaints();
      assert.equal(complaints.length, 1);
      assert.match(complaints[0] ?? '', /^Error: Something went wrong/);
      assert.ok(!(await page.content()).includes('hunter2'));
      const id = heard.find((one) => one.includes('/_serverFn/'));
      const { status, text } = await page.evaluate<{ status: number; text: string }>(
        `fetch('${id}', { headers: { 'x-tsr-serverFn': 'true' } }).then(async (got) => ({ status: got.status, text: await got.text() }))`,
      );
      assert.equal(status, 200);
      assert.ok(text.includes('Something went wrong') && !text.includes('hunter2'), text);
    });

    test('a link to a page for members leads to the sign-in page', async () => {
      const { browser, url } = site();
      const page = await browser.newPage();
      await page.goto(`${url}/`);
      await page.locator('#alive', { hasText: 'hydrated' }).waitFor();
      await page.getByRole('link', { name: 'Account' }).click();
      await page.waitForURL(`${url}/sign-in`);
      await page.close();
    });
  },
);
