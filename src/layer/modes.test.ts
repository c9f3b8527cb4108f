/** Every guard in its three modes: on, it holds; off, what it stops happens; in `observe` it is counted, and nothing else. */
import assert, { AssertionError } from 'node:assert/strict';
import { test } from 'node:test';
import { rowsOfRooms } from '../../test/support/rows.ts';
import { fixedSecrets, TEST_SECRET } from '../../test/support/secrets.ts';
import type { AuditEvent } from '../audit/audit-event.ts';
import { SessionHandle } from '../controls/sessions/session-handle.ts';
import type { Exchange } from '../core/exchange.ts';
import type { Mode } from '../core/guard.ts';
import type { PolicyOptions } from '../policy/policy.ts';
import { readPolicy } from '../policy/read-policy.ts';
import { memory } from '../stores/memory/state.ts';
import { type Answered, type Asked, type Recorded, RecorderHost } from '../testing/recorder.ts';
import { pairsOf, seen } from '../testing/seen.ts';
import { type Arrange, Layer } from './layer.ts';

interface Row {
  readonly guard: string;
  readonly holds: string;
  /** The section whose `mode` it has. Without one it acts always, since others stand on it. */
  readonly section?: keyof PolicyOptions;
  readonly policy?: PolicyOptions;
  readonly asked: Asked;
  /** How often it is asked; looked at is the last time. */
  readonly times?: number;
  readonly answer?: (exchange: Exchange, layer: Layer) => Answered | Promise<Answered>;
  /** Fails where what the guard stops happens. */
  readonly check: (recorded: Recorded) => void;
  /** Added in `observe` all the same: it has browsers observe. */
  readonly beside?: readonly string[];
}

const refusedWith =
  (status: number) =>
  ({ verdict }: Recorded): void =>
    assert.equal(verdict?.status, status);
const answers =
  (answered: Answered): NonNullable<Row['answer']> =>
  () =>
    answered;
const HTML = { 'content-type': 'text/html' };

