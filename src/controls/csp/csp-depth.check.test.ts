import assert from 'node:assert/strict';
import { test } from 'node:test';
import { contextOf, runRule, type Said, verdictOf } from '../../../test/support/check-site.ts';
import type { Probe } from '../../core/answer.ts';
import { cspDepthRules } from './csp-depth.check.ts';

const NAME = 'Content-Security-Policy';

function under(
  id: string,
  policies: readonly string[],
  more: readonly string[] = [],
): Promise<readonly string[]> {
  const headers = [...policies.flatMap((policy) => [NAME, policy]), ...more];
  return verdictOf(
    cspDepthRules,
    id,
    contextOf(() => ({ headers })),
  );
}

test('csp.bypass-hosts: hosts under which anybody has script, where nothing else keeps it out', async () => {
  const id = 'csp.bypass-hosts';
  assert.deepEqual(await under(id, ["script-src 'self' https://cdn.jsdelivr.net"]), ['warning']);
  assert.deepEqual(await under(id, ["default-src 'self' ajax.googleapis.com"]), ['warning']);
  assert.deepEqual(await under(id, ["script-src 'self' *.jsdelivr.net"]), ['warning']);
  assert.deepEqual(
    await under(id, ["script-src 'self' https://ajax.googleapis.com/ajax/libs/jquery/3.7.1/jquery.min.js"]),
    ['held'],
  );
  assert.deepEqual(await under(id, ["script-src 'nonce-a' 'strict-dynamic' https://cdn.jsdelivr.net"]), [
    'held',
  ]);
  assert.deepEqual(await under(id, ["script-src 'self' https://cdn.jsdelivr.net", "script-src 'self'"]), [
    'held',
  ]);
  // Those of Google's tag manager need eval.
  assert.deepEqual(await under(id, ['script-src www.googletagmanager.com']), ['held']);
  assert.deepEqual(await under(id, ["script-src www.googletagmanager.com 'unsafe-eval'"]), ['warning']);
  assert.deepEqual(await under(id, []), ['not-seen']);
});

test('csp.nonce-cached: whom a cache would hand the nonce to', async () => {
  const id = 'csp.nonce-cached';
  const cached = (...more: readonly string[]): Promise<readonly string[]> =>
    under(id, ["script-src 'nonce-abc'"], more);
  assert.deepEqual(await cached('Cache-Control', 'public, max-age=60'), ['error']);
  assert.deepEqual(await cached('Cache-Control', 'max-age=60'), ['error']);
  assert.deepEqual(await cached('Age', '3'), ['error']);
  assert.deepEqual(await cached('Last-Modified', 'Mon, 30 Nov 2026 00:00:00 GMT'), ['warning']);
  assert.deepEqual(await cached('Cache-Control', 'private, max-age=60'), ['note']);
  assert.deepEqual(await cached('Cache-Control', 'no-store'), ['held']);
  assert.deepEqual(await cached(), ['held']);
  assert.deepEqual(await under(id, ["script-src 'self'"], ['Cache-Control', 'public']), ['not-seen']);
});

test('csp.fallback: default-src, and inline styles', async () => {
  const id = 'csp.fallback';
  assert.deepEqual(await under(id, ["script-src 'self'"]), ['warning']);
  assert.deepEqual(await under(id, ["default-src 'self'; style-src 'unsafe-inline'"]), ['note']);
  assert.deepEqual(await under(id, ["default-src 'self'"]), ['held']);
});

test('csp.written: what browsers pass over', async () => {
  const id = 'csp.written';
  assert.deepEqual(await under(id, ["script-scr 'self'"]), ['warning']);
  assert.deepEqual(await under(id, ['script-src self']), ['warning']);
  assert.deepEqual(await under(id, ["script-src 'self' object-src 'none'"]), ['warning', 'warning']);
  assert.deepEqual(await under(id, ["img-src 'none' 'self'"]), ['warning']);
  assert.deepEqual(await under(id, ["default-src 'self'; block-all-mixed-content"]), ['note']);
  assert.deepEqual(
    await under(id, ["default-src 'self'; sandbox allow-scripts; report-to csp; trusted-types 'none'"]),
    ['held'],
  );
  const outcome = await runRule(
    cspDepthRules,
    id,
    contextOf(() => ({ headers: [NAME, "script-scr 'self'"] })),
  );
  assert.ok(outcome.outcome === 'fell-short' && outcome.faults[0].fix === 'write script-src');
});

test('csp.every-page: every page that a link leads to, with its own nonce', async () => {
  const id = 'csp.every-page';
  const site =
    (about: Said): ((probe: Probe) => Said) =>
    ({ target }) =>
      target === '/about'
        ? about
        : {
            headers: [NAME, "script-src 'nonce-front'"],
            body: '<a href="/about">a</a><a href="/logout">o</a>',
          };
  const look = (about: Said): Promise<readonly string[]> =>
    verdictOf(cspDepthRules, id, contextOf(site(about)));
  assert.deepEqual(
    await look({ headers: [NAME, "script-src 'nonce-x'"], body: '<script nonce="x">1</script>' }),
    ['held'],
  );
  assert.deepEqual(await look({}), ['error']);
  assert.deepEqual(await under(id, []), ['not-seen']);
  assert.deepEqual(
    await look({ headers: [NAME, "script-src 'nonce-x'"], body: '<script nonce="y">1</script>' }),
    ['error'],
  );
});

test('csp.integrity: files of other hosts come with their hash', async () => {
  const id = 'csp.integrity';
  const look = (body: string): Promise<readonly string[]> =>
    verdictOf(
      cspDepthRules,
      id,
      contextOf(() => ({ body })),
    );
  assert.deepEqual(
    await look('<script src="https://cdn.example/a.js"></script><script src="/b.js"></script>'),
    ['warning'],
  );
  assert.deepEqual(await look('<link rel="stylesheet" href="https://cdn.example/a.css">'), ['warning']);
  assert.deepEqual(
    await look('<script src="https://cdn.example/a.js" integrity="sha384-abc" crossorigin></script>'),
    ['held'],
  );
  assert.deepEqual(
    await look('<script src="/b.js"></script><link rel=icon href=https://cdn.example/i.png>'),
    ['held'],
  );
});
