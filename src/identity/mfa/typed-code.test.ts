import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readRecoveryCode } from './recovery-code.ts';
import { readCode } from './totp-code.ts';
import { plainCode } from './typed-code.ts';

test('reads the digits of every script that Unicode has, each as what it is', () => {
  let rows = 0;
  for (let code = 0; code <= 0x10ffff; code += 1) {
    const digit = String.fromCodePoint(code);
    if (!/\p{Nd}/u.test(digit)) continue;
    // What Unicode itself says: of ten in a row, the first is zero.
    const value = Number(plainCode(digit));
    if (value === 0) rows += 1;
    assert.match(plainCode(digit), /^[0-9]$/, `U+${code.toString(16)}`);
    if (value > 0)
      assert.equal(Number(plainCode(String.fromCodePoint(code - 1))), value - 1, `U+${code.toString(16)}`);
  }
  assert.ok(rows > 60, `${rows} scripts`);
});

test('reads a code of an app as it is typed and pasted, in Arabic, Persian, Hindi and full-width digits', () => {
  for (const typed of [
    '\u0661\u0662\u0663\u0664\u0665\u0666',
    '\u06f1\u06f2\u06f3\u06f4\u06f5\u06f6',
    '\u0967\u0968\u0969\u096a\u096b\u096c',
    '\uff11\uff12\uff13\u3000\uff14\uff15\uff16',
    '\u200e123\u200f456',
    '\u2066123 456\u2069',
    '\ufeff123\u2060456',
    '123\u2010456',
    '123\u2011456',
    '123\u2013456',
    '123\u2014456',
    '123\u2212456',
    '123\ufe63456',
    '123\uff0d456',
    '123\u00ad456',
    '123\u202f456',
    '123.456',
  ]) {
    assert.equal(readCode(typed), '123456', JSON.stringify(typed));
  }
});

test('reads a recovery code with other dashes, direction marks, full-width letters and digits', () => {
  const code = '2K7MQ8CDFGHJ3PRVWXY46T9NN';
  for (const typed of [
    '2K7MQ\u20138CDFG\u2013HJ3PR\u2013VWXY4\u20136T9NN',
    '\u200e2K7MQ\u20118CDFG\u2011HJ3PR\u2011VWXY4\u20116T9NN\u200e',
    '\uff12k\uff17mq-\uff18cdfg-hj\uff13pr-vwxy\uff14-\uff16t\uff19nn',
    '\uff12\uff2b\uff17\uff2d\uff31 8CDFG HJ3PR VWXY4 6T9NN',
    '\u06f2k\u06f7mq\u2212\u06f8cdfg\u2212hj\u06f3pr\u2212vwxy\u06f4\u2212\u06f6t\u06f9nn',
  ]) {
    assert.equal(readRecoveryCode(typed), code, JSON.stringify(typed));
  }
});

test('reads nothing else as a digit, and nothing that is too long', () => {
  // Roman, circled, Han, a fraction: numbers, and no digits of a code.
  for (const typed of ['12345\u2165', '\u4e00\u4e8c\u4e09\u56db\u4e94\u516d', '12345\u00bd', '12345x']) {
    assert.equal(readCode(typed), undefined, JSON.stringify(typed));
  }
  assert.equal(readCode('\u200e'.repeat(1_000_000)), undefined);
  assert.equal(readRecoveryCode('\u2013'.repeat(1_000_000)), undefined);
});
