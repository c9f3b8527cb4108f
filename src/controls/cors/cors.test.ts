/** Whole layers, asked as browsers ask: the links beside tests are reports about other software that each is made from. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { recordedLayer } from '../../../test/support/recorded-layer.ts';
import type { AuditEvent } from '../../audit/audit-event.ts';
import { SessionHandle } from '../sessions/session-handle.ts';
import type { PolicyOptions } from '../../policy/policy.ts';
import type { Answered, Asked, Recorded } from '../../testing/recorder.ts';

const PARTNER = 'https://partner.example';
const OTHER = 'https://other.example';

interface Site {
  readonly ask: (asked: Asked, answered?: Answered) => Promise<Recorded>;
  readonly events: readonly AuditEvent[];
  readonly signIn: () => Promise<string>;
}

async function site(policy: PolicyOptions): Promise<Site> {
  const { layer, host, events } = await recordedLayer(policy);
  return {
    events,
    ask: (asked, answered = {}) => host.run(asked, () => answered),
    signIn: async () => {
      const { head } = await host.run(
        { method: 'POST', headers: { 'sec-fetch-site': 'same-origin' } },
        async (exchange) => {
          await new SessionHandle(layer.sessions, exchange).signIn({ account: 'ann' });
          return {};
        },
      );
      return /^[^;]*/.exec(String(head.getHeader('set-cookie')))?.[0] ?? '';
    },
  };
}

const preflight = (
  origin: string,
  method = 'PUT',
  headers: Readonly<Record<string, string>> = {},
): Asked => ({
  method: 'OPTIONS',
  target: '/api/items',
  headers: { origin, 'access-control-request-method': method, ...headers },
});
const from = (origin: string, more: Asked = {}): Asked => ({
  target: '/api/items',
  ...more,
  headers: { origin, 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'cors', ...more.headers },
});
const allowed = ({ head }: Recorded): unknown => head.getHeader('access-control-allow-origin');
const vary = ({ head }: Recorded): string => String(head.getHeader('vary') ?? '');
const API = { '/api/**': { cors: { origins: [PARTNER], methods: ['GET', 'POST', 'PUT'] } } } as const;

test('a preflight is answered before sign-in and limits of the route, and no handler hears of it (fastify-cors#102)', async () => {
  const { ask } = await site({
    routes: { '/api/**': { ...API['/api/**'], require: 'signed-in', limit: '1/minute' } },
  });
  for (let time = 0; time < 3; time += 1) {
    const recorded = await ask(preflight(PARTNER));
    assert.equal(recorded.head.statusCode, 204);
    assert.equal(allowed(recorded), PARTNER);
    assert.equal(recorded.head.getHeader('access-control-allow-methods'), 'GET, POST, PUT');
    assert.equal(recorded.head.getHeader('access-control-allow-headers'), 'Content-Type');
    assert.equal(recorded.head.getHeader('access-control-max-age'), '600');
    assert.equal(recorded.head.getHeader('access-control-allow-credentials'), undefined);
    // A 204 has no content, and no length of it (RFC 9110 8.6; django-cors-headers#315).
    assert.equal(recorded.head.getHeader('content-length'), undefined);
    assert.equal(recorded.head.getHeader('content-type'), undefined);
    assert.deepEqual(recorded.forwarded, []);
  }
  assert.equal((await ask(from(PARTNER))).head.statusCode, 401);
});

test('preflights are not free: the general limit counts them', async () => {
  const { ask } = await site({ routes: API, rateLimit: { perClient: '2/minute' } });
  await ask(preflight(PARTNER));
  await ask(preflight(PARTNER));
  const third = await ask(preflight(PARTNER));
  assert.equal(third.head.statusCode, 429);
  assert.equal(allowed(third), PARTNER, 'and the page can read why');
});

test('an OPTIONS that is no preflight is for the application (fastify-cors#88)', async () => {
  const { ask } = await site({ routes: API });
  const recorded = await ask({ method: 'OPTIONS', target: '/api/items', headers: { origin: PARTNER } });
  assert.equal(recorded.verdict, undefined);
});

test('a preflight asks for the rules of the method that it names', async () => {
  const { ask } = await site({
    routes: { 'PUT /api/:id': { cors: { origins: [PARTNER], methods: ['PUT'] } } },
  });
  assert.equal((await ask(preflight(PARTNER, 'PUT'))).head.statusCode, 204);
  for (const method of ['POST', 'put', 'X'.repeat(64), '*'])
    assert.equal((await ask(preflight(PARTNER, method))).head.statusCode, 403, method);
});

