import assert from 'node:assert/strict';
import { test } from 'node:test';
import { defaultsOf } from '../../core/options.ts';
import { parseOrigin } from '../../core/origin.ts';
import type { Environment } from '../../core/problems.ts';
import { sketchExchange } from '../../../test/support/exchange.ts';
import { firewallOptions } from './firewall.options.ts';
import { hostGuard, hostTest } from './host.ts';

interface Setting {
  origin?: string;
  hosts?: readonly string[];
  environment?: Environment;
  secure?: boolean;
}

/** What the guard says of a Host: the host it took, or 421. */
function judge(host: string | undefined, setting: Setting = {}): string | number | undefined {
  const { hosts = [], environment = 'production', secure = true, origin } = setting;
  const settings = { ...defaultsOf(firewallOptions), hosts };
  const guard = hostGuard(settings, origin === undefined ? undefined : parseOrigin(origin), environment);
  const exchange = sketchExchange({ headers: { 'x-forwarded-host': 'example.com' }, encrypted: secure });
  const { host: _, ...rest } = exchange.request.headers;
  Object.assign(exchange.request, { headers: host === undefined ? rest : { ...rest, host } });
  exchange.host = 'left over';
  const verdict = guard.onRequest?.(exchange);
  assert.ok(!(verdict instanceof Promise));
  if (verdict !== undefined) assert.equal(exchange.host, '', 'a refused host is not handed on');
  return verdict?.status ?? exchange.host;
}

const OWN: Setting = { origin: 'https://example.com' };

test('answers for the public origin, with its port and without', () => {
  assert.equal(judge('example.com', OWN), 'example.com');
  assert.equal(judge('example.com:443', OWN), 'example.com');
  assert.equal(judge('example.com:443', { ...OWN, secure: false }), 'example.com:443');
  assert.equal(judge('example.com', { origin: 'https://example.com:8443' }), 'example.com');
  assert.equal(judge('example.com:8443', { origin: 'https://example.com:8443' }), 'example.com:8443');
});

test('knows its host in upper case, with a trailing dot and in brackets', () => {
  assert.equal(judge('EXAMPLE.Com.', OWN), 'example.com');
  assert.equal(judge('[2001:DB8:0:0::1]', { origin: 'https://[2001:db8::1]' }), '[2001:db8::1]');
});

test('refuses any other host', () => {
  const others = [
    'attacker.example',
    'example.com.attacker.example',
    'notexample.com',
    'www.example.com',
    'example.com:8443',
    'example.com@attacker.example',
    'attacker.example#example.com',
    'example.com,attacker.example',
    '',
    undefined,
  ];
  for (const host of others) assert.equal(judge(host, OWN), 421, host);
});

test('past failure 16: X-Forwarded-Host is never looked at', () => {
  assert.equal(judge('attacker.example', OWN), 421, 'although X-Forwarded-Host names the public host');
});

test('answers for further hosts that the policy lists, exactly', () => {
  const setting = { ...OWN, hosts: ['files.internal', '10.0.0.5:3000'] };
  assert.equal(judge('files.internal', setting), 'files.internal');
  assert.equal(judge('10.0.0.5:3000', setting), '10.0.0.5:3000');
  assert.equal(judge('files.internal:81', setting), 421);
  assert.equal(judge('10.0.0.5', setting), 421);
});

const LOOPBACK = [
  'localhost:3000',
  'localhost',
  'app.localhost:1',
  '127.0.0.1:3000',
  '127.8.9.1',
  '[::1]:3000',
  '[::1]',
];

test('answers for loopback names where nothing else was declared, or in development', () => {
  for (const host of LOOPBACK) {
    assert.equal(judge(host), host, host);
    assert.equal(judge(host, { origin: 'http://localhost:3000' }), host, host);
    assert.equal(judge(host, { ...OWN, environment: 'development' }), host, host);
  }
});

test('in production with a public origin, a loopback name is a foreign one', () => {
  for (const host of LOOPBACK) assert.equal(judge(host, OWN), 421, host);
});

test('a name that resolves to loopback is none: DNS rebinding ends here', () => {
  for (const host of [
    'rebind.attacker.example:3000',
    'localhost.attacker.example',
    '127.0.0.1.nip.io',
    '0.0.0.0',
  ]) {
    assert.equal(judge(host), 421, host);
  }
});

test('an origin without a port is also named with the one its scheme implies, over the other scheme too', () => {
  assert.equal(judge('example.com:80', { origin: 'http://example.com' }), 'example.com:80');
  assert.equal(judge('example.com:443', { origin: 'http://example.com', secure: false }), 421);
  assert.equal(judge('example.com:80', { ...OWN, secure: false }), 'example.com');
});

test('reads the host where it only observes too, since others go by it', () => {
  assert.equal(hostGuard(defaultsOf(firewallOptions), undefined, 'production').derives, true);
});

test('says of a Host line alone what the guard says of it, by either scheme', () => {
  const settings = { ...defaultsOf(firewallOptions), hosts: ['files.internal'] };
  const own = hostTest(settings, parseOrigin('https://example.com'), 'production');
  for (const host of ['example.com', 'example.com:443', 'example.com:80', 'EXAMPLE.com.', 'files.internal'])
    assert.equal(own(host), true, host);
  for (const host of ['files.internal:443', 'files.internal:80']) assert.equal(own(host), true, host);
  for (const host of ['attacker.example', 'example.com:8443', 'localhost', 'a b', '', undefined])
    assert.equal(own(host), false, host);
  const plain = hostTest(settings, parseOrigin('http://example.com'), 'production');
  assert.equal(plain('example.com:80'), true);
  const development = hostTest(settings, parseOrigin('https://example.com'), 'development');
  for (const host of ['localhost:3000', '[::1]']) assert.equal(development(host), true, host);
  assert.equal(development('rebind.attacker.example'), false);
});
