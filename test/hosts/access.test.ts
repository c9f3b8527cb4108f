/** What no rule opens, and what a permission refuses, on every host. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ask, type RawAnswer, sessionCookieOf } from '../../src/testing/wire.ts';
import { WITH_WEB } from './every-host.ts';
import type { Running } from './hosts.ts';

const OWN = { 'sec-fetch-site': 'same-origin' };

async function signIn(port: number, account: string): Promise<string> {
  const answer = await ask(port, { method: 'POST', target: `/sign-in?account=${account}`, headers: OWN });
  return sessionCookieOf(answer) ?? assert.fail();
}

function problemOf({ body }: RawAnswer): unknown {
  const { requestId, ...problem } = JSON.parse(body) as Record<string, unknown>;
  assert.equal(typeof requestId, 'string');
  return problem;
}

function eventsOf({ events }: Running): readonly (readonly [string, string | undefined])[] {
  return events
    .filter(({ event }) => event.startsWith('authz') || event.startsWith('sys_crash'))
    .map(({ event, account }) => [event, account]);
}

for (const [name, host] of Object.entries(WITH_WEB)) {
  test(`v5.0.0-8.2.1 what no rule opens is as if it were not there, on ${name}`, async () => {
    const running = await host({
      access: { otherwise: 'nobody' },
      routes: { '/json': { require: 'anyone' }, '/sign-in': { require: 'anyone' } },
    });
    const { port, stop } = running;
    try {
      assert.equal((await ask(port, { target: '/json' })).status, 200);
      const cookie = await signIn(port, 'anna');
      assert.equal((await ask(port, { target: '/members/page', headers: { cookie } })).status, 200);
      const closed: unknown[] = [];
      for (const target of ['/me', '/download', '/no-such-page', '/static/app.css', '/login']) {
        const answer = await ask(port, { target, headers: { cookie } });
        assert.equal(answer.status, 404, target);
        closed.push(problemOf(answer));
      }
      assert.deepEqual(
        closed,
        closed.map(() => closed[0]),
      );
      assert.deepEqual(
        eventsOf(running),
        closed.map(() => ['authz_fail', 'anna']),
      );
    } finally {
      await stop();
    }
  });

  test(`v5.0.0-8.2.1 what no rule opens asks for a sign-in where the policy says so, on ${name}`, async () => {
    const { port, stop } = await host({
      access: { otherwise: 'signed-in' },
      routes: { '/sign-in': { require: 'anyone' } },
    });
    try {
      for (const target of ['/json', '/no-such-page']) {
        assert.equal((await ask(port, { target })).status, 401, target);
      }
      const headers = { cookie: await signIn(port, 'anna') };
      assert.equal((await ask(port, { target: '/json', headers })).status, 200);
      assert.equal((await ask(port, { target: '/no-such-page', headers })).body, 'nothing here');
    } finally {
      await stop();
    }
  });

  test(`v5.0.0-8.2.2 a handler that a permission refuses is 403 and one event, and no crash, on ${name}`, async () => {
    const running = await host({ access: { mode: 'off' }, errors: { mode: 'off' } });
    const { port, layer, events, stop } = running;
    try {
      const target = '/papers?owner=anna';
      const own = await ask(port, { target, headers: { cookie: await signIn(port, 'anna') } });
      assert.deepEqual([own.status, own.body], [200, '{"secret":true}']);
      const others = await ask(port, { target, headers: { cookie: await signIn(port, 'ben') } });
      const visitor = await ask(port, { target });
      for (const answer of [others, visitor]) {
        assert.equal(answer.status, 403);
        assert.deepEqual(problemOf(answer), {
          type: 'urn:bulwark:problem:not-allowed',
          title: 'You are not allowed to do this',
          status: 403,
          detail: 'Your account may not do this.',
        });
      }
      assert.deepEqual(eventsOf(running), [
        ['authz_fail', 'ben'],
        ['authz_fail', undefined],
      ]);
      const { details, guard } = events.find(({ event }) => event === 'authz_fail') ?? assert.fail();
      assert.equal(guard, 'access');
      assert.deepEqual(details, {
        type: 'not-allowed',
        action: 'paper:read',
        object: 'paper-7',
        because: 'the rule says no',
      });
      assert.deepEqual(layer.counts.get('access'), { refused: 2, observed: 0 });
    } finally {
      await stop();
    }
  });
}
