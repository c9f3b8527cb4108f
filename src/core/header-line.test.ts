import assert from 'node:assert/strict';
import { test } from 'node:test';
import { validateHeaderName, validateHeaderValue } from 'node:http';
import * as fc from 'fast-check';
import { HeaderBlock, HeaderLine } from './header-line.ts';

test('holds a header as it stands on the wire, and its parts', () => {
  const line = HeaderLine.of('X-Frame-Options', 'DENY');
  assert.equal(line.text, 'X-Frame-Options: DENY\r\n');
  assert.equal(line.name, 'X-Frame-Options');
  assert.equal(line.key, 'x-frame-options');
  assert.equal(line.value, 'DENY');
});

test('gives back every value, an empty one and one of colons and blanks too', () => {
  for (const value of ['', ':', ': ', ' a: b ', '\t', '\xe9'])
    assert.equal(HeaderLine.of('X-Own', value).value, value);
});

test('a word goes into each gap between the pieces, and nowhere else', () => {
  const line = HeaderLine.around('Content-Security-Policy', [
    "script-src 'nonce-",
    "';style-src 'nonce-",
    "'",
  ]);
  assert.equal(line('AbC').text, "Content-Security-Policy: script-src 'nonce-AbC';style-src 'nonce-AbC'\r\n");
  assert.equal(line('dEf').value, "script-src 'nonce-dEf';style-src 'nonce-dEf'");
  assert.equal(HeaderLine.around('X-Own', ['whole'])('AbC').value, 'whole');
});

test('two numbers go between three pieces, which are looked through as any value', () => {
  const line = HeaderLine.counting('RateLimit', ['"a";r=', ';t=', '!']);
  assert.equal(line(12, 0).text, 'RateLimit: "a";r=12;t=0!\r\n');
  assert.equal(line(12, 0).value, '"a";r=12;t=0!');
  assert.throws(() => HeaderLine.counting('RateLimit', ['a', '\r\nX: ', '']), RangeError);
});

test('a block is the text of its lines, and knows their names', () => {
  const block = new HeaderBlock([HeaderLine.of('X-One', 'a'), HeaderLine.of('X-Other', 'b')]);
  assert.equal(block.text, 'X-One: a\r\nX-Other: b\r\n');
  assert.deepEqual([...block.keys], ['x-one', 'x-other']);
});

test('long values are looked through as short ones are', () => {
  for (const unfit of ['\n', '\r', '\0', '\x7f', '\u010a'])
    for (const length of [0, 30, 39, 40, 41, 200]) {
      assert.equal(HeaderLine.of('X-Own', 'a'.repeat(length)).value.length, length);
      assert.throws(() => HeaderLine.of('X-Own', 'a'.repeat(length) + unfit), RangeError);
    }
});

test('a value that would start a header of its own is refused, and so is one that loses a byte on the way', () => {
  for (const value of ['a\r\nSet-Cookie: b=1', 'a\n', '\r', '\0', '\x7f', '\u010a', '\u{1f600}']) {
    assert.throws(() => HeaderLine.of('X-Own', value), RangeError);
    assert.throws(() => HeaderLine.around('X-Own', ['a', value]), RangeError);
  }
});

test('the error of a value that is refused does not show it', () => {
  assert.throws(
    () => HeaderLine.of('X-Own', 'hunter2\n'),
    (error: Error) => !error.message.includes('hunter2') && error.message.includes('X-Own'),
  );
});

test('a name that is no token is refused', () => {
  for (const name of ['', 'X Own', 'X-Own:', 'X-Own\r\nX', '\u00dc'])
    assert.throws(() => HeaderLine.of(name, 'a'), RangeError);
});

test('takes the names and values that Node.js takes, and no others', () => {
  fc.assert(
    fc.property(
      fc.string({ unit: 'binary', maxLength: 8 }),
      fc.string({ unit: 'binary', maxLength: 8 }),
      (name, value) => {
        assert.equal(
          isTaken(() => HeaderLine.of('X-Own', value)),
          isTaken(() => validateHeaderValue('X-Own', value)),
        );
        assert.equal(
          isTaken(() => HeaderLine.of(name, 'a')),
          isTaken(() => validateHeaderName(name)),
        );
      },
    ),
    { numRuns: 2000 },
  );
});

test('names beyond those that are remembered are checked all the same', () => {
  for (let index = 0; index < 600; index += 1)
    assert.equal(HeaderLine.of(`X-Made-${index}`, 'a').text, `X-Made-${index}: a\r\n`);
  assert.throws(() => HeaderLine.of('X Own', 'a'), RangeError);
});

function isTaken(act: () => unknown): boolean {
  try {
    act();
    return true;
  } catch {
    return false;
  }
}
