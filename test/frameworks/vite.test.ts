/** Vite in development: its middlewares behind the layer on Express, a page of React, modules one by one, hot updates. */
import assert from 'node:assert/strict';
import { utimesSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { frameworkSuite, quiet } from './support/suite.ts';

frameworkSuite(
  {
    name: 'vite',
    start: ['server.js'],
    environment: 'development',
    streams: false,
  },
  (site) => {
    test('a module that changes is put in place without a new document, and the count stays', async () => {
      const { page, url } = site();
      const socket = page.waitForEvent('websocket');
      await page.goto(`${url}/`);
      assert.ok((await socket).url().startsWith(url.replace('http', 'ws')));
      await page.getByRole('button', { name: 'Count 0' }).click();
      const updated = page.waitForEvent('console', (message) => message.text().includes('hot updated'));
      const now = new Date();
      utimesSync(join(import.meta.dirname, 'vite/src/counter.jsx'), now, now);
      await updated;
      await page.getByRole('button', { name: 'Count 1' }).waitFor();
      quiet(site());
    });

    test('styles that a module brings are there', async () => {
      const { page } = site();
      const colour = `getComputedStyle(document.querySelector('h1')).color`;
      assert.equal(await page.evaluate(colour), 'rgb(0, 0, 200)');
    });

    test('a page of more modules than the general limit has requests is whole', async () => {
      const { page } = site();
      const loaded = await page.evaluate(
        `Promise.all(Array.from({ length: 300 }, (_, at) => import('/src/one-of-many.js?' + at))).then(({ length }) => length)`,
      );
      assert.equal(loaded, 300);
      quiet(site());
    });
  },
);
