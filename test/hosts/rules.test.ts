/** The checker's rules against the layer on each host: none finds anything there. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { makeContext } from '../../src/check/context.ts';
import { RULES } from '../../src/check/rules.ts';
import { runRules } from '../../src/check/run.ts';
import { NoAnswer, type SiteFacts } from '../../src/core/rule.ts';
import { exchangeBytes, parseAnswer, writeRequest } from '../../src/testing/wire.ts';
import { EVERY_HOST } from './every-host.ts';

const SITE: SiteFacts = {
  origin: 'https://example.com',
  host: 'example.com',
  hostname: 'example.com',
  target: '/',
  secure: true,
  loopback: false,
  plain: 'http://example.com',
  burst: 0,
};

test('every rule has an id of its own, a title, and a section of the checklist', () => {
  const ids = RULES.map(({ id }) => id);
  assert.equal(new Set(ids).size, ids.length);
  for (const { id, title, guide } of RULES) {
    assert.ok(/^[a-z-]+\.[a-z0-9-]+$/.test(id) && title.length > 0 && guide >= 1 && guide <= 15, id);
  }
});

for (const [name, host] of Object.entries(EVERY_HOST)) {
  test(`no rule finds anything under the layer on ${name}`, async () => {
    const { port, stop } = await host();
    try {
      const context = makeContext(async (probe, cookie) => {
        const { method = 'GET', target = '/', headers, body, plain, preface = '' } = probe;
        // As the proxy says that the tests stand behind.
        const scheme = plain === true ? 'http' : 'https';
        const request = writeRequest({
          method,
          target,
          headers: {
            'x-forwarded-proto': scheme,
            ...(cookie !== undefined && cookie !== '' && { cookie }),
            ...headers,
          },
          ...(body !== undefined && { body }),
        });
        const bytes = await exchangeBytes(
          port,
          Buffer.concat([Buffer.from(preface, 'latin1'), Buffer.from(request)]),
        );
        if (bytes.byteLength === 0) throw new NoAnswer('the connection was cut');
        const answer = parseAnswer(bytes);
        return {
          method,
          url: `${scheme}://example.com${target}`,
          status: answer.status,
          rawHeaders: answer.headers.flat(),
          body: answer.body,
        };
      }, SITE);
      // Whom that proxy believes is its own affair, and whom to write to the application's.
      const rules = RULES.filter(
        ({ id }) => !['firewall.forwarded-proto', 'headers.security-txt'].includes(id),
      );
      const results = await runRules(rules, context, { ownHost: true });
      assert.deepEqual(
        results.filter(({ outcome }) => outcome === 'fell-short'),
        [],
      );
      assert.ok(results.filter(({ outcome }) => outcome === 'held').length >= 30);
    } finally {
      await stop();
    }
  });
}
