import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { fileName } from './file-name.ts';

const check = (given: string, kept: string): void =>
  assert.equal(fileName(given), kept, JSON.stringify(given));

test('what people write stays: other alphabets, quotes, blanks, emoji', () => {
  for (const name of [
    'report.pdf',
    '\u062a\u0642\u0631\u064a\u0631.pdf',
    'a "b" \'c\'.txt',
    '\u{1f469}\u200d\u{1f4bb}.png',
    'a;b=c%20.txt',
  ])
    check(name, name);
});

test('one normal form: two spellings of one letter are one name', () => {
  check('u\u0308ber.pdf', '\u00fcber.pdf');
});

test('folders are cut off, of every system', () => {
  check('../../etc/passwd', 'passwd');
  check('C:\\Users\\ann\\a.pdf', 'a.pdf');
  check('a/..', 'file');
});

test('what nobody sees goes: controls, line breaks, marks of direction', () => {
  check('a\r\nSet-Cookie: x.pdf', 'aSet-Cookie: x.pdf');
  check('photo\u202egpj.exe', 'photogpj.exe');
  check('a\u0000b\u2066c\u200bd\ufeff.txt', 'abcd.txt');
  check('a\u00a0\u2003b.txt', 'a b.txt');
});

test('names of devices, and ends that Windows cuts off, are none', () => {
  for (const name of ['CON', 'con.txt', 'Lpt1.pdf', 'COM\u00b9', 'aux', 'NUL.tar.gz'])
    check(name, `_${name}`);
  check('console.txt', 'console.txt');
  check('a.txt. . .', 'a.txt');
  check('...', 'file');
  check('', 'file');
});

test('255 bytes at most, cut between letters, with the ending kept', () => {
  const long = fileName(`${'\u{1f469}\u200d\u{1f4bb}'.repeat(60)}.docx`);
  assert.ok(Buffer.byteLength(long) <= 255);
  assert.match(long, /^(?:\u{1f469}\u200d\u{1f4bb})+\.docx$/u);
  assert.equal(fileName('x'.repeat(300)).length, 255);
});

test('whatever is given, the name is one that can be shown, and stays as it is when it is read again', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary', maxLength: 400 }), (given) => {
      const name = fileName(given);
      assert.ok(name !== '' && name.isWellFormed() && Buffer.byteLength(name) <= 255);
      assert.doesNotMatch(name, /[\p{Cc}\u2028\u2029\u202a-\u202e\u2066-\u2069/\\]/u);
      assert.equal(fileName(name), name);
    }),
  );
});
