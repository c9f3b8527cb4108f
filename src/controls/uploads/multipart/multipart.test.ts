import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { LINEAR_AT_MOST } from '../../../../test/support/growth.ts';
import { boundaryOf } from './boundary.ts';
import { MultipartFault, type MultipartReason } from './multipart-fault.ts';
import { type MultipartLimits, readMultipart } from './multipart-reader.ts';

const LIMITS: MultipartLimits = { parts: 100, head: 8192 };
const B = 'x-boundary';

interface Seen {
  readonly name: string;
  readonly filename: string | undefined;
  readonly type: string | undefined;
  readonly body: string;
}

/** The bytes in pieces of a length. */
async function* pieces(bytes: Buffer, length: number): AsyncGenerator<Buffer> {
  for (let at = 0; at < bytes.length; at += length) yield bytes.subarray(at, at + length);
}

async function partsOf(text: string | Buffer, length = 65_536, limits = LIMITS): Promise<Seen[]> {
  const seen: Seen[] = [];
  for await (const { body, ...head } of readMultipart(pieces(Buffer.from(text), length), B, limits)) {
    const chunks: Buffer[] = [];
    for await (const chunk of body) chunks.push(Buffer.from(chunk));
    seen.push({ ...head, body: Buffer.concat(chunks).toString('latin1') });
  }
  return seen;
}

const field = (head: string, body = 'v'): string => `--${B}\r\n${head}\r\n\r\n${body}\r\n`;
const named = (name: string, body = 'v'): string =>
  field(`Content-Disposition: form-data; name="${name}"`, body);
const END = `--${B}--\r\n`;

test('reads fields and files, in pieces of any length', async () => {
  const text =
    named('title', 'two\r\nlines') +
    field(
      'Content-Disposition: form-data; name="a"; filename="b.txt"\r\nContent-Type: Text/Plain; charset=utf-8',
      '',
    ) +
    field(
      'content-disposition:form-data; name="a"; filename=""\r\nContent-Type: application/octet-stream',
      `\r\n--x-boundarx\r\n--${B.slice(0, -1)}`,
    ) +
    END;
  const expected: Seen[] = [
    { name: 'title', filename: undefined, type: undefined, body: 'two\r\nlines' },
    { name: 'a', filename: 'b.txt', type: 'text/plain; charset=utf-8', body: '' },
    {
      name: 'a',
      filename: '',
      type: 'application/octet-stream',
      body: `\r\n--x-boundarx\r\n--${B.slice(0, -1)}`,
    },
  ];
  for (let length = 1; length < 60; length += 1)
    assert.deepEqual(await partsOf(text, length), expected, String(length));
  assert.deepEqual(await partsOf(text), expected);
});

test('reads names of files as browsers write them', async () => {
  for (const [written, name] of [
    ['ملف.txt', 'ملف.txt'],
    ['%22quoted%22.txt', '"quoted".txt'],
    ['two%0D%0Alines.txt', 'two\r\nlines.txt'],
    ['100%.txt', '100%.txt'],
    ['a;b=c.txt', 'a;b=c.txt'],
    ['../../etc/passwd', '../../etc/passwd'],
  ] as const) {
    const [part] = await partsOf(
      field(`Content-Disposition: form-data; name="f"; filename="${written}"`) + END,
    );
    assert.equal(part?.filename, name);
  }
});

test('an empty form has no parts, with or without the last line break', async () => {
  assert.deepEqual(await partsOf(END), []);
  assert.deepEqual(await partsOf(`--${B}--`), []);
  assert.equal((await partsOf(named('a') + END.slice(0, -2))).length, 1);
});

