/** One page that is not as the rest, on every host: what its route opens, and what its handler may not. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ask, type RawAnswer, valueOf } from '../../src/testing/wire.ts';
import { WITH_WEB } from './every-host.ts';

const POLICY = {
  routes: {
    '/': {
      csp: { 'frame-src': ['https://player.example'] },
      frame: ["'self'", 'https://partner.example'],
      coop: 'same-origin-allow-popups',
      headers: { permissionsPolicy: { geolocation: ['self'] } },
    },
    '/json': { corp: 'cross-origin' },
  },
} as const;

const csp = (answer: RawAnswer): string => valueOf(answer, 'content-security-policy') ?? '';

for (const [name, host] of Object.entries(WITH_WEB)) {
  test(`${name}: a route says what its pages may, and the rest stays as it is`, async () => {
    const { port, stop } = await host(POLICY);
    try {
      const page = await ask(port, { target: '/', headers: { accept: 'text/html' } });
      assert.match(csp(page), /frame-src https:\/\/player\.example;/);
      assert.match(csp(page), /frame-ancestors 'self' https:\/\/partner\.example/);
      assert.equal(valueOf(page, 'x-frame-options'), undefined);
      assert.equal(valueOf(page, 'cross-origin-opener-policy'), 'same-origin-allow-popups');
      assert.match(valueOf(page, 'permissions-policy') ?? '', /geolocation=\(self\)/);
      const [, nonce] = /'nonce-([^']+)'/.exec(csp(page)) ?? [];
      assert.ok(nonce !== undefined && page.body.includes(`nonce="${nonce}"`));
      const file = await ask(port, { target: '/json' });
      assert.equal(valueOf(file, 'cross-origin-resource-policy'), 'cross-origin');
      for (const target of ['/me', '/JSON']) {
        const other = await ask(port, { target });
        assert.equal(valueOf(other, 'cross-origin-resource-policy'), 'same-origin', target);
        assert.equal(valueOf(other, 'x-frame-options'), 'DENY', target);
        assert.doesNotMatch(csp(other), /partner/, target);
      }
    } finally {
      await stop();
    }
  });
}
