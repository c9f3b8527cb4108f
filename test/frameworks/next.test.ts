/** Next.js, App Router: `next build`, served by a server of its own under the layer. */
import assert from 'node:assert/strict';
import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { frameworkSuite, quiet } from './support/suite.ts';

frameworkSuite(
  {
    name: 'next',
    build: [['next', 'build']],
    start: ['server.js'],
    env: { NEXT_TELEMETRY_DISABLED: '1' },
  },
  (site) => {
    test('a link to a page that fails shows the page of the application, with the digest and no text', async () => {
      const { page, url } = site();
      await page.goto(`${url}/`);
      await page.getByRole('link', { name: 'Wrong' }).click();
      await page.getByRole('heading', { name: 'This page failed' }).waitFor();
      assert.match((await page.locator('#digest').textContent()) ?? '', /^\d+$/);
      assert.ok(!(await page.content()).includes('hunter2'));
      site().complaints();
    });

    test('what is bundled with the pages is bulwark/current alone, and nothing of the layer', () => {
      const entry = join(import.meta.dirname, 'next/node_modules/bulwark/dist/adapters/current.js');
      const imported = [...readFileSync(entry, 'utf8').matchAll(/from "(?<file>[^"]+)"/g)];
      assert.deepEqual(
        imported.map(({ groups }) => groups?.['file']?.replace(/-[\w-]{8}\.js$/, '')),
        ['../shared/current-place'],
      );
      const cwd = join(import.meta.dirname, 'next/.next/server');
      const bundled = globSync('**/*.js', { cwd }).map((file) => readFileSync(join(cwd, file), 'utf8'));
      assert.ok(bundled.some((text) => text.includes('ERR_BULWARK_REQUEST_OVER')));
      assert.ok(!bundled.some((text) => text.includes('ERR_BULWARK_PROXY_NOT_TRUSTED')));
    });

    test('an address that is not there shows the page of the application', async () => {
      const { page, url } = site();
      const answer = await page.goto(`${url}/nothing`);
      assert.equal(answer?.status(), 404);
      await page.getByRole('heading', { name: 'There is nothing here' }).waitFor();
      assert.deepEqual(
        site()
          .complaints()
          .filter((one) => !one.includes('status of 404')),
        [],
      );
      quiet(site());
    });
  },
);
