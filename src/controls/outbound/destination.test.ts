import assert from 'node:assert/strict';
import { test } from 'node:test';
import { AddressList, type Network, parseNetwork } from '../../core/address-list.ts';
import { judgeAddress, judgeUrl } from './destination.ts';

const RULE = { schemes: ['https'], ports: [443], hosts: undefined, allow: new AddressList() } as const;

test('v5.0.0-1.3.6 asks a public address over https, and nothing else of an address', () => {
  for (const good of [
    'https://example.com/',
    'https://example.com:443/a?b#c',
    'https://1.1.1.1/',
    'https://[2606:4700::1111]/',
  ])
    assert.ok(judgeUrl(good, RULE).ok, good);
  for (const [bad, reason] of [
    ['http://example.com/', /scheme/],
    ['file:///etc/passwd', /scheme/],
    ['gopher://example.com/', /scheme/],
    ['data:text/html,a', /scheme/],
    ['https://example.com:22/', /port/],
    ['https://example.com:6379/', /port/],
    ['https://me:secret@example.com/', /name or a password/],
    ['https://me@example.com/', /name or a password/],
    ['example.com', /no address/],
    ['https://', /no address/],
    [`https://example.com/${'a'.repeat(9000)}`, /no address/],
  ] as const) {
    const judged = judgeUrl(bad, RULE);
    assert.ok(!judged.ok, bad);
    assert.match(judged.reason, reason, bad);
  }
});

/** One machine, in every notation that the URL Standard reads as a number, and those that stand inside IPv6. */
const LOOPBACK = [
  '127.0.0.1', '127.1', '127.0.1', '2130706433', '0x7f000001', '0x7f.1', '0177.0.0.1', '017700000001', '0x7f.0.0.0x1',
  '127.0.0.1.', '１２７.0.0.1', '①②⑦.⓪.⓪.①', '127。0。0。1', '%31%32%37.0.0.1', '[::1]', '[0:0:0:0:0:0:0:1]',
  '[::ffff:127.0.0.1]', '[::ffff:7f00:1]', '[::127.0.0.1]', '[64:ff9b::127.0.0.1]', '[64:ff9b::7f00:1]',
  '[64:ff9b:1::7f00:1]', '[2002:7f00:1::]', '[2001:0:7f00:1::]', '[fe80::5efe:7f00:1]', '0', '0.0.0.0', '[::]',
]; // prettier-ignore

test('v5.0.0-1.3.6 knows this machine in every notation', () => {
  for (const host of LOOPBACK) {
    const judged = judgeUrl(`https://${host}/`, RULE);
    assert.ok(!judged.ok, host);
    assert.match(judged.reason, /not public/, host);
  }
});

/** The first and the last address of each network that is not public, and the neighbours outside of it. */
const EDGES: readonly (readonly [inside: string, outside: string])[] = [
  ['0.255.255.255', '1.0.0.0'],
  ['10.0.0.0', '9.255.255.255'],
  ['10.255.255.255', '11.0.0.0'],
  ['100.64.0.0', '100.63.255.255'],
  ['100.127.255.255', '100.128.0.0'],
  ['127.255.255.255', '128.0.0.0'],
  ['168.63.129.16', '168.63.129.17'],
  ['169.254.169.254', '169.253.255.255'],
  ['172.16.0.0', '172.15.255.255'],
  ['172.31.255.255', '172.32.0.0'],
  ['192.0.0.1', '192.0.1.0'],
  ['192.0.2.1', '192.0.3.0'],
  ['192.88.99.1', '192.88.98.255'],
  ['192.168.255.255', '192.169.0.0'],
  ['198.19.255.255', '198.20.0.0'],
  ['198.51.100.255', '198.51.101.0'],
  ['203.0.113.0', '203.0.112.255'],
  ['224.0.0.1', '223.255.255.255'],
  ['255.255.255.255', '8.8.8.8'],
  ['2001:1ff::1', '2001:200::1'],
  ['2001:db8::1', '2001:db9::1'],
  ['2002::1', '2003::1'],
  ['3fff:fff::1', '3ffe::1'],
  ['fd00:ec2::254', '2606:4700::1111'],
  ['fe80::1', '2a00:1450::1'],
  ['ff02::1', '3000::1'],
  ['64:ff9b::a00:1', '64:ff9b::101:101'],
  ['4000::1', '2400::1'],
];

test('v5.0.0-1.3.6 stops at the edges of every network that is not public', () => {
  for (const [inside, outside] of EDGES) {
    assert.match(judgeAddress(inside, RULE) ?? '', /not public/, inside);
    assert.equal(judgeAddress(outside, RULE), undefined, outside);
  }
});

test('reaches the networks that are allowed, and no others', () => {
  const allow = new AddressList([parseNetwork('10.20.0.0/16') as Network]);
  assert.equal(judgeAddress('10.20.3.4', { allow }), undefined);
  assert.equal(judgeAddress('::ffff:10.20.3.4', { allow }), undefined);
  assert.match(judgeAddress('10.21.0.1', { allow }) ?? '', /private/);
});

test('reaches the hosts that are listed, and no names that look like them', () => {
  const rule = { ...RULE, hosts: ['hooks.example.com', '*.partner.example'] };
  for (const good of [
    'hooks.example.com',
    'HOOKS.example.com',
    'hooks.example.com.',
    'a.partner.example',
    'b.a.partner.example',
  ])
    assert.ok(judgeUrl(`https://${good}/`, rule).ok, good);
  for (const bad of [
    'example.com',
    'hooks.example.com.evil.example',
    'evilpartner.example',
    'partner.example',
    '1.1.1.1',
  ])
    assert.ok(!judgeUrl(`https://${bad}/`, rule).ok, bad);
});