/** What readers take otherwise than each other, or leave out without a word; docs/guides/uploads.md has who and how. */
const REFUSED: Readonly<Record<MultipartReason, readonly string[]>> = {
  boundary: [],
  between: [
    `preamble\r\n${named('a')}${END}`,
    `\r\n${named('a')}${END}`,
    `${named('a')}--${B} \r\n\r\n${END}`,
    `${named('a')}--${B}\t--\r\n`,
    `${named('a')}${END}epilogue`,
    `${named('a')}${END}\r\n`,
    `${named('a')}--${B}suffix\r\n\r\nv\r\n${END}`,
    named('a').replaceAll('\r\n', '\n') + END.replaceAll('\r\n', '\n'),
  ],
  cut: ['', `--${B}`, `--${B}\r\n`, named('a'), named('a').slice(0, -3), `${named('a')}--${B}-`],
  head: [
    `--${B}\r\n\r\nv\r\n\r\n\r\n${END}`,
    field('Content-Disposition: form-data; name="a"\r\n folded: yes') + END,
    field('Content-Disposition: form-data; name="a"\r\nContent-Disposition: form-data; name="b"') + END,
    field('Content-Disposition: form-data; name="a"\r\nContent-Transfer-Encoding: base64') + END,
    field('Content-Disposition: form-data; name="a"\r\nContent-Transfer-Encoding: quoted-printable') + END,
    field('Content-Disposition : form-data; name="a"') + END,
    field('Content-Disposition: form-data; name="a"\r\nX-Other: b') + END,
    field('Content-Disposition: form-data; name="a"\r\nContent-Type: text') + END,
    field(
      'Content-Disposition: form-data; name="a"\r\nContent-Type: multipart/mixed; boundary="a b"; charset=b',
    ) + END,
    field(`Content-Disposition: form-data; name="a"\r\nContent-Type: text/${'a'.repeat(9000)}`) + END,
    field('Content-Disposition: form-data; name="a\tb"') + END,
    field('Content-Disposition: form-data; name="a\nb"') + END,
  ],
  disposition: [
    field('Content-Type: text/plain').replace('Content-Type', 'Content-Length').replace('text/plain', '1') +
      END,
    field('Content-Disposition: attachment; name="a"') + END,
    field('Content-Disposition: form-data; name=a') + END,
    field('Content-Disposition: form-data; name="a";') + END,
    field('Content-Disposition: form-data; name="a"; ') + END,
    field('Content-Disposition: form-data;name="a"') + END,
    field('Content-Disposition: form-data; name = "a"') + END,
    field('Content-Disposition: form-data; name="a"; name="b"') + END,
    field('Content-Disposition: form-data; filename="b"; name="a"') + END,
    field('Content-Disposition: form-data; name="a"; filename="b"; filename="c"') + END,
    field(`Content-Disposition: form-data; name="a"; filename="b"; filename*=UTF-8''c`) + END,
    field(`Content-Disposition: form-data; name="a"; filename*=UTF-8''c`) + END,
    field('Content-Disposition: form-data; name="a"b"') + END,
    named('a\\"') + END,
  ],
  name: [
    named('') + END,
    named('a\\b') + END,
    named('a%22b') + END,
    named('a%0d') + END,
    named('a'.repeat(1025)) + END,
    field('Content-Disposition: form-data; name="a"; filename="C:\\\\b"') + END,
  ],
  parts: [named('a').repeat(101) + END],
};

for (const [reason, texts] of Object.entries(REFUSED)) {
  test(`v5.0.0-1.5.3 refuses what readers of forms disagree on: ${reason}`, async () => {
    for (const text of texts) {
      for (const length of [1, 65_536]) {
        await assert.rejects(
          partsOf(text, length),
          (error) => error instanceof MultipartFault && error.reason === reason,
          JSON.stringify(text.slice(0, 160)),
        );
      }
    }
  });
}

test('a name that is not UTF-8 is none', async () => {
  const text = Buffer.from(field('Content-Disposition: form-data; name="\xe9"') + END, 'latin1');
  await assert.rejects(partsOf(text), { reason: 'name' });
});

