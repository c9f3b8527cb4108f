/** One page is not the whole site: what a route's pages may load, who frames them, and what they say of themselves. */
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { test } from 'node:test';
import { fixedSecrets, TEST_SECRET } from '../../../test/support/secrets.ts';
import type { AuditEvent } from '../../audit/audit-event.ts';
import { PolicyError } from '../../core/errors.ts';
import type { HeaderValue } from '../../core/head.ts';
import { Layer } from '../../layer/layer.ts';
import { View } from '../../layer/view.ts';
import type { PolicyOptions } from '../../policy/policy.ts';
import { readPolicy } from '../../policy/read-policy.ts';
import { memory } from '../../stores/memory/state.ts';
import { type Recorded, RecorderHost } from '../../testing/recorder.ts';

interface Site {
  readonly ask: (target: string, headers?: Readonly<Record<string, HeaderValue>>) => Promise<Recorded>;
  /** As `ask`, by a handler that looks at its view first. */
  readonly look: (look: (view: View) => unknown, target: string, cache: string) => Promise<Recorded>;
  readonly events: readonly AuditEvent[];
  readonly warnings: readonly string[];
}

async function site(options: PolicyOptions): Promise<Site> {
  const events: AuditEvent[] = [];
  const policy = await readPolicy({
    environment: 'production',
    origin: 'https://example.com',
    secrets: fixedSecrets(TEST_SECRET),
    state: memory(),
    audit: { sink: (line) => void events.push(JSON.parse(line) as AuditEvent) },
    ...options,
  });
  const layer = new Layer(policy);
  const host = new RecorderHost(layer);
  return {
    events,
    look: (look, target, cache) =>
      host.run({ target }, (exchange) => {
        look(new View(layer, exchange));
        return { headers: { 'content-type': 'text/html', 'cache-control': cache } };
      }),
    warnings: policy.warnings.map(({ option }) => option),
    ask: (target, headers = {}) =>
      host.run({ target }, () => ({ headers: { 'content-type': 'text/html', ...headers } })),
  };
}

const policies = ({ head }: Recorded): readonly string[] =>
  [head.getHeader('content-security-policy') ?? []].flat().map(String);
const said = ({ head }: Recorded, name: string): unknown => head.getHeader(name);
/** A directive of a policy. */
const of = (policy: string | undefined, name: string): string | undefined =>
  policy?.split(';').find((one) => one.startsWith(`${name} `));

test('a route opens its own pages, and no other: directives that it does not name stay', async () => {
  const { ask } = await site({
    csp: { directives: { 'img-src': ["'self'", 'https://img.example'] } },
    routes: {
      '/p/:id': {
        csp: { 'frame-src': ['https://player.example'], 'font-src': ["'self'", 'https://fonts.example'] },
      },
    },
  });
  const [page, ...more] = policies(await ask('/p/1'));
  assert.deepEqual(more, []);
  assert.equal(of(page, 'frame-src'), 'frame-src https://player.example');
  assert.equal(of(page, 'font-src'), "font-src 'self' https://fonts.example");
  assert.equal(of(page, 'img-src'), "img-src 'self' https://img.example");
  assert.match(of(page, 'script-src') ?? '', /^script-src 'nonce-[\w-]+' 'strict-dynamic'$/);
  assert.match(page ?? '', /require-trusted-types-for 'script'/);
  const [other] = policies(await ask('/q/1'));
  assert.equal(of(other, 'frame-src'), undefined);
  assert.equal(of(other, 'font-src'), "font-src 'self'");
});

test('each page has its own nonce', async () => {
  const { ask } = await site({ routes: { '/p': { csp: { 'frame-src': ["'self'"] } } } });
  const nonces = new Set(
    [policies(await ask('/p')), policies(await ask('/p'))].map(
      ([one]) => /'nonce-([^']+)/.exec(one ?? '')?.[1],
    ),
  );
  assert.equal(nonces.size, 2);
});

