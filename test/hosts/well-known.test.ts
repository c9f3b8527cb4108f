/** What others look at without being told of it: on every face of the layer, before anybody asks who is there. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ask, valueOf } from '../../src/testing/wire.ts';
import { WITH_WEB } from './every-host.ts';

const EXPIRES = new Date(Date.now() + 200 * 86_400_000).toISOString().slice(0, 10);

for (const [name, start] of Object.entries(WITH_WEB)) {
  test(`it is answered to strangers where all else is closed, on ${name}`, async () => {
    const { port, stop, layer } = await start({
      wellKnown: {
        securityTxt: { contact: ['mailto:security@example.com'], expires: EXPIRES },
        changePassword: '/settings/password',
        disallow: ['/members/'],
      },
      mfa: { relatedOrigins: ['https://example.de'] },
      access: { otherwise: 'signed-in' },
      routes: { '/members/**': { require: 'signed-in', private: true } },
    });
    // As a browser asks for related origins from another site's page, and a manager for the page.
    const headers = {
      'sec-fetch-site': 'cross-site',
      'sec-fetch-mode': 'no-cors',
      'sec-fetch-dest': 'empty',
      accept: '*/*',
    };
    const at = async (target: string, method = 'GET'): ReturnType<typeof ask> =>
      ask(port, { method, target, headers });
    try {
      const txt = await at('/.well-known/security.txt');
      assert.match(txt.body, /^Contact: mailto:security@example\.com\nExpires: /);
      assert.deepEqual(
        [
          txt.status,
          valueOf(txt, 'content-type'),
          valueOf(txt, 'cache-control'),
          valueOf(txt, 'x-content-type-options'),
        ],
        [200, 'text/plain; charset=utf-8', 'public, max-age=86400', 'nosniff'],
      );
      assert.equal(valueOf(txt, 'set-cookie'), undefined);
      const head = await at('/.well-known/security.txt', 'HEAD');
      assert.deepEqual(
        [head.status, head.body, valueOf(head, 'content-length')],
        [200, '', String(txt.body.length)],
      );
      const led = await at('/.well-known/change-password');
      assert.deepEqual([led.status, valueOf(led, 'location')], [303, '/settings/password']);
      const related = await at('/.well-known/webauthn');
      assert.deepEqual(
        [related.status, valueOf(related, 'content-type'), JSON.parse(related.body)],
        [200, 'application/json', { origins: ['https://example.de'] }],
      );
      assert.match((await at('/robots.txt')).body, /^Disallow: \/members\/$/m);
      assert.notEqual((await at('/.well-known/resource-that-should-not-exist')).status, 200);
      const closed = await at('/members/page');
      assert.deepEqual(
        [valueOf(closed, 'x-robots-tag'), valueOf(closed, 'cache-control')],
        ['noindex', 'no-store'],
      );
      assert.equal(layer.counts.get('well-known')?.refused, 1, 'a yes is no refusal');
    } finally {
      await stop();
    }
  });
}