const OF_OURS: readonly Row[] = [
  {
    guard: 'address',
    holds: 'the client is the one that the trusted proxy names',
    policy: { proxy: { trusted: ['192.0.2.1'] } },
    asked: { headers: { 'x-forwarded-for': '203.0.113.7' } },
    check: ({ exchange }) => assert.equal(exchange.client.address, '203.0.113.7'),
  },
  {
    guard: 'rate-limit',
    holds: 'a client over its limit is refused',
    section: 'rateLimit',
    policy: { rateLimit: { perClient: '1/minute' } },
    asked: {},
    times: 2,
    check: refusedWith(429),
  },
  {
    guard: 'framing',
    holds: 'a request with two Hosts is refused',
    section: 'firewall',
    asked: { headers: { host: ['example.com', 'example.com'] } },
    check: refusedWith(400),
  },
  {
    guard: 'files',
    holds: 'where files are sent from there is no page',
    policy: { files: { origin: 'https://files.example.net' }, firewall: { hosts: ['files.example.net'] } },
    asked: { headers: { host: 'files.example.net' } },
    check: refusedWith(404),
  },
  {
    guard: 'url',
    holds: 'a path that climbs is refused',
    section: 'firewall',
    asked: { target: '/a/../b' },
    check: refusedWith(400),
  },
  {
    guard: 'route',
    holds: 'the rules of a path are found',
    policy: { routes: { '/members/**': { require: 'signed-in' } } },
    asked: { target: '/members/list' },
    check: refusedWith(401),
  },
  {
    guard: 'host',
    holds: 'a foreign host is refused',
    section: 'firewall',
    asked: { headers: { host: 'evil.example' } },
    check: refusedWith(421),
  },
  {
    guard: 'method',
    holds: 'a method that nobody needs is refused',
    section: 'firewall',
    asked: { method: 'TRACE' },
    check: refusedWith(405),
  },
  {
    guard: 'https',
    holds: 'plain http is led to https',
    section: 'https',
    asked: { encrypted: false },
    check: refusedWith(308),
  },
  {
    guard: 'https',
    holds: 'browsers are told to come by https alone',
    section: 'https',
    asked: {},
    check: ({ head }) => assert.match(String(head.getHeader('strict-transport-security')), /^max-age=\d{8}/),
  },
  {
    guard: 'token',
    holds: 'a token that is none opens nothing, and makes nobody a visitor',
    policy: { apiTokens: { scopes: ['files:read'] } },
    asked: { headers: { authorization: 'Bearer bwk_made-up' } },
    check: refusedWith(401),
  },
  {
    guard: 'webhook',
    holds: 'what nobody signed is refused',
    policy: {
      routes: { 'POST /hook': { webhook: { scheme: 'github', secrets: ['a secret of the sender'] } } },
    },
    asked: { method: 'POST', target: '/hook', headers: { 'sec-fetch-site': 'same-origin' } },
    check: refusedWith(401),
  },
  {
    guard: 'session',
    holds: 'a session that ended while its page was made replaces the page',
    asked: {},
    answer: async (exchange, { sessions }) => {
      const session = new SessionHandle(sessions, exchange);
      await session.signIn({ account: 'ann' });
      await sessions.revokeAccount('ann');
      return {};
    },
    check: refusedWith(401),
  },
  {
    guard: 'csrf',
    holds: 'a post from another site is refused',
    section: 'csrf',
    asked: { method: 'POST', headers: { 'sec-fetch-site': 'cross-site' } },
    check: refusedWith(403),
  },
  {
    guard: 'access',
    holds: 'nobody comes to a closed route',
    section: 'access',
    policy: { routes: { '/members/**': { require: 'signed-in' } } },
    asked: { target: '/members/list' },
    check: refusedWith(401),
  },
  {
    guard: 'body',
    holds: 'a body that says it is too large is refused',
    section: 'body',
    asked: { method: 'POST', headers: { 'content-length': '999999999', 'sec-fetch-site': 'same-origin' } },
    check: refusedWith(413),
  },
  {
    guard: 'validation',
    holds: 'JSON that says two things of one name is refused',
    section: 'validation',
    asked: {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        'content-length': '13',
        'sec-fetch-site': 'same-origin',
      },
      body: '{"a":1,"a":2}',
    },
    check: refusedWith(400),
  },
  {
    guard: 'uploads',
    holds: 'a form with two names for one file is refused',
    section: 'uploads',
    asked: {
      method: 'POST',
      headers: {
        'content-type': 'multipart/form-data; boundary=b',
        'content-length': '85',
        'sec-fetch-site': 'same-origin',
      },
      body: '--b\r\nContent-Disposition: form-data; name="f"; filename="a"; filename="b"\r\n\r\nx\r\n--b--',
    },
    check: refusedWith(400),
  },
  {
    guard: 'errors',
    holds: 'what the application says of its failure is replaced',
    section: 'errors',
    asked: {},
    answer: answers({ status: 500, headers: HTML }),
    check: refusedWith(500),
  },
  {
    guard: 'cookies',
    holds: 'a cookie is raised to the policy',
    section: 'cookies',
    asked: {},
    answer: answers({ headers: { 'set-cookie': ['a=b'] } }),
    check: ({ head }) => assert.match(String(head.getHeader('set-cookie')), /Secure; HttpOnly; SameSite=Lax/),
  },
  {
    guard: 'cookies',
    holds: 'the application sets no cookie of ours',
    section: 'cookies',
    asked: {},
    answer: answers({ headers: { 'set-cookie': ['__Host-sid=planted; Path=/; Secure'] } }),
    check: ({ head }) => assert.equal(head.getHeader('set-cookie'), undefined),
  },
  {
    guard: 'cache',
    holds: 'an answer for one person is kept by nobody',
    asked: {},
    answer: (exchange) => {
      exchange.sessionRead = true;
      return { headers: { 'cache-control': 'public' } };
    },
    check: ({ head }) => assert.equal(head.getHeader('cache-control'), 'no-store'),
  },
  {
    guard: 'csp',
    holds: 'a page runs the scripts that it names alone',
    section: 'csp',
    asked: {},
    answer: answers({ headers: HTML }),
    check: ({ head }) => assert.match(String(head.getHeader('content-security-policy')), /'nonce-/),
    beside: ['content-security-policy-report-only'],
  },
  {
    guard: 'headers',
    holds: 'a page is framed by nobody',
    section: 'headers',
    asked: {},
    answer: answers({ headers: HTML }),
    check: ({ head }) => assert.equal(head.getHeader('x-frame-options'), 'DENY'),
  },
  {
    guard: 'headers',
    holds: 'what the server is made of is not told',
    section: 'headers',
    asked: {},
    answer: answers({ headers: { 'x-powered-by': 'Express' } }),
    check: ({ head }) => assert.equal(head.getHeader('x-powered-by'), undefined),
  },
  {
    guard: 'address',
    holds: 'an upstream is told who asks by us alone, whatever the spelling',
    asked: {
      headers: {
        'X-Forwarded-For': '203.0.113.9',
        'x-forwarded-user': 'admin',
        'X-Real-IP': '203.0.113.9',
        Forwarded: 'for=203.0.113.9',
        'CF-Connecting-IP': '203.0.113.9',
        'X-Bulwark-Account': 'admin',
      },
    },
    check: ({ forwarded }) =>
      assert.deepEqual(pairsOf(forwarded), [
        ['host', 'example.com'],
        ['X-Forwarded-For', '192.0.2.1'],
        ['X-Forwarded-Proto', 'https'],
        ['X-Forwarded-Host', 'example.com'],
      ]),
  },
  {
    guard: 'address',
    holds: 'names that a server folds into ours are gone too, where the firewall lets them by',
    policy: { firewall: { mode: 'observe' } },
    asked: { headers: { X_Forwarded_For: '203.0.113.9', 'X.Real.IP': '203.0.113.9' } },
    check: ({ forwarded }) => assert.ok(!forwarded.includes('203.0.113.9')),
  },
  {
    guard: 'framing',
    holds: 'no request names the proxy of an upstream',
    section: 'firewall',
    asked: { headers: { Proxy: 'http://evil.example' } },
    check: ({ forwarded }) => assert.ok(!forwarded.includes('Proxy')),
  },
  {
    guard: 'url',
    holds: 'an upstream gets no other path than the one that was judged',
    section: 'firewall',
    asked: { headers: { 'X-Original-URL': '/admin' } },
    check: ({ forwarded }) => assert.ok(!forwarded.includes('/admin')),
  },
  {
    guard: 'session',
    holds: 'the session and the browsers that accounts know stay on our side, and no other cookie does',
    asked: {
      headers: {
        cookie: `theme=dark; __Host-sid=${'a'.repeat(32)}; __Host-known=b; lang=en; __HOST-device2=c; __Host-device=d`,
      },
    },
    check: ({ forwarded }) => assert.equal(new Map(pairsOf(forwarded)).get('Cookie'), 'theme=dark; lang=en'),
  },
  {
    guard: 'csrf',
    holds: 'a token for forms of ours is not handed on',
    section: 'csrf',
    asked: { headers: { 'X-CSRF-Token': 'a'.repeat(43) } },
    check: ({ forwarded }) => assert.ok(!forwarded.includes('X-CSRF-Token')),
  },
];