test('v5.0.0-3.4.2 (in part): origins that only look alike are none: null, ports, case, dots, sub- and sibling domains, other letters', async () => {
  const { ask, events } = await site({
    routes: { '/api/**': { cors: { origins: [PARTNER, 'https://b\u00fccher.example'] } } },
  });
  const alike = [
    'null',
    'https://partner.example:8443',
    'https://partner.example:443',
    'http://partner.example',
    'https://PARTNER.example',
    'https://partner.example.',
    'https://partner.example.attacker.example',
    'https://attackerpartner.example',
    'https://a.partner.example',
    'https://partnerxexample',
    'https://partner.example/',
    'https://partner.example, https://partner.example',
    ' ',
    'https://b\u00c3\u00bccher.example',
    'https://xn--bcher-kva.example.',
    '__proto__',
    'constructor',
  ];
  for (const origin of alike) {
    const asked = await ask(preflight(origin, 'GET'));
    assert.notEqual(asked.head.statusCode, 204, origin);
    assert.equal(allowed(await ask(from(origin))), undefined, origin);
  }
  assert.equal(allowed(await ask(from('https://xn--bcher-kva.example'))), 'https://xn--bcher-kva.example');
  assert.ok(events.some(({ event, guard }) => event === 'malicious_cors' && guard === 'cors'));
});

test('nothing of a preflight is said back, whatever it asks for', async () => {
  const { ask } = await site({ routes: API });
  const recorded = await ask(
    preflight(PARTNER, 'PUT', { 'access-control-request-headers': 'x-evil\r\nset-cookie: a=b, *' }),
  );
  const said = JSON.stringify(recorded.head.lines);
  assert.ok(!said.includes('evil') && !said.includes('a=b'));
});

test('answers vary by origin whoever asks: named, not named, or not at all (rs/cors#10, gorilla/handlers#248, cors#106)', async () => {
  const { ask } = await site({ routes: API });
  const body = { headers: { vary: 'Accept-Encoding' } };
  for (const asked of [from(PARTNER), from(OTHER), { target: '/api/items' }])
    assert.match(vary(await ask(asked, body)), /^(?:Accept-Encoding|Sec-Fetch-Site.*), Origin$/);
  assert.equal(vary(await ask(from(PARTNER), { headers: { vary: 'origin' } })), 'origin');
  assert.equal(vary(await ask(from(PARTNER), { headers: { vary: '*' } })), '*');
  // Nothing depends on it elsewhere: one entry of a cache would become many.
  assert.equal(vary(await ask({ target: '/' })), '');
});

test('what is for everyone is the same for everyone, and does not vary (cors#429)', async () => {
  const { ask } = await site({ routes: { '/api/**': { cors: { origins: '*' } } } });
  for (const asked of [from(PARTNER), from('null'), { target: '/api/items' }]) {
    const recorded = await ask(asked);
    assert.equal(allowed(recorded), '*');
    assert.equal(vary(recorded), '');
    assert.equal(recorded.head.getHeader('access-control-allow-credentials'), undefined);
  }
  assert.equal((await ask(preflight('null', 'POST'))).head.statusCode, 403);
});

test('those who are trusted can read why they were refused, and nobody else (cors#126, django-cors-headers#578)', async () => {
  const { ask } = await site({
    routes: {
      '/api/**': { ...API['/api/**'] },
      '/api/mine': { require: 'signed-in' },
      '/api/small': { bodyLimit: '10B' },
      '/api/rare': { limit: '1/minute' },
    },
  });
  const all: readonly (readonly [Asked, number])[] = [
    [{ target: '/api/mine' }, 401],
    [
      { target: '/api/small', method: 'POST', headers: { 'content-length': '11' }, body: 'x'.repeat(11) },
      413,
    ],
    [{ target: '/api/rare' }, 200],
    [{ target: '/api/rare' }, 429],
    [{ target: '/api/items', method: 'POST', headers: { cookie: '__Host-session=made-up' } }, 403],
    [{ target: '/api/items', headers: { host: 'elsewhere.example' } }, 421],
  ];
  for (const [asked, status] of all) {
    const recorded = await ask(from(PARTNER, asked));
    assert.equal(recorded.head.statusCode, status, asked.target);
    assert.equal(allowed(recorded), PARTNER, asked.target);
    const others = await ask(from(OTHER, asked));
    assert.equal(allowed(others), undefined, asked.target);
  }
});

test('a refusal of the general limit, before any route is known, is readable too', async () => {
  const { ask } = await site({ routes: API, rateLimit: { perClient: '1/minute' } });
  await ask(from(PARTNER));
  const refused = await ask(from(PARTNER));
  assert.equal(refused.head.statusCode, 429);
  assert.equal(allowed(refused), PARTNER);
});

test('pages of the internet ask on private networks where the policy says so, and nowhere else (flask-cors#337)', async () => {
  const asked = { 'access-control-request-private-network': 'true' };
  const name = 'access-control-allow-private-network';
  const closed = await site({ routes: API });
  assert.equal((await closed.ask(preflight(PARTNER, 'PUT', asked))).head.getHeader(name), undefined);
  const open = await site({ cors: { origins: [PARTNER], privateNetwork: true } });
  assert.equal((await open.ask(preflight(PARTNER, 'PUT', asked))).head.getHeader(name), 'true');
  assert.equal((await open.ask(preflight(PARTNER))).head.getHeader(name), undefined);
});

