import assert from 'node:assert/strict';
import { test } from 'node:test';
import { FakeHead, type RequestSketch, sketchExchange } from '../../test/support/exchange.ts';
import { fixedSecrets, TEST_SECRET } from '../../test/support/secrets.ts';
import type { AuditEvent } from '../audit/audit-event.ts';
import type { PolicyOptions } from '../policy/policy.ts';
import { readPolicy } from '../policy/read-policy.ts';
import type { Exchange } from '../core/exchange.ts';
import type { HeaderKey } from '../core/header-line.ts';
import type { Verdict } from '../core/verdict.ts';
import { SessionHandle } from '../controls/sessions/session-handle.ts';
import type { State } from '../stores/ports/state.ts';
import { memory } from '../stores/memory/state.ts';
import { Layer } from './layer.ts';
import { eventOf } from '../core/events.ts';
import { PROBLEMS } from '../core/problem-types.ts';
import { kindOf } from '../../test/support/events.ts';

interface Made {
  readonly layer: Layer;
  readonly events: AuditEvent[];
  /** Judges a request at once, and returns its exchange too. */
  readonly decide: (sketch?: RequestSketch) => { exchange: Exchange; verdict: Verdict };
}

function make(options: PolicyOptions = {}): Made {
  const events: AuditEvent[] = [];
  const policy = readPolicy({
    environment: 'production',
    origin: 'https://example.com',
    secrets: fixedSecrets(TEST_SECRET),
    state: memory(),
    ...options,
    audit: { sink: (_line, event) => void events.push(event), ...options.audit },
  });
  assert.ok(!(policy instanceof Promise));
  const layer = new Layer(policy);
  const decide = (sketch: RequestSketch = {}): { exchange: Exchange; verdict: Verdict } => {
    const exchange = sketchExchange(sketch);
    const verdict = layer.decide(exchange);
    assert.ok(!(verdict instanceof Promise), 'answers at once');
    return { exchange, verdict };
  };
  return { layer, events, decide };
}

function statusOf({ verdict }: { readonly verdict: Verdict }): number | undefined {
  return verdict?.status;
}

const FORGED: RequestSketch = { method: 'POST', headers: { 'sec-fetch-site': 'cross-site' } };

test('answers at once where state is in memory, and lets a plain page through', () => {
  assert.equal(make().decide().verdict, undefined);
});

const REFUSED_SOON: Readonly<Record<string, RequestSketch>> = {
  'two Hosts': { headers: { host: ['example.com', 'evil.example'] } },
  'a path that climbs': { target: '/a/../b' },
  'a host that is not ours': { headers: { host: 'evil.example' } },
  'a method nobody needs': { method: 'TRACE' },
  'plain http': { encrypted: false },
  'a post over plain http': { method: 'POST', encrypted: false },
  'too long a target': { target: `/${'a'.repeat(9000)}` },
};

for (const [what, sketch] of Object.entries(REFUSED_SOON)) {
  test(`one limit over everything: ${what} costs its client no less than a page, and tells it where it stands`, () => {
    const { layer, decide, events } = make({ rateLimit: { perClient: '3/minute' } });
    const toldTo = (exchange: Exchange, name: HeaderKey): unknown => {
      const head = new FakeHead();
      layer.dress(exchange, head);
      return head.getHeader(name);
    };
    for (const left of [2, 1, 0]) {
      const { exchange, verdict } = decide(sketch);
      assert.notEqual(verdict, undefined);
      assert.notEqual(verdict?.status, 429);
      assert.equal(toldTo(exchange, 'ratelimit-policy'), '"default";q=3;w=60');
      assert.match(String(toldTo(exchange, 'ratelimit')), new RegExp(`^"default";r=${left};t=`));
    }
    const { exchange, verdict } = decide(sketch);
    assert.equal(verdict?.status, 429);
    assert.match(String(toldTo(exchange, 'ratelimit')), /^"default";r=0;/);
    assert.equal(events.at(-1)?.event, 'excess_rate_limit_exceeded');
    assert.equal(decide().verdict?.status, 429);
  });
}

test('a 429 closes the connection on which the next request cannot be told from this one, and no other', () => {
  const { decide } = make({ rateLimit: { perClient: '1/minute' } });
  decide();
  assert.equal(decide(REFUSED_SOON['two Hosts']).verdict?.close, true);
  assert.equal(decide({ headers: { 'transfer-encoding': 'gzip, chunked' } }).verdict?.close, true);
  assert.equal(decide().verdict?.close, undefined);
});

