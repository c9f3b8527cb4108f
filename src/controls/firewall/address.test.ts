import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import type { Exchange } from '../../core/exchange.ts';
import { readOptions } from '../../core/options.ts';
import { Problems } from '../../core/problems.ts';
import { type RequestSketch, sketchExchange } from '../../../test/support/exchange.ts';
import { AddressBook, addressGuard, seesUntrustedProxy, UNIX_PEER } from './address.ts';
import { type ProxyOptions, proxyOptions, type ProxySettings } from './proxy.options.ts';

const PROXY = '10.0.0.1';

function settings(options: ProxyOptions): ProxySettings {
  const problems = new Problems('production');
  const read = readOptions('proxy', proxyOptions, options, problems);
  problems.throwIfAny();
  return read;
}

const BEHIND_PROXY = settings({ trusted: ['10.0.0.0/8', '2001:db8:ffff::/48'] });
const RFC_7239 = settings({ trusted: ['10.0.0.0/8'], header: 'forwarded' });
const DIRECT = settings({});

function judged(sketch: RequestSketch, proxy: ProxySettings = BEHIND_PROXY): Exchange {
  const exchange = sketchExchange({ peer: PROXY, encrypted: false, ...sketch });
  assert.equal(addressGuard(proxy).onRequest?.(exchange), undefined);
  return exchange;
}

function clientOf(headers: Record<string, string>, proxy: ProxySettings = BEHIND_PROXY): string {
  return judged({ headers }, proxy).client.address;
}

test('the peer of the socket is the client where no proxy is named', () => {
  const headers = {
    'x-forwarded-for': '198.51.100.7',
    'x-forwarded-proto': 'https',
    forwarded: 'for=198.51.100.7',
  };
  const exchange = judged({ peer: '203.0.113.9', headers }, DIRECT);
  assert.deepEqual(exchange.client, { address: '203.0.113.9', key: '203.0.113.9' });
  assert.equal(exchange.secure, false);
});

test('past failure 17: X-Forwarded-Proto is believed from a trusted proxy and from nobody else', () => {
  const headers = { 'x-forwarded-proto': 'https' };
  assert.equal(judged({ headers }).secure, true);
  assert.equal(judged({ peer: '203.0.113.9', headers }).secure, false);
  assert.equal(judged({ peer: '203.0.113.9', headers }, DIRECT).secure, false);
});

test('past failure 7: clients behind a proxy are told apart, and cannot choose who they are', () => {
  assert.equal(clientOf({ 'x-forwarded-for': '198.51.100.7' }), '198.51.100.7');
  assert.equal(clientOf({ 'x-forwarded-for': '198.51.100.8' }), '198.51.100.8');
  assert.equal(clientOf({ 'x-forwarded-for': '192.0.2.66, 198.51.100.8' }), '198.51.100.8');
});

test('v5.0.0-4.1.3 a header that a client sends past the proxy changes neither address nor scheme', () => {
  const spoofed = {
    'x-forwarded-for': '127.0.0.1, 198.51.100.8',
    'x-forwarded-proto': 'https, http',
    'x-real-ip': '127.0.0.1',
    forwarded: 'for=127.0.0.1;proto=https',
    'true-client-ip': '127.0.0.1',
  };
  const exchange = judged({ headers: spoofed });
  assert.equal(exchange.client.address, '198.51.100.8');
  assert.equal(exchange.secure, false);
});

test('v5.0.0-15.3.4 walks past its own proxies, from the right, to the first address that is none', () => {
  assert.equal(clientOf({ 'x-forwarded-for': '198.51.100.8, 10.1.1.1, 10.2.2.2' }), '198.51.100.8');
  assert.equal(clientOf({ 'x-forwarded-for': '10.9.9.9, 198.51.100.8, 10.2.2.2' }), '198.51.100.8');
  assert.equal(clientOf({ 'x-forwarded-for': '10.1.1.1, 10.2.2.2' }), '10.1.1.1', 'nobody but proxies');
});

test('stops at the last good address where an entry cannot be read', () => {
  for (const bad of [
    'unknown',
    '_hidden',
    '',
    'localhost',
    '999.1.1.1',
    '198.51.100.8 x',
    '<script>',
    '\u0000',
  ]) {
    assert.equal(clientOf({ 'x-forwarded-for': `198.51.100.8, ${bad}` }), PROXY, bad);
    assert.equal(clientOf({ 'x-forwarded-for': `198.51.100.8, ${bad}, 10.2.2.2` }), '10.2.2.2', bad);
  }
});

test('reads addresses with ports, in brackets and mapped into IPv6', () => {
  assert.equal(clientOf({ 'x-forwarded-for': '198.51.100.8:52311' }), '198.51.100.8');
  assert.equal(clientOf({ 'x-forwarded-for': '[2001:db8::8]:52311' }), '2001:db8::8');
  assert.equal(clientOf({ 'x-forwarded-for': '::ffff:198.51.100.8' }), '198.51.100.8');
});

test('knows a trusted peer on a dual-stack socket, and over IPv6', () => {
  const headers = { 'x-forwarded-for': '198.51.100.8' };
  assert.equal(judged({ peer: '::ffff:10.0.0.1', headers }).client.address, '198.51.100.8');
  assert.equal(judged({ peer: '2001:db8:ffff::1', headers }).client.address, '198.51.100.8');
});

test('the addresses of one IPv6 network are one client to limits, and single ones in the log', () => {
  const one = judged({ headers: { 'x-forwarded-for': '2001:db8:1:2:aaaa::1' } }).client;
  const other = judged({ headers: { 'x-forwarded-for': '2001:db8:1:2:bbbb::1' } }).client;
  assert.equal(one.key, '2001:db8:1:2::/64');
  assert.equal(one.key, other.key);
  assert.notEqual(one.address, other.address);
});