test('takes a boundary that all readers find, and no other', () => {
  for (const type of [
    'multipart/form-data; boundary=abc',
    'multipart/form-data;boundary=----WebKitFormBoundaryABC',
    'Multipart/Form-Data; Boundary="abc"',
    `multipart/form-data; boundary=${'a'.repeat(70)}`,
  ])
    assert.match(boundaryOf(type), /^[\w-]+$/, type);
  for (const type of [
    'multipart/form-data',
    'multipart/form-data; boundary=',
    'multipart/form-data; boundary=a; boundary=b',
    'multipart/form-data; charset=utf-8; boundary=a',
    'multipart/form-data; boundary=a b',
    'multipart/form-data; boundary="a b"',
    'multipart/form-data; boundary=a;',
    'multipart/form-data ; boundary=a',
    'multipart/mixed; boundary=a',
    `multipart/form-data; boundary=${'a'.repeat(71)}`,
  ])
    assert.throws(() => boundaryOf(type), { reason: 'boundary' }, type);
});

test('any bytes come out as they went in', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.uint8Array({ maxLength: 300 }),
      fc.integer({ min: 1, max: 80 }),
      async (bytes, length) => {
        const body = Buffer.from(bytes).toString('latin1').replaceAll(`\r\n--${B}`, '');
        const text = Buffer.concat([
          Buffer.from(`--${B}\r\nContent-Disposition: form-data; name="f"; filename="a"\r\n\r\n`),
          Buffer.from(body, 'latin1'),
          Buffer.from(`\r\n${END}`),
        ]);
        assert.equal((await partsOf(text, length))[0]?.body, body);
      },
    ),
    { numRuns: 300 },
  );
});

test('what of a part nobody reads is skipped, and a reader who stops ends the source', async () => {
  let ended = false;
  async function* source(): AsyncGenerator<Buffer> {
    try {
      yield* pieces(Buffer.from(named('a', 'x'.repeat(1000)) + named('b') + named('c') + END), 64);
    } finally {
      ended = true;
    }
  }
  const names: string[] = [];
  for await (const { name, body } of readMultipart(source(), B, LIMITS)) {
    names.push(name);
    if (name === 'a') for await (const _first of body) break;
    if (name === 'b') break;
  }
  assert.deepEqual(names, ['a', 'b']);
  assert.ok(ended);
});

test('asks for no more bytes than are read', async () => {
  let asked = 0;
  async function* source(): AsyncGenerator<Buffer> {
    yield Buffer.from(`--${B}\r\nContent-Disposition: form-data; name="f"; filename="a"\r\n\r\n`);
    for (;;) {
      asked += 1;
      yield Buffer.alloc(1000, 'x');
    }
  }
  const reading = readMultipart(source(), B, LIMITS);
  const { value } = await reading.next();
  const body = value?.body[Symbol.asyncIterator]();
  for (let read = 1; read <= 5; read += 1) {
    await body?.next();
    assert.equal(asked, read);
  }
});

test('the work grows with the bytes and no faster, whatever is sent', async () => {
  const heads = `--${B}\r\nContent-Disposition: form-data; name="f"\r\n\r\n`;
  for (const unit of ['\r', '\r\n--x-', '\r\n--x-boundar', '--', 'a']) {
    const texts = new Map<number, Buffer>();
    for (const size of [20_000, 80_000])
      texts.set(size, Buffer.from(heads + unit.repeat(size / unit.length) + `\r\n${END}`));
    const spent = async (size: number): Promise<number> => {
      const text = texts.get(size) ?? Buffer.alloc(0);
      let best = Number.POSITIVE_INFINITY;
      for (let round = 0; round < 15; round += 1) {
        const before = process.cpuUsage();
        await partsOf(text, 1024);
        const { user, system } = process.cpuUsage(before);
        best = Math.min(best, user + system);
      }
      return best;
    };
    await spent(20_000);
    const factor = (await spent(80_000)) / (await spent(20_000));
    assert.ok(factor < LINEAR_AT_MOST, `${factor} for ${JSON.stringify(unit)}`);
  }
});