/** Those above, and those that a room has beside itself (`*.rows.test.ts`). */
const ROWS = [
  ...OF_OURS,
  ...(await rowsOfRooms()).flatMap(({ MODE_ROWS = [] }) => MODE_ROWS as readonly Row[]),
];

interface Ran extends Recorded {
  readonly layer: Layer;
  readonly events: readonly AuditEvent[];
}

const NOW = Date.UTC(2026, 0, 1);

async function layerOf(options: PolicyOptions, arrange?: Arrange): Promise<[Layer, AuditEvent[]]> {
  const events: AuditEvent[] = [];
  const policy = await readPolicy({
    environment: 'production',
    origin: 'https://example.com',
    secrets: fixedSecrets(TEST_SECRET),
    state: memory(),
    ...options,
    audit: { sink: (_line, event) => void events.push(event) },
  });
  return [new Layer(policy, undefined, arrange), events];
}

/** @param mode - `off` of a guard that has no mode is a layer without it */
async function run(row: Row, mode: Mode): Promise<Ran> {
  const { section, policy = {}, guard, times = 1, answer } = row;
  const without: Arrange = (guards) => guards.filter(({ name }) => name !== guard);
  const [layer, events] =
    section === undefined
      ? await layerOf(policy, mode === 'off' ? without : undefined)
      : await layerOf({ ...policy, [section]: { ...(policy[section] as object), mode } });
  const host = new RecorderHost(layer);
  const ask = (): Promise<Recorded> =>
    host.run({ now: NOW, ...row.asked }, (exchange) => answer?.(exchange, layer) ?? {});
  let recorded = await ask();
  for (let time = 1; time < times; time += 1) recorded = await ask();
  return { ...recorded, layer, events };
}

for (const row of ROWS) {
  const { guard, holds, section, check, beside } = row;
  test(`${guard}: ${holds}`, async (t) => {
    await t.test('on, it holds', async () => check(await run(row, 'enforce')));

    await t.test('off, what it stops happens', async () => {
      const off = await run(row, 'off');
      assert.throws(() => check(off), AssertionError);
      assert.equal(off.verdict, undefined);
      assert.equal(off.layer.counts.get(guard)?.refused ?? 0, 0);
    });

    if (section === undefined) return;
    await t.test('in observe, it is counted and told, and all that leaves is as without it', async () => {
      const observed = await run(row, 'observe');
      assert.throws(() => check(observed), AssertionError);
      assert.deepEqual(seen(observed, beside), seen(await run(row, 'off')));
      const count = observed.layer.counts.get(guard);
      assert.equal(count?.refused, 0);
      assert.ok(count.observed > 0);
      // A redirect is no fact of security.
      const told = observed.events.filter((event) => event.guard === guard);
      assert.ok(told.every(({ details }) => details?.['observed'] === true));
      assert.ok(told.length > 0 || holds.includes('led'), JSON.stringify(observed.events));
    });
  });
}

test('every guard of the layer has its row', async () => {
  const names = new Set<string>();
  await layerOf({ apiTokens: { scopes: ['files:read'] } }, (guards) => {
    for (const { name } of guards) names.add(name);
    return guards;
  });
  assert.deepEqual([...names].toSorted(), [...new Set(ROWS.map(({ guard }) => guard))].toSorted());
});
