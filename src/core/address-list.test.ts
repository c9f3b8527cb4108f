import assert from 'node:assert/strict';
import { BlockList } from 'node:net';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { AddressList, type Network, parseNetwork } from './address-list.ts';
import { parseAddress } from './ip.ts';

function network(text: string): Network {
  const parsed = parseNetwork(text);
  assert.ok(parsed !== undefined, text);
  return parsed;
}

function has(entries: readonly string[], text: string): boolean {
  const address = parseAddress(text);
  assert.ok(address !== undefined, text);
  return new AddressList(entries.map(network)).has(address);
}

test('knows the addresses of its networks, and no others', () => {
  assert.ok(has(['10.0.0.0/8'], '10.255.0.1'));
  assert.ok(!has(['10.0.0.0/8'], '11.0.0.0'));
  assert.ok(has(['192.0.2.1'], '192.0.2.1'));
  assert.ok(!has(['192.0.2.1'], '192.0.2.2'));
  assert.ok(has(['2001:db8::/33'], '2001:db8:7fff::1'));
  assert.ok(!has(['2001:db8::/33'], '2001:db8:8000::1'));
});

test('knows a mapped address by its IPv4 networks, and the other way round', () => {
  assert.ok(has(['10.0.0.0/8'], '::ffff:10.1.2.3'));
  assert.ok(has(['::ffff:10.0.0.0/104'], '10.1.2.3'));
  assert.ok(!has(['::/16'], '10.1.2.3'));
});

test('two lists are the same in whatever order and spelling', () => {
  const list = (entries: readonly string[], unix = false): AddressList =>
    new AddressList(entries.map(network), unix);
  assert.ok(list(['10.0.0.0/8', '::1']).isSame(list(['::1', '10.0.0.0/8', '0:0::1'])));
  for (const other of [
    list(['10.0.0.0/9']),
    list([]),
    list(['10.0.0.0/8'], true),
    list(['10.0.0.0/8', '::1']),
  ])
    assert.ok(!list(['10.0.0.0/8']).isSame(other));
});

test('an empty list has nothing', () => {
  assert.ok(!has([], '127.0.0.1'));
});

test('takes nothing but an address or the address of a network', () => {
  const bad = ['', '*', 'localhost', '10.0.0.0/33', '10.0.0.0/-1', '10.0.0.0/08', '10.0.0.0/', '10.1.2.3/8'];
  const worse = [
    '2001:db8::/129',
    '2001:db8::1/64',
    '::ffff:10.0.0.0/90',
    'fe80::1%eth0',
    '10.0.0.0/8/8',
    '/8',
  ];
  for (const text of [...bad, ...worse]) assert.equal(parseNetwork(text), undefined, text);
});

test('agrees with the BlockList of Node.js', () => {
  fc.assert(
    fc.property(fc.ipV4(), fc.integer({ min: 1, max: 32 }), fc.ipV4(), (base, bits, other) => {
      const masked = mask(base, bits);
      const list = new BlockList();
      list.addSubnet(masked, bits, 'ipv4');
      for (const address of [base, other]) {
        assert.equal(has([`${masked}/${bits}`], address), list.check(address, 'ipv4'));
      }
    }),
  );
});

function mask(address: string, bits: number): string {
  const number = address.split('.').reduce((sum, byte) => sum * 256 + Number(byte), 0);
  const kept = number - (number % 2 ** (32 - bits));
  return [24, 16, 8, 0].map((shift) => Math.floor(kept / 2 ** shift) % 256).join('.');
}