test('of several processes each tells the others of what it refused sooner', () => {
  const told: number[] = [];
  const state = memory();
  const debit = state.counters.debit.bind(state.counters);
  state.counters.debit = (key, rate, count, now) => {
    told.push(count);
    return debit(key, rate, count, now);
  };
  const { decide } = make({ state: { ...state, reach: 'network' }, rateLimit: { perClient: '100/minute' } });
  for (let index = 0; index < 20; index += 1) decide(REFUSED_SOON['a host that is not ours']);
  assert.deepEqual(told, [10, 10]);
});

test('enforce refuses, counts and logs, with the guard and the request id', () => {
  const { layer, events, decide } = make();
  const { exchange, verdict } = decide(FORGED);
  assert.equal(verdict?.status, 403);
  assert.deepEqual(layer.counts.get('csrf'), { refused: 1, observed: 0 });
  assert.equal(events.length, 1);
  assert.equal(events[0]?.event, 'malicious_cors');
  assert.equal(events[0]?.requestId, exchange.id);
  assert.ok(JSON.stringify(events[0]).includes('"csrf"'));
});

test('observe lets pass what it counts and logs', () => {
  const { layer, events, decide } = make({ csrf: { mode: 'observe' } });
  assert.equal(decide(FORGED).verdict, undefined);
  assert.deepEqual(layer.counts.get('csrf'), { refused: 0, observed: 1 });
  assert.ok(JSON.stringify(events).includes('"observed":true'));
});

test('off lets pass and says nothing', () => {
  const { layer, events, decide } = make({ csrf: { mode: 'off' } });
  assert.equal(decide(FORGED).verdict, undefined);
  assert.equal(layer.counts.get('csrf'), undefined);
  assert.deepEqual(events, []);
});

test('a guard that is off still fills in what later guards need', () => {
  const { decide } = make({ firewall: { mode: 'off' }, routes: { '/members/**': { require: 'signed-in' } } });
  assert.equal(decide({ target: '/members/%61' }).verdict?.status, 401);
});

test('switching one guard off switches off no other', () => {
  const { decide } = make({ csrf: { mode: 'off' } });
  assert.equal(decide({ headers: { host: 'evil.example' } }).verdict?.status, 421);
  assert.equal(decide({ method: 'TRACE' }).verdict?.status, 405);
});

test('a guard that breaks closes the door, and the log has why', async () => {
  const broken: State = memory();
  const failing = new Proxy(broken.sessions, {
    get: () => () => {
      throw new Error('the store is gone');
    },
  });
  const { layer, events, decide } = make({ state: { ...broken, sessions: failing } });
  const cookie = `__Host-sid=${'a'.repeat(32)}`;
  assert.equal(decide({ method: 'POST', headers: { cookie } }).verdict?.status, 503);
  assert.equal(decide({ method: 'POST' }).verdict, undefined, 'a visitor needs no session');
  assert.equal(events[0]?.event, 'sys_store_unavailable');

  const rejecting = new Proxy(broken.sessions, { get: () => () => Promise.reject(new Error('gone')) });
  const later = make({ state: { ...broken, sessions: rejecting } });
  const verdict = await later.layer.decide(sketchExchange({ method: 'POST', headers: { cookie } }));
  assert.equal(verdict?.status, 503);
  assert.ok(layer !== later.layer);
});

test('an exception in a response guard does not stop the others from dressing the head', () => {
  const { layer } = make();
  const head = new FakeHead(200, { 'content-type': 'text/html' });
  const getHeader = head.getHeader.bind(head);
  head.getHeader = (name) => {
    if (name.toLowerCase() === 'set-cookie') throw new Error('a strange head');
    return getHeader(name);
  };
  layer.dress(sketchExchange(), head);
  assert.equal(head.headers.get('x-frame-options'), 'DENY');
});

test('a flood of refusals is a bounded number of lines, and no count is lost', (t) => {
  // What the log counts by: one second that does not end, however long this takes.
  t.mock.timers.enable({ apis: ['Date'], now: Date.UTC(2026, 0, 1) });
  const { layer, events, decide } = make({ audit: { refusalsPerSecond: 10 } });
  for (let index = 0; index < 500; index += 1)
    decide({ ...FORGED, peer: `2001:db8:${index.toString(16)}::1` });
  assert.equal(events.length, 10);
  t.mock.timers.setTime(Date.UTC(2026, 0, 1, 0, 0, 1));
  decide(FORGED);
  assert.equal(events.length, 11);
  assert.equal(events[10]?.details?.['heldBack'], 490);
  assert.equal(layer.counts.get('csrf')?.refused, 501);
});