test('another spelling of a path is opened to nobody (CVE-2024-6866, CVE-2024-6844)', async () => {
  const { ask } = await site({
    routes: { '/api/**': { cors: { origins: [PARTNER] } }, '/api/internal/**': { cors: { origins: [] } } },
  });
  assert.equal(allowed(await ask(from(PARTNER))), PARTNER);
  for (const target of [
    '/API/items',
    '/%61pi/items',
    '/api/internal/x',
    '/api/Internal/x',
    '/api//internal/x',
  ])
    assert.equal(allowed(await ask(from(PARTNER, { target }))), undefined, target);
});

test('what the application opens is held to the policy, and told once with the line to write', async () => {
  const { ask, events } = await site({ routes: API, isolation: { mode: 'off' } });
  const wide = {
    headers: {
      'access-control-allow-origin': OTHER,
      'access-control-allow-credentials': 'true',
      'access-control-expose-headers': '*',
    },
  };
  for (let time = 0; time < 2; time += 1) {
    const { head } = await ask(from(OTHER, { target: '/elsewhere' }), wide);
    assert.deepEqual(
      head.names().filter((one) => one.startsWith('access-control')),
      [],
    );
  }
  const { head } = await ask(from(PARTNER), wide);
  assert.equal(head.getHeader('access-control-allow-origin'), PARTNER);
  assert.equal(head.getHeader('access-control-allow-credentials'), undefined);
  const told = events.filter(({ event }) => event === 'sys_header_raised');
  assert.equal(told.length, 2, 'once for each route');
  assert.match(JSON.stringify(told), /cors: \{ origins: \[/);
});

test('the same said twice is said once (cors: duplicate Access-Control-Allow-Origin)', async () => {
  const { ask, events } = await site({ routes: API });
  const same = { headers: { 'access-control-allow-origin': PARTNER } };
  assert.equal(allowed(await ask(from(PARTNER), same)), PARTNER);
  assert.deepEqual(
    events.filter(({ event }) => event === 'sys_header_raised'),
    [],
  );
});

test('a page without cookie and credential forges nothing where its origin is named, and does with a cookie', async () => {
  const { ask, signIn } = await site({ routes: API });
  const cookie = await signIn();
  const post = (headers: Readonly<Record<string, string>> = {}, origin = PARTNER): Promise<Recorded> =>
    ask(from(origin, { method: 'POST', headers }));
  assert.equal((await post()).verdict, undefined);
  assert.equal((await post({ authorization: 'Bearer of-the-application' })).verdict, undefined);
  assert.equal((await post({ authorization: 'Basic YTpi' })).verdict?.status, 403);
  assert.equal((await post({ cookie })).verdict?.status, 403);
  assert.equal((await post({}, OTHER)).verdict?.status, 403);
  assert.equal((await post({}, 'null')).verdict?.status, 403);
  // A form that a page of theirs submits: what comes back may sign its visitor in to an account of theirs.
  assert.equal((await post({ 'sec-fetch-mode': 'navigate' })).verdict?.status, 403);
  const put = await ask(from(PARTNER, { method: 'DELETE' }));
  assert.equal(put.verdict?.status, 403, 'a method that is not among those of the rule');
});

test('with credentials a named origin acts for its visitor, and opens no WebSocket by it', async () => {
  const { ask, signIn, events } = await site({
    routes: { '/api/**': { cors: { origins: [PARTNER], credentials: true } } },
  });
  const cookie = await signIn();
  const recorded = await ask(from(PARTNER, { method: 'POST', headers: { cookie } }));
  assert.equal(recorded.verdict, undefined);
  assert.equal(recorded.head.getHeader('access-control-allow-credentials'), 'true');
  const upgrade = await ask(
    from(PARTNER, { headers: { cookie, upgrade: 'websocket', connection: 'upgrade' } }),
  );
  assert.equal(upgrade.verdict?.status, 403);
  assert.equal((await ask(from(OTHER, { method: 'POST', headers: { cookie } }))).verdict?.status, 403);
  assert.ok(!JSON.stringify(events).includes(cookie));
});

test('observing lets nobody in, and off leaves it all to the application', async () => {
  const observed = await site({ ...{ routes: API }, cors: { mode: 'observe' } });
  assert.equal((await observed.ask(from(PARTNER, { method: 'POST' }))).verdict?.status, 403);
  assert.equal((await observed.ask(preflight(OTHER))).verdict, undefined);
  const off = await site({ cors: { mode: 'off' } });
  assert.equal(allowed(await off.ask(from(OTHER), { headers: { 'access-control-allow-origin': '*' } })), '*');
});
