import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { cleanName } from './clean-name.ts';

test('keeps what people write', () => {
  for (const name of [
    'Phone',
    'Bj\u00f6rns N\u00f8kkel',
    '\u6211\u7684\u624b\u673a',
    '\u{1f468}\u200d\u{1f469}\u200d\u{1f467}',
    "<b>it's</b>",
  ]) {
    assert.equal(cleanName(name, 'Passkey'), name);
  }
});

test('drops what would rewrite the line it stands in', () => {
  assert.equal(cleanName('\u202egnp.exe\u202c', 'Passkey'), 'gnp.exe');
  assert.equal(cleanName('a\r\nSet-Cookie: b\0\u2028c\u2066', 'Passkey'), 'a Set-Cookie: b c');
  assert.equal(cleanName('x\ud800', 'Passkey'), 'x\ufffd');
});

test('a name of nothing is what it is called then, and one that is too long is cut', () => {
  for (const nothing of ['', '   ', '\u200e\u202e', '\n'])
    assert.equal(cleanName(nothing, 'Passkey'), 'Passkey');
  assert.equal(cleanName('y'.repeat(1000), 'Passkey'), 'y'.repeat(64));
  assert.equal(Array.from(cleanName('\u{1f511}'.repeat(100), 'Passkey')).length, 64);
});

test('a name of characters that nobody sees is a name of nothing; within a name they stay', () => {
  for (const unseen of [
    '\u200b',
    '\u200b\u200d ',
    '\u3164',
    '\u2800',
    '\u00ad',
    '\u034f',
    '\u115f\u1160',
    '\ufe0f',
    '\u{e0041}',
    '\u00a0\u3000',
  ])
    assert.equal(cleanName(unseen, 'Passkey'), 'Passkey');
  // Cut where it begins to be seen.
  assert.equal(cleanName(`${'\u200b'.repeat(64)}x`, 'Passkey'), 'Passkey');
  for (const seen of ['\u0645\u06cc\u200c\u062e', '\u2764\ufe0f', 'a\u2800'])
    assert.equal(cleanName(seen, 'Passkey'), seen);
});

test('is one line of 1 to 64 characters, cleaned once and for all', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary', maxLength: 200 }), (name) => {
      const clean = cleanName(name, 'Passkey');
      const { length } = Array.from(clean);
      assert.ok(length >= 1 && length <= 64);
      assert.doesNotMatch(clean, /[\p{Cc}\u2028\u2029]/u);
      assert.equal(cleanName(clean, 'Passkey'), clean);
    }),
  );
});
