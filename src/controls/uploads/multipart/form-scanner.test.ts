import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { growth, LINEAR_AT_MOST } from '../../../../test/support/growth.ts';
import { boundaryOf } from './boundary.ts';
import { MultipartFault, type MultipartReason } from './multipart-fault.ts';
import { type FormLimits, FormScanner } from './form-scanner.ts';

const LIMITS: FormLimits = { parts: 100, field: 1000 };
const B = 'x-boundary';

interface Seen {
  readonly name: string;
  readonly filename: string | undefined;
  readonly type: string | undefined;
  readonly body: string;
}

/** What is read of a form that comes in pieces of a length. */
function partsOf(text: string | Buffer, length = 65_536, limits = LIMITS): Seen[] {
  const seen: Seen[] = [];
  let open: Buffer[] = [];
  const heads: Omit<Seen, 'body'>[] = [];
  const scanner = new FormScanner(B, limits, {
    part: (head) => heads.push(head),
    data: (bytes) => open.push(Buffer.from(bytes)),
    end: () => {
      seen.push({ ...(heads.at(-1) as Seen), body: Buffer.concat(open).toString('latin1') });
      open = [];
    },
  });
  const bytes = Buffer.from(text);
  for (let at = 0; at < bytes.length; at += length) scanner.push(bytes.subarray(at, at + length));
  scanner.finish();
  return seen;
}

const field = (head: string, body = 'v'): string => `--${B}\r\n${head}\r\n\r\n${body}\r\n`;
const named = (name: string, body = 'v'): string =>
  field(`Content-Disposition: form-data; name="${name}"`, body);
const END = `--${B}--\r\n`;

test('reads fields and files, in pieces of any length', () => {
  const text =
    named('title', 'two\r\nlines') +
    field(
      'Content-Disposition: form-data; name="a"; filename="b.txt"\r\nContent-Type: Text/Plain; charset=utf-8',
      '',
    ) +
    field(
      'content-disposition:form-data; name="a"; filename="c"\r\nContent-Type: application/octet-stream',
      `\r\n--x-boundarx\r\n--${B.slice(0, -1)}`,
    ) +
    END;
  const expected: Seen[] = [
    { name: 'title', filename: undefined, type: undefined, body: 'two\r\nlines' },
    { name: 'a', filename: 'b.txt', type: 'text/plain; charset=utf-8', body: '' },
    {
      name: 'a',
      filename: 'c',
      type: 'application/octet-stream',
      body: `\r\n--x-boundarx\r\n--${B.slice(0, -1)}`,
    },
  ];
  for (let length = 1; length < 60; length += 1)
    assert.deepEqual(partsOf(text, length), expected, String(length));
  assert.deepEqual(partsOf(text), expected);
});

test('reads names of files as browsers write them', () => {
  for (const [written, name] of [
    ['ملف.txt', 'ملف.txt'],
    ['%22quoted%22.txt', '"quoted".txt'],
    ['two%0D%0Alines.txt', 'two\r\nlines.txt'],
    ['100%.txt', '100%.txt'],
    ['a;b=c.txt', 'a;b=c.txt'],
    ['../../etc/passwd', '../../etc/passwd'],
  ] as const) {
    const [part] = partsOf(field(`Content-Disposition: form-data; name="f"; filename="${written}"`) + END);
    assert.equal(part?.filename, name);
  }
});

test('an empty form has no parts, with or without the last line break', () => {
  assert.deepEqual(partsOf(END), []);
  assert.deepEqual(partsOf(`--${B}--`), []);
  assert.equal(partsOf(named('a') + END.slice(0, -2)).length, 1);
});

/** What readers take otherwise than each other, or leave out without a word; docs/guides/uploads.md has who and how. */
const REFUSED: Readonly<Record<MultipartReason, readonly (string | Buffer)[]>> = {
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
    // A boundary after less than the end of a line is one to some (Werkzeug).
    named('a', `x\n--${B}\r\nContent-Disposition: form-data; name="b"\r\n\r\nv`) + END,
    named('a', `x\r--${B}--`) + END,
    named('a', `x--${B}`) + END,
    `--${B}\r\nContent-Disposition: form-data; name="a"\r\n\r\n--${B}--\r\n`,
    named(`--${B}`) + END,
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
    field('Content-Disposition: form-data; name="a"\r\nContent-Type: text/plain;;charset=b') + END,
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
    named('a'.repeat(256)) + END,
    named(' a') + END,
    field('Content-Disposition: form-data; name="a"; filename=""', 'bytes') + END,
    field(`Content-Disposition: form-data; name="a"; filename="${'b'.repeat(1025)}"`) + END,
    field('Content-Disposition: form-data; name="a"; filename="C:\\\\b"') + END,
  ],
  type: [
    field('Content-Disposition: form-data; name="a"\r\nContent-Type: application/octet-stream') + END,
    field('Content-Disposition: form-data; name="a"\r\nContent-Type: text/plain; charset=utf-16') + END,
    field('Content-Disposition: form-data; name="a"\r\nContent-Type: multipart/mixed; boundary=b') + END,
    field(
      'Content-Disposition: form-data; name="a"; filename="b"\r\nContent-Type: multipart/mixed; boundary=b',
    ) + END,
  ],
  text: [Buffer.from(named('a', '\xff') + END, 'latin1'), Buffer.from(named('a', '\xc3') + END, 'latin1')],
  field: [named('a', 'x'.repeat(1001)) + END],
  parts: [named('a').repeat(101) + END],
};