test('several patterns add up directive by directive, the narrower one winning', async () => {
  const { ask } = await site({
    routes: {
      '/p/**': { csp: { 'frame-src': ['https://a.example'], 'media-src': ["'self'"] }, corp: 'same-site' },
      '/p/:id': { csp: { 'frame-src': ['https://b.example'] }, coop: 'unsafe-none' },
    },
  });
  const recorded = await ask('/p/1');
  const [page] = policies(recorded);
  assert.equal(of(page, 'frame-src'), 'frame-src https://b.example');
  assert.equal(of(page, 'media-src'), "media-src 'self'");
  assert.equal(said(recorded, 'cross-origin-resource-policy'), 'same-site');
  assert.equal(said(recorded, 'cross-origin-opener-policy'), 'unsafe-none');
});

test('under another spelling of the path nothing that a route opens is open, and what it closes is closed', async () => {
  const { ask } = await site({
    routes: {
      '/p/:id': {
        csp: { 'frame-src': ['https://a.example'], 'img-src': ["'none'"] },
        frame: ['https://a.example'],
        corp: 'cross-origin',
      },
    },
  });
  for (const target of ['/P/1', '/p/1/', '/%70/1']) {
    const recorded = await ask(target);
    const all = policies(recorded);
    assert.equal(all.length, 2, target);
    assert.ok(
      all.some((one) => of(one, 'frame-src') === undefined && /default-src 'none'/.test(one)),
      target,
    );
    assert.ok(
      all.some((one) => of(one, 'img-src') === "img-src 'none'"),
      target,
    );
    assert.ok(
      all.some((one) => of(one, 'frame-ancestors') === "frame-ancestors 'none'"),
      target,
    );
    assert.equal(said(recorded, 'x-frame-options'), 'DENY');
    assert.equal(said(recorded, 'cross-origin-resource-policy'), 'same-origin');
  }
});

test('who frames a page is said in both words, where the older one can say it', async () => {
  const { ask } = await site({
    routes: {
      '/own': { frame: ["'self'"] },
      '/partner': { frame: ["'self'", 'https://partner.example'] },
      '/nobody': { frame: [] },
    },
  });
  const seen = async (target: string): Promise<readonly unknown[]> => {
    const recorded = await ask(target);
    return [of(policies(recorded)[0], 'frame-ancestors'), said(recorded, 'x-frame-options')];
  };
  assert.deepEqual(await seen('/own'), ["frame-ancestors 'self'", 'SAMEORIGIN']);
  assert.deepEqual(await seen('/partner'), ["frame-ancestors 'self' https://partner.example", undefined]);
  assert.deepEqual(await seen('/nobody'), ["frame-ancestors 'none'", 'DENY']);
  // No frame-ancestors is enforced: the older word is all that keeps others out.
  const observed = await site({
    csp: { mode: 'observe' },
    routes: { '/partner': { frame: ['https://partner.example'] } },
  });
  assert.equal(said(await observed.ask('/partner'), 'x-frame-options'), 'DENY');
});

test('what a route opens is checked as the policy is, and needs its line in dangerouslyAllow', async () => {
  const refused = async (
    routes: PolicyOptions['routes'],
    csp: PolicyOptions['csp'] = {},
  ): Promise<readonly string[]> => {
    try {
      return (await site({ csp, ...(routes !== undefined && { routes }) })).warnings;
    } catch (error) {
      if (!(error instanceof PolicyError)) throw error;
      return error.problems.map(({ option, reason }) => `${option}: ${reason}`);
    }
  };
  const evil = { 'script-src': ["'nonce'", "'unsafe-eval'"] };
  assert.match(
    (await refused({ '/p': { csp: evil } })).join(),
    /^routes\['\/p'\]\.csp\.script-src: text that reaches eval/,
  );
  assert.deepEqual(
    await refused({ '/p': { csp: { ...evil, dangerouslyAllow: ["script-src 'unsafe-eval'"] } } }),
    [],
  );
  assert.deepEqual(await refused({ '/p': { csp: { dangerouslyAllow: ["script-src 'unsafe-eval'"] } } }), [
    "routes['/p'].csp.dangerouslyAllow",
  ]);
  assert.match((await refused({ '/p': { frame: ['*'] } })).join(), /frame-ancestors: every host/);
  assert.match((await refused({ '/p': { frame: 'self' as never } })).join(), /\.frame: it must be a list/);
  assert.match(
    (await refused({ '/p': { csp: { 'frame-scr': ['x'] } as never } })).join(),
    /frame-scr: there is no option/,
  );
  assert.match((await refused({ '/p': { csp: 'off' as never } })).join(), /must be an object of directives/);
  assert.match(
    (await refused({ '/p': { headers: { frameOptions: 'DENY' } as never } })).join(),
    /no option of this name/,
  );
  assert.match((await refused({ '/p': { corp: 'anyone' as never } })).join(), /one of 'same-origin'/);
});