test('a flood of one kind hides no other, and nothing that someone should be woken up by', (t) => {
  t.mock.timers.enable({ apis: ['Date'], now: Date.UTC(2026, 0, 1) });
  const broken = memory();
  const sessions = new Proxy(broken.sessions, {
    get: () => () => {
      throw new Error('gone');
    },
  });
  const { events, decide } = make({ state: { ...broken, sessions }, audit: { refusalsPerSecond: 5 } });
  for (let index = 0; index < 100; index += 1)
    decide({ target: '/a/%2e%2e/b', peer: `2001:db8:${index}::1` });
  decide({ ...FORGED, peer: '192.0.2.9' });
  for (let index = 0; index < 7; index += 1) {
    decide({ headers: { cookie: `__Host-sid=${'a'.repeat(32)}` }, peer: '192.0.2.9' });
  }
  const count = (name: string): number => events.filter(({ event }) => event === name).length;
  assert.equal(count('malicious_cors'), 1);
  assert.equal(count('sys_store_unavailable'), 5, 'one fact, however many requests find out');
});

test('a forged post costs its visitor no sign-in, and the account it names none either', async () => {
  const routes = { 'POST /login': { limit: '5/minute', by: ['client', 'account'] } } as const;
  const signIn = (made: Made, site: string, peer: string): Promise<number | undefined> => {
    const headers = { 'sec-fetch-site': site, 'content-type': 'application/x-www-form-urlencoded' };
    const body = 'email=anna%40example.com';
    const exchange = sketchExchange({ method: 'POST', target: '/login', headers, body, peer });
    return Promise.resolve(made.layer.decide(exchange)).then((verdict) => verdict?.status);
  };
  const made = make({ routes });
  for (let index = 0; index < 5; index += 1) assert.equal(await signIn(made, 'cross-site', '192.0.2.7'), 403);
  assert.equal(await signIn(made, 'same-origin', '192.0.2.7'), undefined);
  // Where nothing refuses it later, it counts.
  const open = make({ routes, csrf: { mode: 'off' } });
  for (let index = 0; index < 5; index += 1) await signIn(open, 'cross-site', '192.0.2.7');
  assert.equal(await signIn(open, 'same-origin', '192.0.2.7'), 429);
});

test('what the firewall only observes opens no route that a rule closes', () => {
  const { decide } = make({
    firewall: { mode: 'observe' },
    routes: { '/private/**': { require: 'signed-in' } },
  });
  const targets = [
    '/private%2fsecret',
    '/x/%2e%2e/private/secret',
    '/x/../private/secret',
    '/./private/secret',
  ];
  for (const target of targets) assert.equal(decide({ target }).verdict?.status, 400, target);
  assert.equal(decide({ target: '/public' }).verdict, undefined);
});

test('v5.0.0-8.2.1 what no rule opens is closed: files, paths that do not exist, and routes that only have a limit', () => {
  const { layer, events, decide } = make({
    access: { otherwise: 'nobody' },
    firewall: { mode: 'observe' },
    routes: {
      '/': { require: 'anyone' },
      'GET /both': { require: 'anyone' },
      '/busy': { limit: '5/minute' },
      '/api/**': { bodyLimit: '1KB' },
    },
  });
  // What opens, opens it letter by letter.
  const closed = [
    '/app.css',
    '/no-such-page',
    '/busy',
    '/api/users',
    '/BUSY/',
    '/index.html',
    '/Both/',
    '/both/',
  ];
  for (const target of closed) assert.equal(statusOf(decide({ target })), 404, target);
  assert.equal(statusOf(decide({ method: 'POST', target: '/both' })), 404);
  for (const target of ['/', '/both']) assert.equal(decide({ target }).verdict, undefined, target);
  assert.equal(decide({ method: 'HEAD', target: '/both' }).verdict, undefined);
  // In its other reading it may be anything.
  const ambiguous = ['/%2e%2e/', '/both%2f..%2fapp.css', '/./', '//'];
  for (const target of ambiguous) assert.equal(statusOf(decide({ target })), 400, target);
  assert.equal(layer.counts.get('access')?.refused, closed.length + 1 + ambiguous.length);
  assert.equal(events.filter(({ event }) => event === 'authz_fail').length, closed.length + 1);
});

