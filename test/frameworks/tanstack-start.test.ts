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

    test('a refusal of permissions stays one: by a link, by the address of its function, and by that of the page', async () => {
      const { page, url, log } = site();
      const answers = new Map<string, number>();
      page.on('response', (answer) => answers.set(answer.url(), answer.status()));
      await page.goto(`${url}/`);
      await page.locator('#alive', { hasText: 'hydrated' }).waitFor();
      const before = log().length;
      await page.getByRole('link', { name: 'Operators' }).click();
      await page.getByRole('heading', { name: 'This is not yours' }).waitFor();
      const called = [...answers.keys()].find((one) => one.includes('/_serverFn/'));
      assert.equal(answers.get(called ?? ''), 403);
      assert.equal((await page.goto(`${url}/operators`))?.status(), 403);
      const said = log().slice(before);
      assert.ok(said.includes('authz_fail') && !said.includes('sys_crash'), said);
      site().complaints();
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
