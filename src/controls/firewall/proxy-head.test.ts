import assert from 'node:assert/strict';
import { test } from 'node:test';
import { LONGEST_HEAD, type ProxyHead, readProxyHead } from './proxy-head.ts';

const SIGNATURE = Buffer.from('0d0a0d0a000d0a515549540a', 'hex');

interface Parts {
  readonly command?: number;
  readonly family?: number;
  readonly addresses?: readonly number[];
  readonly fields?: readonly (readonly number[])[];
  readonly length?: number;
}

const FOUR = [192, 0, 2, 7, 198, 51, 100, 1, 0x12, 0x67, 0x01, 0xbb];

function version2({
  command = 0x21,
  family = 0x11,
  addresses = FOUR,
  fields = [],
  length,
}: Parts = {}): Buffer {
  const rest = Buffer.from([...addresses, ...fields.flat()]);
  const declared = length ?? rest.length;
  return Buffer.concat([SIGNATURE, Buffer.from([command, family, declared >> 8, declared & 0xff]), rest]);
}

function line(text: string): ProxyHead {
  return readProxyHead(Buffer.from(text, 'latin1'));
}

function clientOf(head: ProxyHead): unknown {
  assert.equal(head.kind, 'whole');
  return head.client;
}

function isBad(head: ProxyHead, what: string): void {
  assert.equal(head.kind, 'bad', what);
}

test('reads version 1 for both families, and leaves what stands behind it', () => {
  const text = 'PROXY TCP4 192.0.2.7 198.51.100.1 4711 443\r\n';
  assert.deepEqual(line(`${text}GET / HTTP/1.1\r\n`), {
    kind: 'whole',
    length: text.length,
    client: { address: '192.0.2.7', port: 4711, encrypted: false },
  });
  assert.deepEqual(clientOf(line('PROXY TCP6 2001:DB8:0:0::7 2001:db8::1 0 65535\r\n')), {
    address: '2001:db8::7',
    port: 0,
    encrypted: false,
  });
});

test('a client that the proxy does not know has no address, whatever else it says', () => {
  for (const text of ['PROXY UNKNOWN\r\n', 'PROXY UNKNOWN 192.0.2.7 192.0.2.8 1 2\r\n'])
    assert.deepEqual(clientOf(line(text)), { address: undefined, port: 0, encrypted: false });
});

test('version 1 has one spelling', () => {
  for (const text of [
    'PROXY TCP4 192.0.2.7 198.51.100.1 4711\r\n',
    'PROXY TCP4 192.0.2.7 198.51.100.1 4711 443 1\r\n',
    'PROXY TCP4  192.0.2.7 198.51.100.1 4711 443\r\n',
    'PROXY TCP4 192.0.2.7 198.51.100.1 4711 443 \r\n',
    'PROXY TCP4 192.0.2.7 198.51.100.1 04711 443\r\n',
    'PROXY TCP4 192.0.2.7 198.51.100.1 65536 443\r\n',
    'PROXY TCP4 192.0.2.7 198.51.100.1 -1 443\r\n',
    'PROXY TCP4 192.0.2.07 198.51.100.1 4711 443\r\n',
    'PROXY TCP4 2001:db8::7 2001:db8::1 4711 443\r\n',
    'PROXY TCP6 192.0.2.7 198.51.100.1 4711 443\r\n',
    'PROXY TCP6 fe80::1%eth0 2001:db8::1 4711 443\r\n',
    'PROXY TCP4 192.0.2.7 198.51.100.1 4711 443\nGET / HTTP/1.1\r\n',
    'PROXY UDP4 192.0.2.7 198.51.100.1 4711 443\r\n',
    'PROXY unknown\r\n',
    'PROXY \r\n',
    'proxy TCP4 192.0.2.7 198.51.100.1 4711 443\r\n',
    ` PROXY TCP4 192.0.2.7 198.51.100.1 4711 443\r\n`,
  ])
    isBad(line(text), JSON.stringify(text));
});

test('waits for no byte more than a head may have', () => {
  const whole = 'PROXY TCP4 192.0.2.7 198.51.100.1 4711 443\r\n';
  for (let end = 0; end < whole.length; end += 1) assert.equal(line(whole.slice(0, end)).kind, 'short');
  assert.equal(line(`PROXY UNKNOWN ${'x'.repeat(91)}\r\n`).kind, 'whole');
  assert.equal(line(`PROXY UNKNOWN ${'x'.repeat(92)}`).kind, 'short');
  isBad(line(`PROXY UNKNOWN ${'x'.repeat(93)}`), 'over 107 bytes');
  isBad(line('G'), 'no head at its first byte');
  isBad(line('\r\n\r\nG'), 'no head of version 2 either');
  const second = version2();
  for (let end = 0; end < second.length; end += 1)
    assert.equal(readProxyHead(second.subarray(0, end)).kind, 'short');
});

