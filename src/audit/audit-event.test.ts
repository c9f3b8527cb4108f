import assert from 'node:assert/strict';
import { hash } from 'node:crypto';
import { test } from 'node:test';
import { CREDENTIAL } from '../core/exchange.ts';
import { kindOf } from '../../test/support/events.ts';
import { sketchExchange } from '../../test/support/exchange.ts';
import { sessionRef } from '../core/session-ref.ts';
import { makeAuditEvent } from './audit-event.ts';

const NOW = Date.parse('2026-01-01T00:00:00.123Z');
const ID_HASH = hash('sha256', 'the session id', 'base64url');

test('v5.0.0-16.2.1 tells when, where, who and what', () => {
  const exchange = sketchExchange({ method: 'POST', target: '/login?token=abc#x', peer: '192.0.2.7' });
  exchange.session = {
    idHash: ID_HASH,
    principal: { account: 'ada', roles: [], signedInAt: 0, mfaAt: undefined, via: 'session', scopes: [] },
  };
  const event = makeAuditEvent(
    kindOf('authz_fail'),
    NOW,
    'files',
    { status: 403, guard: 'access', role: 'admin' },
    exchange,
  );
  assert.deepEqual(event, {
    time: '2026-01-01T00:00:00.123Z',
    level: 'warn',
    event: 'authz_fail',
    outcome: 'failure',
    service: 'files',
    requestId: exchange.id,
    client: '192.0.2.7',
    method: 'POST',
    path: '/login',
    sessionRef: sessionRef(ID_HASH),
    status: 403,
    guard: 'access',
    mode: 'enforce',
    account: 'ada',
    details: { role: 'admin' },
  });
});

test('v5.0.0-16.2.2 (in part) writes times in UTC, to the millisecond', () => {
  assert.equal(
    makeAuditEvent(kindOf('sys_startup'), NOW, 'a', {}, undefined).time,
    '2026-01-01T00:00:00.123Z',
  );
});

test('leaves the query out, where tokens lie, and the signature of a link', () => {
  for (const [target, path] of [
    ['/reset?token=abc', '/reset'],
    ['/a#b?c', '/a'],
    ['?x', ''],
    ['*', '*'],
    ['/a%3Fb', '/a%3Fb'],
    [
      `/shared/s.${'a'.repeat(22)}.mya3jeyt.${'b'.repeat(22)}?x`,
      `/shared/s.${'a'.repeat(22)}.mya3jeyt.[redacted]`,
    ],
  ] as const) {
    assert.equal(makeAuditEvent(kindOf('authz_fail'), NOW, 'a', {}, sketchExchange({ target })).path, path);
  }
});

test('refers to a session by nothing that its store could be searched for', () => {
  const reference = sessionRef(ID_HASH);
  assert.match(reference, /^[\w-]{12}$/);
  assert.equal(reference, sessionRef(ID_HASH));
  assert.ok(!ID_HASH.includes(reference));
  assert.notEqual(reference, sessionRef(hash('sha256', 'another', 'base64url')));
});

test('names the account that was tried where nobody is signed in, and the one acted on where someone is', () => {
  const visitor = makeAuditEvent(kindOf('authn_login_fail'), NOW, 'a', { account: 'bob' }, sketchExchange());
  assert.equal(visitor.account, 'bob');
  assert.equal(visitor.details, undefined);
  const exchange = sketchExchange();
  exchange.session = {
    idHash: ID_HASH,
    principal: { account: 'ada', roles: [], signedInAt: 0, mfaAt: undefined, via: 'session', scopes: [] },
  };
  const operator = makeAuditEvent(kindOf('authz_change'), NOW, 'a', { account: 'bob' }, exchange);
  assert.equal(operator.account, 'ada');
  assert.deepEqual(operator.details, { account: 'bob' });
});