for (const [reason, texts] of Object.entries(REFUSED)) {
  test(`v5.0.0-1.5.3 refuses what readers of forms disagree on: ${reason}`, () => {
    for (const text of texts) {
      for (const length of [1, 65_536]) {
        assert.throws(
          () => partsOf(text, length),
          (error) => error instanceof MultipartFault && error.reason === reason,
          JSON.stringify(String(text).slice(0, 160)),
        );
      }
    }
  });
}

test('a name that is not UTF-8 is none', () => {
  const text = Buffer.from(field('Content-Disposition: form-data; name="\xe9"') + END, 'latin1');
  assert.throws(() => partsOf(text), { reason: 'name' });
});

test('takes a boundary that all readers find, and no other', () => {
  for (const type of [
    'multipart/form-data; boundary=abc',
    'multipart/form-data;boundary=----WebKitFormBoundaryABC',
    'Multipart/Form-Data; Boundary="abc"',
    `multipart/form-data; boundary=${'a'.repeat(70)}`,
    'multipart/form-data; boundary=abc; charset=UTF-8',
    'multipart/form-data; charset=utf-8; boundary=abc',
  ])
    assert.match(boundaryOf(type), /^[\w-]+$/, type);
  for (const type of [
    'multipart/form-data',
    'multipart/form-data; boundary=',
    'multipart/form-data; boundary=a; boundary=b',
    'multipart/form-data; charset=utf-16; boundary=a',
    'multipart/form-data; boundary=a; charset=utf-8; boundary=b',
    'multipart/form-data; boundary=a b',
    'multipart/form-data; boundary="a b"',
    'multipart/form-data; boundary=a;',
    'multipart/form-data ; boundary=a',
    'multipart/mixed; boundary=a',
    `multipart/form-data; boundary=${'a'.repeat(71)}`,
  ])
    assert.throws(() => boundaryOf(type), { reason: 'boundary' }, type);
});

test('no file was chosen: a part with an empty name, and nothing in it', () => {
  const head =
    'Content-Disposition: form-data; name="f"; filename=""\r\nContent-Type: application/octet-stream';
  assert.equal(partsOf(field(head, '') + END)[0]?.filename, '');
});

test('any bytes come out as they went in', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 300 }), fc.integer({ min: 1, max: 80 }), (bytes, length) => {
      const body = Buffer.from(bytes).toString('latin1').replaceAll(`--${B}`, '');
      const head = `--${B}\r\nContent-Disposition: form-data; name="f"; filename="a"\r\n\r\n`;
      const text = Buffer.from(`${head}${body}\r\n${END}`, 'latin1');
      assert.equal(partsOf(text, length)[0]?.body, body);
    }),
    { numRuns: 300 },
  );
});

test('hands on what is sure at once, and holds no more than a boundary of it', () => {
  let seen = 0;
  const scanner = new FormScanner(B, LIMITS, {
    part: () => undefined,
    data: (bytes) => (seen += bytes.length),
    end: () => undefined,
  });
  scanner.push(Buffer.from(`--${B}\r\nContent-Disposition: form-data; name="f"; filename="a"\r\n\r\n`));
  for (let round = 1; round <= 5; round += 1) {
    scanner.push(Buffer.alloc(10_000, '\r\n--x'));
    assert.ok(seen > round * 10_000 - B.length - 6);
  }
});

test('a head that some readers take for whole is refused before its end is here', () => {
  for (const start of ['Content-Disposition: form-data; name="a"\n\nv', '\r\nv', 'a: b\r\r']) {
    const scanner = new FormScanner(B, LIMITS, {
      part: () => undefined,
      data: () => undefined,
      end: () => undefined,
    });
    assert.throws(() => scanner.push(Buffer.from(`--${B}\r\n${start}`)), { reason: 'head' });
  }
});

test('the work grows with the bytes and no faster, whatever is sent', () => {
  const heads = `--${B}\r\nContent-Disposition: form-data; name="f"; filename="a"\r\n\r\n`;
  for (const unit of ['\r', '\r\n--x-', '\r\n--x-boundar', '--', 'a']) {
    const form = (size: number): Buffer =>
      Buffer.from(heads + unit.repeat(size / unit.length) + `\r\n${END}`);
    const factor = growth(form, (text) => void partsOf(text, 1024), 20_000);
    assert.ok(factor < LINEAR_AT_MOST, `${factor} for ${JSON.stringify(unit)}`);
  }
});