test('a route turns Trusted Types off for its pages alone, and names features and a referrer policy for them', async () => {
  const { ask } = await site({
    headers: { permissionsPolicy: { payment: [] } },
    routes: {
      '/map': {
        csp: { trustedTypes: false },
        headers: { permissionsPolicy: { geolocation: ['self'] }, referrerPolicy: 'no-referrer' },
      },
    },
  });
  const map = await ask('/map');
  assert.doesNotMatch(policies(map).join(), /trusted-types/);
  assert.equal(said(map, 'referrer-policy'), 'no-referrer');
  assert.match(
    String(said(map, 'permissions-policy')),
    /geolocation=\(self\).*payment=\(\)|payment=\(\).*geolocation=\(self\)/,
  );
  assert.match(String(said(map, 'permissions-policy')), /camera=\(\)/);
  assert.match(policies(await ask('/')).join(), /require-trusted-types-for/);
});

test('what a handler sets weaker is told once for each route, with the line that would allow it', async () => {
  const { ask, events } = await site({ routes: { '/p': { csp: { 'frame-src': ['https://a.example'] } } } });
  for (let time = 0; time < 3; time += 1) {
    const recorded = await ask('/p', {
      'x-frame-options': 'SAMEORIGIN',
      'cross-origin-resource-policy': 'cross-origin',
      'content-security-policy': `frame-src https://b.example; script-src 'nonce-${randomBytes(16).toString('base64')}' 'self'; img-src 'self'`,
    });
    assert.equal(said(recorded, 'x-frame-options'), 'DENY');
    assert.equal(policies(recorded).length, 2, 'a page is held to both');
  }
  const told = events.filter(({ event }) => event === 'sys_header_raised');
  const fixes = told.map(({ details }) => (details as Readonly<Record<string, string>>)['fix']);
  assert.deepEqual(fixes.toSorted(), [
    `routes: { '/p': { corp: 'cross-origin' } }`,
    `routes: { '/p': { csp: { 'frame-src': ["https://a.example", "https://b.example"], 'script-src': ["'nonce'", "'strict-dynamic'", "'self'"] } } }`,
    `routes: { '/p': { frame: ["'self'"] } }`,
  ]);
});

test('what a handler sets stronger stays, and nothing is told', async () => {
  const { ask, events } = await site({ routes: { '/p': { corp: 'cross-origin', frame: ["'self'"] } } });
  const recorded = await ask('/p', {
    'cross-origin-resource-policy': 'same-origin',
    'x-frame-options': 'DENY',
  });
  assert.equal(said(recorded, 'cross-origin-resource-policy'), 'same-origin');
  assert.equal(said(recorded, 'x-frame-options'), 'DENY');
  assert.deepEqual(
    events.filter(({ event }) => event === 'sys_header_raised'),
    [],
  );
});

test('a page with a nonce that shared caches may keep is told once for each route, with what to write', async () => {
  const { look, events } = await site({ routes: { '/p': {}, '/q': {}, '/r': {} } });
  const told = (): readonly unknown[] =>
    events.flatMap(({ event, details }) => (event === 'sys_header_raised' ? [details] : []));
  const nonce = (view: View): string => view.nonce;
  for (const cache of ['no-store', 'private, max-age=60', 'no-cache', 'public, no-store', 's-maxage=0'])
    await look(nonce, '/p', cache);
  await look(() => undefined, '/p', 'public, max-age=600');
  // The layer makes it `no-store`.
  await look((view) => [view.nonce, view.principal], '/p', 'public');
  assert.deepEqual(told(), []);
  for (let time = 0; time < 3; time += 1) await look(nonce, '/p', 'public, max-age=600');
  await look(nonce, '/q', 's-maxage=60, stale-while-revalidate');
  await look(nonce, '/r', 'max-age="60"');
  assert.equal(told().length, 3);
  for (const one of told()) {
    const { header, fix } = one as Readonly<Record<string, string>>;
    assert.equal(header, 'Cache-Control');
    assert.match(fix ?? '', /Cache-Control: private, no-cache/);
  }
});