test('is about the session that the details name, and tells which one asked', () => {
  const exchange = sketchExchange();
  const began = { sessionRef: 'AbCdEf', mfa: false };
  const alone = makeAuditEvent(kindOf('session_created'), NOW, 'a', began, exchange);
  assert.equal(alone.sessionRef, 'AbCdEf');
  assert.deepEqual(alone.details, { mfa: false });
  exchange.session = { idHash: ID_HASH, principal: undefined };
  const after = makeAuditEvent(kindOf('session_created'), NOW, 'a', began, exchange);
  assert.equal(after.sessionRef, 'AbCdEf');
  assert.deepEqual(after.details, { mfa: false, bySessionRef: sessionRef(ID_HASH) });
  const own = makeAuditEvent(
    kindOf('session_expired'),
    NOW,
    'a',
    { sessionRef: sessionRef(ID_HASH) },
    exchange,
  );
  assert.equal(own.details, undefined);
});

test('names the token of a program, and whose it is', () => {
  const exchange = sketchExchange();
  const principal = { account: 'ada', roles: [], signedInAt: 0, mfaAt: undefined, scopes: [] };
  exchange.set(CREDENTIAL, { id: 'AbCdEf', principal: { ...principal, via: 'token' } });
  const event = makeAuditEvent(kindOf('authz_fail'), NOW, 'a', {}, exchange);
  assert.equal(event.account, 'ada');
  assert.equal(event.tokenRef, 'AbCdEf');
  assert.equal(event.sessionRef, undefined);
});

test('lifts only what has the right type, and changes nothing in the details it was given', () => {
  const details = Object.freeze({ status: '403', guard: 7, account: { id: 1 } });
  assert.deepEqual(makeAuditEvent(kindOf('authz_fail'), NOW, 'a', details, undefined).details, details);
});

test('tells how it ended: what a guard refused was not done, and what it only would have refused was', () => {
  for (const [name, details, outcome, mode] of [
    ['authz_fail', { guard: 'access', status: 403 }, 'failure', 'enforce'],
    ['authz_fail', { guard: 'access', status: 403, observed: true }, 'success', 'observe'],
    ['malicious_direct_reference', { guard: 'url', status: 400 }, 'failure', 'enforce'],
    ['authn_login_fail_max', {}, 'failure', undefined],
    ['authn_login_success', {}, 'success', undefined],
    ['user_created', {}, 'success', undefined],
  ] as const) {
    const event = makeAuditEvent(kindOf(name), NOW, 'a', details, undefined);
    assert.deepEqual([event.outcome, event.mode], [outcome, mode], name);
  }
});

test('names the trace that a request says it is part of, and none that is malformed', () => {
  const trace = '4bf92f3577b34da6a3ce929d0e0e4736';
  const of = (traceparent: string): unknown =>
    makeAuditEvent(kindOf('authz_fail'), NOW, 'a', {}, sketchExchange({ headers: { traceparent } })).traceId;
  assert.equal(of(`00-${trace}-00f067aa0ba902b7-01`), trace);
  assert.equal(of(`00-${trace}-0-01`), undefined);
});

test('has the network in place of the address where the policy wants that', () => {
  for (const [peer, client] of [
    ['192.0.2.77', '192.0.2.0/24'],
    ['::ffff:192.0.2.77', '192.0.2.0/24'],
    ['2001:db8:1:2:3::4', '2001:db8:1::/48'],
    ['', ''],
  ] as const) {
    const exchange = sketchExchange({ peer });
    assert.equal(makeAuditEvent(kindOf('a_b'), NOW, 'a', {}, exchange, 'prefix').client, client);
  }
});

test('a detail of an odd name is a detail, and changes nothing of the entry', () => {
  const details = JSON.parse('{"__proto__":{"status":500},"a":1}') as Record<string, unknown>;
  const event = makeAuditEvent(kindOf('authz_fail'), NOW, 'a', details, undefined);
  assert.equal(event.status, undefined);
  assert.deepEqual(Object.keys(event.details ?? {}), ['__proto__', 'a']);
});
