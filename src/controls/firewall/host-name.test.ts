import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { HANG_MS } from '../../../test/support/hang.ts';
import { parseHost, showHost, withoutDefaultPort } from './host-name.ts';

const shown = (text: string): string | undefined => {
  const host = parseHost(text);
  return host === undefined ? undefined : showHost(host);
};

test('reads names, addresses and ports in one spelling', () => {
  assert.equal(shown('example.com'), 'example.com');
  assert.equal(shown('EXAMPLE.com:8080'), 'example.com:8080');
  assert.equal(shown('example.com.'), 'example.com');
  assert.equal(shown('example.com.:443'), 'example.com:443');
  assert.equal(shown('my_service:80'), 'my_service:80');
  assert.equal(shown('xn--bcher-kva.example'), 'xn--bcher-kva.example');
  assert.equal(shown('127.0.0.1:3000'), '127.0.0.1:3000');
  assert.equal(shown('[2001:DB8:0::1]:80'), '[2001:db8::1]:80');
  assert.equal(shown('[::1]'), '[::1]');
});

const NO_HOSTS = {
  empty: ['', '.', ':80', '[]', '..', 'a..b'],
  'a list': ['a.example,b.example', 'a.example, b.example', 'a.example b.example'],
  'a user part': ['user@a.example', 'a.example:80@b.example', 'user:pass@a.example'],
  'a path, query or fragment': [
    'a.example/x',
    'a.example?x',
    'a.example#x',
    'a.example\\b.example',
    'http://a.example',
  ],
  'space or control': [
    ' a.example',
    'a.example ',
    'a\texample',
    'a.example\r\n',
    'a\u0000.example',
    'a\u007fb',
  ],
  'escapes or other alphabets': [
    'a%2eexample',
    'a%00',
    'b\u00fccher.example',
    'a\uff0eexample',
    '\u0131.example',
  ],
  'a wildcard or shell': ['*.example', '*', '$(id)', '"a"', "a'b", '{a}', '<a>', 'a;b', 'a|b'],
  'a port that is none': ['a:', 'a:x', 'a:80x', 'a:080', 'a:65536', 'a:999999', 'a:-1', 'a:80:80', 'a:+80'],
  'an address that browsers read as another': [
    '127.1',
    '0x7f.1',
    '2130706433',
    '0177.0.0.1',
    '1.2.3.4.5',
    '1.2.3.0x4',
  ],
  'brackets that hold no IPv6': [
    '[1.2.3.4]',
    '[::ffff:1.2.3.4]',
    '[::1',
    '::1',
    '[fe80::1%25eth0]',
    '[::1]x',
    '[::g]',
    '[1::2::3]',
    '[:]',
    '[a]',
  ],
  'labels that DNS has not': [
    '-a.example',
    'a-.example',
    `${'a'.repeat(64)}.example`,
    `${'a.'.repeat(130)}b`,
  ],
};

for (const [what, texts] of Object.entries(NO_HOSTS)) {
  test(`takes nothing with ${what} for a host`, () => {
    for (const text of texts) assert.equal(parseHost(text), undefined, JSON.stringify(text));
  });
}

test('drops a port that the scheme implies, and no other', () => {
  const drop = (text: string, secure: boolean): string => {
    const host = parseHost(text);
    assert.ok(host !== undefined);
    return showHost(withoutDefaultPort(host, secure));
  };
  assert.equal(drop('a:443', true), 'a');
  assert.equal(drop('a:80', false), 'a');
  assert.equal(drop('a:80', true), 'a:80');
  assert.equal(drop('a:443', false), 'a:443');
});

test('remembers what it read, and stays right when it forgets', () => {
  const first = parseHost('remembered.example');
  assert.equal(parseHost('remembered.example'), first);
  for (let index = 0; index < 1000; index += 1) parseHost(`host-${index}.example`);
  assert.deepEqual(parseHost('remembered.example'), first);
});

test('takes time in proportion to the length of a hostile value', () => {
  for (const piece of ['a', '-', 'a-', '.', 'a.', '_', '[', ':', '1']) {
    const start = performance.now();
    assert.equal(parseHost(`${piece.repeat(100_000)}!`), undefined);
    assert.equal(parseHost(`${piece.repeat(120).slice(0, 250)}!`), undefined);
    assert.ok(performance.now() - start < HANG_MS, piece);
  }
});

test('never throws; what it takes, browsers read as the same host', () => {
  const pieces = fc.constantFrom(
    'a',
    'B',
    '-',
    '.',
    ':',
    '80',
    '[',
    ']',
    '::1',
    '@',
    '/',
    '%',
    '_',
    '127',
    ' ',
    '0x7f',
  );
  const junk = fc.oneof(
    fc.string({ unit: 'binary' }),
    fc.domain(),
    fc.webAuthority({ withPort: true, withIPv6: true, withIPv4: true, withUserInfo: true }),
    fc.array(pieces, { maxLength: 12 }).map((list) => list.join('')),
  );
  fc.assert(
    fc.property(junk, (text) => {
      const host = parseHost(text);
      if (host === undefined || host.name.includes('xn--') || host.name.includes('_')) return;
      assert.deepEqual(parseHost(showHost(host)), host);
      const url = new URL(`http://${text}/`);
      assert.equal(url.hostname.replace(/\.$/, ''), host.name);
      assert.equal(url.port, host.port === undefined || host.port === 80 ? '' : String(host.port));
      assert.equal(url.username, '');
    }),
    { numRuns: 2000 },
  );
});

test('takes a name of 253 characters with dot and port, and none that is longer', () => {
  const label = 'a'.repeat(63);
  const longest = [label, label, label, 'a'.repeat(61)].join('.');
  assert.equal(longest.length, 253);
  assert.deepEqual(parseHost(`${longest}.:65535`), { name: longest, port: 65_535 });
  assert.equal(parseHost(`a${longest.slice(0, 63)}.${longest.slice(64)}`), undefined, 'a label of 64');
  assert.equal(parseHost(`${longest.slice(0, -1)}.aa`), undefined);
  assert.equal(parseHost([label, label, label, 'a'.repeat(62)].join('.')), undefined, 'a name of 254');
});

test('takes no port past 65535, and a last label that only begins or ends as a number', () => {
  assert.equal(parseHost('example.com:65536'), undefined);
  assert.equal(parseHost('example.com:99999'), undefined);
  for (const name of ['a.1b', 'a.0x1g', '9a', 'node1', 'a.b2', 'a.b0x1'])
    assert.equal(parseHost(name)?.name, name);
});