test('the scheme is http where values conflict, and the one of the socket where none is said', () => {
  assert.equal(judged({ headers: { 'x-forwarded-proto': 'https,http' } }).secure, false);
  assert.equal(judged({ headers: { 'x-forwarded-proto': 'http' }, encrypted: true }).secure, false);
  assert.equal(judged({ encrypted: true }).secure, true);
  assert.equal(judged({}).secure, false);
});

test('reads Forwarded instead where the policy says so, and then nothing else', () => {
  const headers = { forwarded: 'for=198.51.100.8;proto=https', 'x-forwarded-for': '127.0.0.1' };
  const exchange = judged({ headers }, RFC_7239);
  assert.equal(exchange.client.address, '198.51.100.8');
  assert.equal(exchange.secure, true);
  assert.equal(judged({ headers: { 'x-forwarded-proto': 'https' } }, RFC_7239).secure, false);
});

test('Forwarded: a scheme left of what the proxies said is not believed', () => {
  const secure = (forwarded: string): boolean => judged({ headers: { forwarded } }, RFC_7239).secure;
  assert.equal(secure('for=1.1.1.1;proto=https, for=198.51.100.8;proto=http'), false);
  assert.equal(secure('for=1.1.1.1;proto=http, for=198.51.100.8;proto=https'), true);
  assert.equal(
    secure('for=198.51.100.8;proto=https, for=10.0.0.2;proto=http'),
    false,
    'part of it in the clear',
  );
  assert.equal(secure('for=1.1.1.1;proto=https, for=198.51.100.8'), false);
  assert.equal(secure('for=unknown;proto=https'), true, 'the proxy hides the client, not the scheme');
  assert.equal(secure('for=198.51.100.8;proto=https;proto=http'), false);
});

test('a socket without an address is one untrusted client', () => {
  const exchange = judged({ peer: '', headers: { 'x-forwarded-for': '127.0.0.1' } });
  assert.deepEqual(exchange.client, { address: 'unknown', key: 'unknown' });
});

test('a Unix socket is believed where the policy has the word for it, and no header brings the word along', () => {
  const headers = { 'x-forwarded-for': '203.0.113.9, unix, 198.51.100.8', 'x-forwarded-proto': 'https' };
  const unix = settings({ trusted: ['unix', '198.51.100.8'] });
  const believed = judged({ peer: UNIX_PEER, headers }, unix);
  assert.equal(believed.secure, true);
  assert.equal(
    believed.client.address,
    '198.51.100.8',
    'what stands left of a word that is no address is not reached',
  );
  const other = judged({ peer: UNIX_PEER, headers }, BEHIND_PROXY);
  assert.deepEqual([other.client.address, other.secure], ['unix', false]);
  assert.equal(judged({ peer: '', headers }, unix).secure, false, 'a closed connection is none');
  const sees = (proxy: ProxySettings): boolean =>
    seesUntrustedProxy(sketchExchange({ peer: UNIX_PEER }), new AddressBook(proxy));
  assert.deepEqual([sees(unix), sees(BEHIND_PROXY)], [false, true]);
});

test('notices forwarding headers from whoever is not a proxy of the policy', () => {
  const sees = (sketch: RequestSketch, proxy: ProxySettings): boolean =>
    seesUntrustedProxy(sketchExchange(sketch), new AddressBook(proxy));
  for (const name of ['x-forwarded-for', 'x-forwarded-proto', 'x-forwarded-host', 'forwarded']) {
    const headers = { [name]: 'x' };
    assert.ok(sees({ peer: PROXY, headers }, DIRECT), name);
    assert.ok(sees({ peer: '', headers }, BEHIND_PROXY), name);
    assert.ok(!sees({ peer: PROXY, headers }, BEHIND_PROXY), name);
  }
  assert.ok(!sees({ peer: PROXY }, DIRECT));
});

test('remembers an address, and forgets all of them rather than fill memory', () => {
  const book = new AddressBook(BEHIND_PROXY);
  assert.equal(book.peer('198.51.100.8'), book.peer('198.51.100.8'));
  let most = 0;
  for (let index = 0; index < 10_000; index += 1) {
    book.peer(`2001:db8::${index.toString(16)}`);
    most = Math.max(most, book.size);
  }
  assert.ok(most <= 4096);
  const size = book.size;
  for (const junk of ['', 'unknown', 'x'.repeat(10_000)]) book.peer(junk);
  assert.equal(book.size, size, 'what is no address takes no place');
});

test('whatever a client writes to the left, the client stays who it is', () => {
  const left = fc.oneof(
    fc.string({ unit: 'binary' }),
    fc.ipV4(),
    fc.ipV6(),
    fc.constantFrom('"', ',', 'for="', '10.0.0.9'),
  );
  fc.assert(
    fc.property(fc.array(left, { maxLength: 5 }), fc.constantFrom(', ', ','), (entries, comma) => {
      const spoof = entries.join(comma);
      assert.equal(clientOf({ 'x-forwarded-for': `${spoof}${comma}198.51.100.8` }), '198.51.100.8');
      const exchange = judged(
        { headers: { forwarded: `${spoof}${comma}for=198.51.100.8;proto=http` } },
        RFC_7239,
      );
      assert.equal(exchange.client.address, '198.51.100.8');
      assert.equal(exchange.secure, false);
    }),
    { numRuns: 500 },
  );
});