test('a policy that says nothing of it keeps a route without a rule open', () => {
  assert.equal(make().decide({ target: '/app.css' }).verdict, undefined);
  const { decide } = make({ routes: { '/private': { require: 'signed-in' } } });
  assert.equal(decide({ target: '/app.css' }).verdict, undefined);
});

test('what access.otherwise would close is counted and passes where access only observes', () => {
  const { layer, events, decide } = make({ access: { mode: 'observe', otherwise: 'nobody' } });
  assert.equal(decide({ target: '/app.css' }).verdict, undefined);
  assert.deepEqual(layer.counts.get('access'), { refused: 0, observed: 1 });
  assert.equal(events[0]?.event, 'authz_fail');
});

test('v5.0.0-4.1.1 (in part) renders a page for a person and problem+json for a program, with no word of the evidence', () => {
  const { layer } = make();
  const refusal = {
    ...PROBLEMS.notAllowed,
    detail: 'No.',
    event: eventOf(kindOf('authz_fail'), { secret: 'hunter2' }),
  };
  for (const accept of ['text/html', 'application/json']) {
    const answer = layer.answer(sketchExchange({ headers: { accept } }), refusal);
    assert.equal(answer.status, 403);
    assert.ok(!answer.body.toString().includes('hunter2'));
    assert.match(String(answer.headers.find(([name]) => name === 'Content-Type')?.[1]), /html|problem\+json/);
  }
});

test('another spelling of a limited route is counted by its limit and by that of the wider pattern', () => {
  const { decide } = make({ routes: { '/**': { limit: '3/1h' }, '/search': { limit: '5/1h' } } });
  const statuses = (target: string, count: number): readonly (number | undefined)[] =>
    Array.from({ length: count }, () => statusOf(decide({ target })));
  assert.deepEqual(statuses('/SEARCH', 4), [undefined, undefined, undefined, 429]);
  // Its own limit counted the three that passed, and the one that only the wider one refused.
  assert.deepEqual(statuses('/search', 2), [undefined, 429]);
});

test('a path that the firewall only observes has the rules of every reading that there is of it', () => {
  const { decide } = make({
    firewall: { mode: 'observe' },
    routes: { '/notes/:id': { require: 'signed-in' }, '/open/**': { require: 'anyone' } },
  });
  for (const target of ['/notes/', '/notes//', '/NOTES/%37', '/notes/7.data']) {
    assert.equal(statusOf(decide({ target })), 401, target);
  }
  for (const target of ['/open/%', '/notes/%zz', '/notes/%c0%af/', '/open/%2e%2e/notes/7'])
    assert.equal(statusOf(decide({ target })), 400, target);
});

test('the event of a session that begins joins every later event of it, and says which one it took the place of', async () => {
  const { layer, events } = make();
  const visit = async (
    act: (session: SessionHandle) => Promise<unknown>,
    cookie?: string,
  ): Promise<string> => {
    const exchange = sketchExchange(cookie === undefined ? {} : { headers: { cookie } });
    assert.equal(layer.decide(exchange), undefined);
    await act(new SessionHandle(layer.sessions, exchange));
    layer.audit.write(kindOf('user_updated'), {}, exchange);
    const head = new FakeHead();
    layer.dress(exchange, head);
    return String(head.getHeader('set-cookie') ?? cookie).split(';', 1)[0] ?? '';
  };
  const visitor = await visit((session) => session.set('basket', 1));
  const member = await visit((session) => session.signIn({ account: 'ada' }), visitor);
  await visit((session) => session.signOut(), member);
  const seen = events
    .filter(({ event }) => event !== 'sys_startup')
    .map(({ event, sessionRef, details }) => [event, sessionRef, details?.['bySessionRef']]);
  const [first, second] = [seen[0]?.[1], seen[2]?.[1]];
  assert.match(String(first), /^[\w-]{12}$/);
  assert.match(String(second), /^[\w-]{12}$/);
  assert.notEqual(first, second);
  assert.deepEqual(seen, [
    ['session_created', first, undefined],
    ['user_updated', first, undefined],
    ['session_created', second, first],
    ['user_updated', second, undefined],
    ['session_expired', second, undefined],
    ['user_updated', undefined, undefined],
  ]);
});
