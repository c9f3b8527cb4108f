import assert from 'node:assert/strict';
import { isIP } from 'node:net';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { clientKey, parseAddress, parseNode, wordMask } from './ip.ts';

function text(address: string): string | undefined {
  return parseAddress(address)?.text;
}

test('writes every spelling of an address in one way', () => {
  assert.equal(text('192.0.2.1'), '192.0.2.1');
  assert.equal(text('2001:DB8:0:0:0:0:0:1'), '2001:db8::1');
  assert.equal(text('2001:0db8::0001'), '2001:db8::1');
  assert.equal(text('::'), '::');
  assert.equal(text('1::'), '1::');
  assert.equal(text('1:0:0:2:0:0:0:3'), '1:0:0:2::3');
  assert.equal(text('1:0:2:0:3:0:4:0'), '1:0:2:0:3:0:4:0');
});

test('reads a mapped address as the IPv4 address it is, in each of its spellings', () => {
  for (const mapped of ['::ffff:1.2.3.4', '::FFFF:102:304', '0:0:0:0:0:ffff:1.2.3.4']) {
    assert.deepEqual(parseAddress(mapped), parseAddress('1.2.3.4'), mapped);
  }
  assert.equal(parseAddress('::1.2.3.4')?.family, 6, 'compatible addresses are not mapped ones');
});

test('drops the zone, which names an interface of this machine', () => {
  assert.equal(text('fe80::1%eth0'), 'fe80::1');
  assert.equal(text('fe80::1%'), undefined);
  assert.equal(text('192.0.2.1%eth0'), undefined);
});

test('takes no spelling that other programs read differently (CVE-2021-28918, CVE-2021-29921)', () => {
  const others = [
    '0177.0.0.1',
    '127.1',
    '0x7f.0.0.1',
    '2130706433',
    '01.2.3.4',
    '1.2.3',
    '1.2.3.4.',
    ' 1.2.3.4',
  ];
  for (const other of others) assert.equal(parseAddress(other), undefined, other);
});

test('reads addresses as proxies write them', () => {
  const node = (value: string): string | undefined => parseNode(value)?.text;
  assert.equal(node('192.0.2.1:4711'), '192.0.2.1');
  assert.equal(node('[2001:db8::1]:4711'), '2001:db8::1');
  assert.equal(node('[2001:db8::1]'), '2001:db8::1');
  assert.equal(node('2001:db8::1'), '2001:db8::1');
  // express-rate-limit#667: an IPv4 address in an IPv6 one is told by its bits, whatever stands around it.
  for (const value of ['::ffff:192.0.2.1', '[::ffff:192.0.2.1]', '[::ffff:c000:201]:4711'])
    assert.equal(node(value), '192.0.2.1', value);
  assert.equal(node('2001:db8::1:4711'), '2001:db8::1:4711', 'a bare address has no port');
  assert.equal(node('192.0.2.1:_obf'), '192.0.2.1', 'RFC 7239 6.1');
});

test('takes nothing else for an address', () => {
  const bad = [
    '',
    ':',
    'unknown',
    '_hidden',
    '[192.0.2.1]',
    '[2001:db8::1',
    '[2001:db8::1]x',
    '[2001:db8::1]:',
    '192.0.2.1:',
    '192.0.2.1:123456',
    '192.0.2.1:80:80',
    '192.0.2.1\u0000',
    '1'.repeat(100_000),
    `[${':'.repeat(100_000)}`,
  ];
  for (const value of bad) assert.equal(parseNode(value), undefined, value.slice(0, 40));
});

test('counts an IPv6 client by its network: a household owns all of it', () => {
  const key = (address: string, bits: number): string => {
    const parsed = parseAddress(address);
    assert.ok(parsed !== undefined);
    return clientKey(parsed, bits);
  };
  assert.equal(key('192.0.2.1', 64), '192.0.2.1');
  assert.equal(key('::ffff:192.0.2.1', 64), '192.0.2.1');
  assert.equal(key('2001:db8:1:2:3:4:5:6', 64), '2001:db8:1:2::/64');
  assert.equal(key('2001:db8:1:2ff:3:4:5:6', 56), '2001:db8:1:200::/56');
  assert.equal(key('2001:db8:1:2ff:3:4:5:6', 48), '2001:db8:1::/48');
  assert.equal(key('::1', 64), '::/64');
  assert.equal(key('64:ff9b::192.0.2.1', 64), '192.0.2.1');
  assert.equal(key('64:ff9b:1::192.0.2.1', 64), '64:ff9b:1::/64');
});

test('masks words by the bits of a prefix', () => {
  assert.deepEqual(
    [0, 1, 2].map((index) => wordMask(20, index)),
    [0xffff, 0xf000, 0],
  );
  assert.equal(wordMask(0, 0), 0);
  assert.equal(wordMask(128, 7), 0xffff);
});

const ipv4 = fc.ipV4();
const ipv6 = fc.ipV6();

test('takes exactly what Node.js takes for an address', () => {
  const hostile = fc.oneof(ipv4, ipv6, fc.string(), fc.stringMatching(/^[0-9a-f:.]{0,40}$/));
  fc.assert(
    fc.property(hostile, (value) => {
      fc.pre(!value.includes('%'));
      assert.equal(parseAddress(value) !== undefined, isIP(value) !== 0);
    }),
  );
});

test('takes an IPv6 address with each of its groups once, and nothing beside', () => {
  const good = [
    '::',
    '::1.2.3.4',
    '1:2:3:4:5:6:1.2.3.4',
    '1:2:3:4:5:6:7::',
    '::2:3:4:5:6:7:8',
    '1:2::7:1.2.3.4',
  ];
  const bad = [
    '1::2:3:4:5:6:7:8',
    '1:2:3:4:5:6:7',
    '1:2:3:4:5:6:7:8:9',
    '1:2:3:4:5:6:7:1.2.3.4',
    '1.2.3.4::',
    '1.2.3.4::1',
  ];
  const worse = [
    ':::',
    '1:::2',
    '1::2::3',
    ':1',
    '1:',
    '::1:',
    '::12345',
    '::g',
    '::-1',
    '::+1',
    ':: 1',
    '::1.2.3',
    '::01.2.3.4',
  ];
  for (const value of [...good, ...bad, ...worse, '::1.2.3.4:5', '::0x1', '[::1]', '::1/64']) {
    assert.equal(parseAddress(value) !== undefined, isIP(value) === 6, value);
    assert.equal(isIP(value) === 6, good.includes(value), value);
  }
});

test('writes IPv6 as browsers do, and reads back what it wrote', () => {
  fc.assert(
    fc.property(fc.oneof(ipv4, ipv6), (value) => {
      const parsed = parseAddress(value);
      assert.ok(parsed !== undefined);
      assert.deepEqual(parseAddress(parsed.text), parsed);
      if (parsed.family === 6) assert.equal(new URL(`http://[${value}]/`).hostname, `[${parsed.text}]`);
    }),
  );
});

test('never throws, whatever stands where an address is expected', () => {
  fc.assert(fc.property(fc.string({ unit: 'binary' }), (value) => void parseNode(value)));
});
