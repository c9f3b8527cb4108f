import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Probe } from '../../core/answer.ts';
import { type SiteFacts, UNKNOWN_PATH } from '../../core/rule.ts';
import { contextOf, type Said, verdictOf } from '../../../test/support/check-site.ts';
import { firewallRules } from './firewall.check.ts';

const FOREIGN = 'bulwark-check.example';
const PAGE: Said = { body: '<title>Front</title>' };
const NOTHING: Said = { status: 404, body: 'nothing here' };

async function check(
  id: string,
  answer: (probe: Probe) => Said,
  expected: readonly string[],
  site: Partial<SiteFacts> = {},
): Promise<void> {
  assert.deepEqual(await verdictOf(firewallRules, `firewall.${id}`, contextOf(answer, site)), expected, id);
}

/** A site whose page answers GET, and any other method as it is told. */
function forMethod(said: Said): (probe: Probe) => Said {
  return ({ method = 'GET' }) => (method === 'GET' ? PAGE : said);
}

test('a method: answered, refused in any way, or refused as everything is', async () => {
  for (const id of ['method-trace', 'method-unused']) {
    await check(id, forMethod({}), ['warning']);
    await check(id, forMethod({ status: 501 }), ['held']);
    await check(id, forMethod({ status: 405, headers: ['Allow', 'GET'] }), ['held']);
    await check(id, forMethod({ status: 404 }), ['held']);
    await check(id, forMethod({ status: 500 }), ['not-seen']);
    await check(id, forMethod({ status: 302, headers: ['Location', '/login'] }), ['not-seen']);
    await check(id, () => NOTHING, ['not-seen']);
  }
  await check('method-unused', forMethod({ status: 405 }), ['note']);
});

test('TRACE that sends back what it was sent is an error', async () => {
  const echo = ({ method, headers }: Probe): Said =>
    method === 'TRACE' ? { body: JSON.stringify(headers) } : PAGE;
  await check('method-trace', echo, ['error']);
});

test('a header for the method: obeyed, ignored, refused', async () => {
  const options: Said = { status: 204, headers: ['Allow', 'GET, POST'], body: '' };
  const site =
    (obeys: boolean, refuses = false) =>
    ({ method = 'GET', headers }: Probe): Said => {
      const instead = headers?.['x-http-method-override'];
      if (instead !== undefined && refuses) return { status: 400 };
      const real = obeys ? (instead ?? method) : method;
      return real === 'OPTIONS' ? options : real === 'HEAD' ? { body: '' } : PAGE;
    };
  await check('method-override', site(true), ['error']);
  await check('method-override', site(false), ['held']);
  await check('method-override', site(false, true), ['held']);
  await check('method-override', () => NOTHING, ['not-seen']);
});

test('a foreign Host: the page, its links, a refusal, the way home, another site', async () => {
  const site =
    (said: Said) =>
    ({ headers }: Probe): Said =>
      headers?.['host'] === FOREIGN ? said : PAGE;
  await check('host', site(PAGE), ['warning']);
  await check('host', site({ body: `<a href="https://${FOREIGN}/">` }), ['error']);
  await check('host', site({ status: 421 }), ['held']);
  await check('host', site({ status: 301, headers: ['Location', 'https://files.example/'] }), ['held']);
  await check('host', site({ body: '<title>Welcome to nginx</title>' }), ['not-seen']);
  await check('host', () => NOTHING, ['not-seen']);
});

test('a forged X-Forwarded-Host that comes back anywhere is an error', async () => {
  const id = 'forwarded-host';
  const reflect =
    (said: (host: string) => Said) =>
    ({ headers }: Probe): Said =>
      said(headers?.['x-forwarded-host'] ?? 'files.example');
  await check(
    id,
    reflect((host) => ({ headers: ['Location', `https://${host}/`] })),
    ['error'],
  );
  await check(
    id,
    reflect((host) => ({ body: `<a href="https://${host}/">` })),
    ['error'],
  );
  await check(id, () => PAGE, ['held']);
  await check(id, () => NOTHING, ['not-seen']);
});

test('what a forged header changes is asked for under an address that no cache has', async () => {
  const targets: string[] = [];
  await check(
    'forwarded-host',
    ({ target, headers }) => {
      if (headers?.['x-forwarded-host'] !== undefined) targets.push(target ?? '');
      return PAGE;
    },
    ['held'],
  );
  assert.ok(
    targets.length > 0 &&
      targets.every((target) => target !== '' && target !== '/' && target !== UNKNOWN_PATH),
  );
});

test('plain http for a forged scheme: given away, not given, given anyway', async () => {
  const site =
    (forged: Said, usual: Said) =>
    ({ plain, headers }: Probe): Said =>
      plain !== true ? PAGE : headers?.['x-forwarded-proto'] === 'https' ? forged : usual;
  const home: Said = { status: 308, headers: ['Location', 'https://files.example/'] };
  await check('forwarded-proto', site(PAGE, home), ['error']);
  await check('forwarded-proto', site(home, home), ['held']);
  await check('forwarded-proto', site({ status: 403 }, { status: 403 }), ['held']);
  await check('forwarded-proto', site(PAGE, PAGE), ['not-seen']);
  await check('forwarded-proto', () => NOTHING, ['not-seen']);
  await check('forwarded-proto', site(PAGE, home), ['not-seen'], { plain: undefined });
});

test('a path with a second reading: a file, the page, nothing', async () => {
  const site =
    (other: Said) =>
    ({ target = '/' }: Probe): Said =>
      target === '/' ? PAGE : target === UNKNOWN_PATH ? NOTHING : other;
  for (const [id, second] of [
    ['dot-segments', 'note'],
    ['encoded-slash', 'warning'],
    ['double-encoding', 'warning'],
    ['nul', 'warning'],
  ] as const) {
    await check(id, site({ body: 'root:x:0:0:root:/root:/bin/sh\n' }), ['error']);
    await check(id, site(PAGE), [second]);
    await check(id, site(NOTHING), ['held']);
    await check(id, site({ status: 400 }), ['held']);
    await check(id, site({ status: 500 }), ['not-seen']);
    // One page for every path, as single-page applications have it.
    await check(id, () => PAGE, ['not-seen']);
    await check(id, () => NOTHING, ['not-seen']);
  }
});

test('an upgrade to h2c that is accepted is an error; to ignore it is fine', async () => {
  await check('h2c', () => ({ status: 101, headers: ['Upgrade', 'h2c'] }), ['error']);
  await check('h2c', () => ({ status: 400 }), ['held']);
  await check('h2c', () => PAGE, ['held']);
  await check('h2c', () => ({ status: 502 }), ['not-seen']);
});
