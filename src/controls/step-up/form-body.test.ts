import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { readForm } from './form-body.ts';

function check(body: string | Buffer, expected: readonly (readonly [string, string])[] | undefined): void {
  assert.deepEqual(readForm(Buffer.from(body)), expected, JSON.stringify(String(body)));
}

test('reads names and values as they were sent, in their order, the same name twice too', () => {
  check('a=1&b=&a=2+3%264', [
    ['a', '1'],
    ['b', ''],
    ['a', '2 3&4'],
  ]);
  check('%5F%5Fproto__=x&text=%C3%A9%0D%0A%E2%82%AC', [
    ['__proto__', 'x'],
    ['text', '\u00e9\r\n\u20ac'],
  ]);
  check('a=b=c', [['a', 'b=c']]);
});

test('a form of which only the button was pressed has no field', () => {
  check('', []);
});

test('takes no body that would come back as another', () => {
  const bodies = [
    'a=%00',
    'a=\0',
    'a%00b=1',
    'a=%0D',
    'a=%0A',
    'a=%0A%0D',
    'a=%FF',
    'a=%C0%80',
    'a=%ED%A0%80',
    'a=%2',
    'a=%zz',
    'a=100%',
    'a=\u00e9',
    'a=b c',
    'a=b\r\n',
    '=1',
    'a',
    'a=1&',
    '&a=1',
    'a=1&&b=2',
  ];
  for (const body of bodies) check(body, undefined);
  check(Buffer.of(0x61, 0x3d, 0xff), undefined);
});

test('takes a thousand fields and not one more', () => {
  const fields = (count: number): string => Array.from({ length: count }, (_, n) => `f${n}=1`).join('&');
  assert.equal(readForm(Buffer.from(fields(1000)))?.length, 1000);
  assert.equal(readForm(Buffer.from(fields(1001))), undefined);
});

test('gives back whatever a browser sends, and reads anything without an exception', () => {
  const text = fc
    .string({ unit: 'grapheme' })
    .map((one) => one.replaceAll(/[\0\r\n]/g, '').toWellFormed() + '\r\n');
  fc.assert(
    fc.property(fc.array(fc.tuple(text, text), { maxLength: 20 }), (fields) => {
      assert.deepEqual(readForm(Buffer.from(new URLSearchParams(fields).toString())), fields);
    }),
  );
  fc.assert(
    fc.property(fc.uint8Array(), (bytes) => {
      readForm(Buffer.from(bytes));
    }),
  );
});