test('reads version 2 for both families, and leaves what stands behind it', () => {
  const bytes = version2();
  assert.deepEqual(readProxyHead(Buffer.concat([bytes, Buffer.from('GET')])), {
    kind: 'whole',
    length: 28,
    client: { address: '192.0.2.7', port: 4711, encrypted: false },
  });
  const six = [
    0x20,
    0x01,
    0x0d,
    0xb8,
    ...Array.from({ length: 11 }, () => 0),
    7,
    ...Array.from({ length: 16 }, () => 0),
  ];
  assert.deepEqual(
    clientOf(readProxyHead(version2({ family: 0x21, addresses: [...six, 0x12, 0x67, 1, 187] }))),
    {
      address: '2001:db8::7',
      port: 4711,
      encrypted: false,
    },
  );
});

test('a proxy that asks for itself has no client, and nothing of what it says is looked at', () => {
  for (const parts of [{}, { family: 0x00, addresses: [] }, { family: 0xff, addresses: [1, 2, 3] }])
    assert.equal(clientOf(readProxyHead(version2({ ...parts, command: 0x20 }))), undefined);
});

test('a client of a Unix socket, or of no family, has no address', () => {
  const path = Array.from({ length: 216 }, () => 0x2f);
  for (const parts of [
    { family: 0x00, addresses: [] },
    { family: 0x31, addresses: path },
  ])
    assert.deepEqual(clientOf(readProxyHead(version2(parts))), {
      address: undefined,
      port: 0,
      encrypted: false,
    });
});

test('TLS of the client is what its field says, and fields that nobody knows are passed over', () => {
  const over = (flags: number): unknown =>
    clientOf(
      readProxyHead(
        version2({
          fields: [
            [0xe0, 0, 1, 9],
            [0x20, 0, 5, flags, 0, 0, 0, 0],
            [0x04, 0, 0],
          ],
        }),
      ),
    );
  assert.deepEqual(over(0x01), { address: '192.0.2.7', port: 4711, encrypted: true });
  assert.deepEqual(over(0x07), { address: '192.0.2.7', port: 4711, encrypted: true });
  assert.deepEqual(over(0x06), { address: '192.0.2.7', port: 4711, encrypted: false });
});

test('refuses what version 2 does not know, and lengths that do not fit', () => {
  const bad: readonly Parts[] = [
    { command: 0x11 },
    { command: 0x22 },
    { command: 0x31 },
    { family: 0x12 },
    { family: 0x13 },
    { family: 0x41 },
    { family: 0x01 },
    { addresses: FOUR.slice(1) },
    { family: 0x21 },
    { fields: [[0x20]] },
    { fields: [[0x20, 0]] },
    { fields: [[0xe0, 0, 9, 1]] },
    { fields: [[0x20, 0, 4, 1, 0, 0, 0]] },
    {
      fields: [
        [0x20, 0, 5, 1, 0, 0, 0, 0],
        [0x20, 0, 5, 0, 0, 0, 0, 0],
      ],
    },
    { fields: [[0x03, 0, 4, 0, 0, 0, 0]] },
    { fields: [[0x03, 0, 2, 0, 0]] },
    { length: LONGEST_HEAD },
    { length: 0xffff },
  ];
  for (const parts of bad) isBad(readProxyHead(version2(parts)), JSON.stringify(parts));
});

test('a checksum is counted again', () => {
  // The sum of the head below with zeros in its place, by the reference of RFC 9260: 32 zero bytes are 8a9136aa.
  const sums = { zeros: crcOf(Buffer.alloc(32)), digits: crcOf(Buffer.from('123456789')) };
  assert.deepEqual(sums, { zeros: 0x8a9136aa, digits: 0xe3069283 });
  const blank = version2({ fields: [[0x03, 0, 4, 0, 0, 0, 0]] });
  const summed = Buffer.from(blank);
  summed.writeUInt32BE(crcOf(blank), blank.length - 4);
  assert.equal(readProxyHead(summed).kind, 'whole');
  for (const at of [17, 24, summed.length - 1]) {
    const changed = Buffer.from(summed);
    changed[at] = (changed[at] ?? 0) ^ 1;
    isBad(readProxyHead(changed), String(at));
  }
});

/** CRC-32C by its table, which the code under test has not. */
function crcOf(bytes: Buffer): number {
  const table = Array.from({ length: 256 }, (_, index) => {
    let entry = index;
    for (let bit = 0; bit < 8; bit += 1) entry = (entry & 1) === 1 ? (entry >>> 1) ^ 0x82f63b78 : entry >>> 1;
    return entry >>> 0;
  });
  let sum = 0xffffffff;
  for (const byte of bytes) sum = (sum >>> 8) ^ (table[(sum ^ byte) & 0xff] ?? 0);
  return (sum ^ 0xffffffff) >>> 0;
}
