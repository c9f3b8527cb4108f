/** NestJS on Express and on Fastify: pages of its own, forms, JSON and server-sent events under the layer. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { frameworkSuite, quiet } from './support/suite.ts';

for (const on of ['express', 'fastify']) {
  frameworkSuite(
    {
      name: 'nestjs',
      title: `nestjs on ${on}`,
      build: [['tsc', '-p', '.']],
      start: [`dist/${on}.js`],
      documents: true,
      streams: false,
    },
    (site) => {
      test('server-sent events come one by one, and know who listens', async () => {
        const { page } = site();
        const seen = await page.evaluate(`new Promise((resolve, reject) => {
          const events = new EventSource('/api/ticks');
          events.onerror = () => reject(new Error('refused'));
          events.onmessage = ({ data }) => { events.close(); resolve(JSON.parse(data)); };
        })`);
        assert.deepEqual(seen, { tick: 0, account: 'ann' });
        quiet(site());
      });

      test("an address that is not there says nothing but Nest's own JSON, under every header", async () => {
        const answer = await fetch(`${site().url}/nothing`);
        assert.equal(answer.status, 404);
        assert.equal(((await answer.json()) as { readonly statusCode: number }).statusCode, 404);
        assert.match(answer.headers.get('content-security-policy') ?? '', /default-src 'none'/);
      });
    },
  );
}
