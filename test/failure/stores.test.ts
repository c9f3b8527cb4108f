/** Stores that are gone: each control has a stated answer, and none of them is to let in or to sign out. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { PolicyOptions } from '../../src/policy/policy.ts';
import { memory } from '../../src/stores/memory/state.ts';
import type { CounterStore } from '../../src/stores/ports/counters.ts';
import type { SessionStore } from '../../src/stores/ports/sessions.ts';
import type { State } from '../../src/stores/ports/state.ts';
import { hasTheHeaders } from '../../src/testing/hosts/cases.ts';
import { nodeHost, type Running } from '../hosts/hosts.ts';
import { ask, sessionCookieOf, valueOf, valuesOf } from '../../src/testing/wire.ts';
import { OWN_PAGE, UNLIMITED } from './support.ts';
import { until } from '../support/until.ts';

/** How a store is gone: at once, as SQLite is, or later, as one across a network. */
type Failure = 'works' | 'throws' | 'rejects';

interface FailingState extends State {
  failure: Failure;
}

const MESSAGE = 'connect ECONNREFUSED redis://:hunter2@10.0.0.5';

function failingState(): FailingState {
  const state = memory();
  const failing: FailingState = {
    ...state,
    failure: 'works',
    sessions: breakable<SessionStore>(state.sessions, () => failing.failure),
    counters: breakable<CounterStore>(state.counters, () => failing.failure),
  };
  return failing;
}

function breakable<Store extends object>(store: Store, failure: () => Failure): Store {
  return new Proxy(store, {
    get: (target, name) => {
      const method = Reflect.get(target, name) as (...values: unknown[]) => unknown;
      return (...values: unknown[]): unknown => {
        if (failure() === 'throws') throw new Error(MESSAGE);
        if (failure() === 'rejects') return Promise.reject(new Error(MESSAGE));
        return method.apply(target, values);
      };
    },
  });
}

async function withFailing(
  use: (state: FailingState, running: Running, cookie: string) => Promise<void>,
): Promise<void> {
  const state = failingState();
  const policy: PolicyOptions = { state, rateLimit: UNLIMITED };
  const running = await nodeHost(policy);
  try {
    const signIn = await ask(running.port, {
      method: 'POST',
      target: '/sign-in?account=ann',
      headers: OWN_PAGE,
      body: '',
    });
    const cookie = sessionCookieOf(signIn);
    assert.ok(cookie !== undefined);
    await use(state, running, cookie);
  } finally {
    state.failure = 'works';
    await running.stop();
  }
}

const FAILURES: readonly Failure[] = ['throws', 'rejects'];

for (const failure of FAILURES) {
  test(`v5.0.0-16.5.3 a session store that ${failure}: 503 with Retry-After, and nobody is signed out`, async () => {
    await withFailing(async (state, { port, events }, cookie) => {
      state.failure = failure;
      for (const [target, status] of [
        ['/', 200],
        ['/json', 200],
        ['/nowhere', 404],
      ] as const) {
        assert.equal((await ask(port, { target, headers: { cookie } })).status, status, 'needs no session');
      }
      for (const target of ['/members/page', '/me']) {
        const answer = await ask(port, { target, headers: { cookie } });
        assert.equal(answer.status, 503, target);
        assert.match(valueOf(answer, 'retry-after') ?? '', /^\d+$/);
        assert.deepEqual(valuesOf(answer, 'set-cookie'), [], 'the cookie stays with the browser');
        assert.equal(valueOf(answer, 'clear-site-data'), undefined);
        assert.ok(!answer.body.includes('hunter2'));
        hasTheHeaders(answer);
      }
      assert.ok(events.some(({ event }) => event === 'sys_store_unavailable'));
      assert.ok(!JSON.stringify(events).includes('hunter2'), 'no password of a store is in the log');

      state.failure = 'works';
      const back = await ask(port, { target: '/me', headers: { cookie } });
      assert.deepEqual((JSON.parse(back.body) as { account: string }).account, 'ann');
    });
  });

  test(`v5.0.0-16.5.2 a store that ${failure}: who brings no cookie is served, and the general limit goes on`, async () => {
    await withFailing(async (state, { port }) => {
      state.failure = failure;
      for (const target of ['/', '/json']) {
        const answer = await ask(port, { target });
        assert.equal(answer.status, 200);
        assert.match(valueOf(answer, 'ratelimit') ?? '', /^"default";r=\d+/);
      }
      assert.equal((await ask(port, { target: '/members/page' })).status, 401);
    });
  });

  test(`v5.0.0-16.5.3 a counter store that ${failure}: the limit of the sign-in refuses`, async () => {
    await withFailing(async (state, { port }) => {
      state.failure = failure;
      const answer = await ask(port, {
        method: 'POST',
        target: '/login',
        headers: { ...OWN_PAGE, 'content-type': 'application/x-www-form-urlencoded' },
        body: 'email=ann@example.com',
      });
      assert.equal(answer.status, 503);
      assert.match(valueOf(answer, 'retry-after') ?? '', /^\d+$/);
      hasTheHeaders(answer);
    });
  });

  test(`a store that ${failure} while someone signs in: no session, no cookie, and no crash`, async () => {
    await withFailing(async (state, { port }) => {
      state.failure = failure;
      const answer = await ask(port, {
        method: 'POST',
        target: '/sign-in?account=eve',
        headers: OWN_PAGE,
        body: '',
      });
      assert.ok(answer.status >= 500);
      assert.equal(sessionCookieOf(answer), undefined);
      hasTheHeaders(answer);
    });
  });
}

test('the general limit refuses while every store is gone', async () => {
  const state = failingState();
  const running = await nodeHost({ state, rateLimit: { perClient: '3/1h' } });
  try {
    state.failure = 'throws';
    const statuses: number[] = [];
    for (let count = 0; count < 5; count += 1) statuses.push((await ask(running.port, {})).status);
    assert.deepEqual(statuses, [200, 200, 200, 429, 429]);
  } finally {
    state.failure = 'works';
    await running.stop();
  }
});

test('a store that is gone when an answer leaves: the answer does not, and 503 goes instead', async () => {
  const state = failingState();
  const { held } = await import('../hosts/application.ts');
  const running = await nodeHost({ state, rateLimit: UNLIMITED });
  const gate = Promise.withResolvers<void>();
  let arrived = false;
  held.release = gate.promise;
  held.arrived = () => {
    arrived = true;
  };
  try {
    const signIn = await ask(running.port, {
      method: 'POST',
      target: '/sign-in?account=ann',
      headers: OWN_PAGE,
      body: '',
    });
    const cookie = sessionCookieOf(signIn) ?? '';
    const asking = ask(running.port, { target: '/held', headers: { cookie } });
    await until('it is held', () => arrived);
    // Ends another session, so that this one has to be looked up again before its answer leaves.
    await running.layer.sessions.revoke('another');
    state.failure = 'throws';
    gate.resolve();
    const answer = await asking;
    assert.equal(answer.status, 503);
    assert.ok(!answer.body.includes('signed-in only'));
    assert.deepEqual(valuesOf(answer, 'set-cookie'), []);
  } finally {
    state.failure = 'works';
    gate.resolve();
    await running.stop();
  }
});
