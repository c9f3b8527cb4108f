import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { BulwarkError } from '../../../core/errors.ts';
import { HashListReader } from './hash-list.ts';

const A = '00D4F6E8FA6EECAD2A3AA415EEC418D38EC2A6E1';
const B = 'ffffffffffffffffffffffffffffffffffffffff';

/** What is taken from a list that comes in pieces of so many bytes. */
function read(text: string, atLeast = 1, pieces = text.length + 1): readonly string[] {
  const taken: string[] = [];
  const reader = new HashListReader(atLeast, (sha1) => taken.push(Buffer.from(sha1).toString('hex')));
  const bytes = Buffer.from(text);
  for (let at = 0; at < bytes.byteLength; at += pieces) reader.push(bytes.subarray(at, at + pieces));
  reader.end();
  return taken;
}

/** What is said of a list that is refused. */
function refused(text: string): string {
  try {
    read(text);
  } catch (error) {
    assert.ok(error instanceof BulwarkError && error.code === 'ERR_BULWARK_HASH_LIST');
    return error.message;
  }
  return 'taken';
}

test('takes hashes alone and with counts, in either case, with either line break', () => {
  const both = [A.toLowerCase(), B];
  for (const text of [
    `${A}:3\n${B}:1`,
    `${A}:3\r\n${B}:1\r\n`,
    `${A}\n\n${B}\n`,
    `${A}\n${B}:999999999999999`,
  ]) {
    assert.deepEqual(read(text), both, text);
  }
  assert.deepEqual(read(''), []);
});

test('leaves out what was seen too rarely', () => {
  assert.deepEqual(read(`${A}:19\n${B}:20\n`, 20), [B]);
  assert.deepEqual(read(`${A}:0\n`, 1), []);
  assert.deepEqual(read(`${A}\n`, 1000), [A.toLowerCase()]);
});

test('reads the same in pieces of any size', () => {
  const line = fc
    .record({
      bytes: fc.uint8Array({ minLength: 20, maxLength: 20 }),
      count: fc.option(fc.nat(5000)),
      end: fc.constantFrom('\n', '\r\n', '\n\n'),
    })
    .map(
      ({ bytes, count, end }) =>
        `${Buffer.from(bytes).toString('hex')}${count === null ? '' : `:${count}`}${end}`,
    );
  fc.assert(
    fc.property(fc.array(line, { maxLength: 20 }), fc.integer({ min: 1, max: 100 }), (lines, pieces) => {
      assert.deepEqual(read(lines.join(''), 1000, pieces), read(lines.join(''), 1000));
    }),
  );
});

test('refuses other hashes by their name and anything else by its line, and quotes none of it', () => {
  const ntlm = '32ED87BDB5FDC5E9CBA88547376818D4';
  assert.match(refused(`${A}:1\n${ntlm}:37\n`), /^line 2 is an NTLM or MD5 hash/);
  assert.match(refused(ntlm), /^line 1 is an NTLM/);
  assert.match(refused(`${'ab'.repeat(32)}\n`), /^line 1 is a SHA-256 hash/);
  for (const bad of [
    'hunter2',
    `${A};3`,
    `${A}:`,
    `${A}:x`,
    `${A}:-1`,
    `${A}:1:2`,
    `${A}:1234567890123456`,
    ` ${A}`,
    `${A.slice(0, -1)}G`,
    `${A}0`,
    `\uFEFF${A}`,
    `${A.slice(0, 39)}\0`,
  ]) {
    assert.match(refused(`${A}:1\n${A}\n${bad}\n`), /^line 3 is not a SHA-1/, bad);
  }
  assert.ok(!refused('hunter2\n').includes('hunter2'));
});

test('does not wait for the end of a line that has none', () => {
  const reader = new HashListReader(1, () => assert.fail('taken'));
  assert.throws(() => {
    for (let piece = 0; piece < 100; piece += 1) reader.push(Buffer.alloc(1000, 'a'));
  }, BulwarkError);
});

test('whatever the bytes are, they are taken or refused', () => {
  fc.assert(
    fc.property(fc.oneof(fc.string(), fc.string({ unit: 'binary' })), (text) => {
      assert.match(refused(text), /^(?:taken|line \d+ is .*)$/s);
    }),
  );
});
