import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { growth, LINEAR_AT_MOST, repeated } from '../../../test/support/growth.ts';
import { fieldOf, readFields } from './fields.ts';

const FORM = 'application/x-www-form-urlencoded';
const JSON_TYPE = 'application/json; charset=utf-8';
const MULTIPART = 'multipart/form-data; boundary=----WebKitFormBoundaryx';

function value(type: string, body: string, field: string): unknown {
  const fields = readFields(type, Buffer.from(body));
  if (fields === undefined) return 'unread';
  const found = fieldOf(fields, field);
  return typeof found === 'string' ? found : [found.value];
}

function multipart(...parts: readonly string[]): string {
  return [
    ...parts.map((part) => `------WebKitFormBoundaryx\r\n${part}\r\n`),
    '------WebKitFormBoundaryx--\r\n',
  ].join('');
}

test('reads a field of a form, of JSON and of a multipart form', () => {
  assert.deepEqual(value(FORM, 'username=ann%40x&password=b', 'username'), ['ann@x']);
  assert.deepEqual(value(JSON_TYPE, '{"username":"ann","n":1}', 'username'), ['ann']);
  const part = 'Content-Disposition: form-data; name="username"\r\n\r\nann';
  assert.deepEqual(value(MULTIPART, multipart(part), 'username'), ['ann']);
  assert.deepEqual(
    value(
      'multipart/form-data; boundary="a b"',
      '--a b\r\nContent-Disposition: form-data; name="u"\r\n\r\nx\r\n--a b--',
      'u',
    ),
    ['x'],
  );
});

test('a nested field has the name that a form would have', () => {
  assert.deepEqual(value(JSON_TYPE, '{"user":{"email":"a","password":"b"}}', 'user[email]'), ['a']);
  assert.deepEqual(value(FORM, 'user%5Bemail%5D=a&user[password]=b', 'user[email]'), ['a']);
  assert.equal(value(JSON_TYPE, '[[{"user":{"email":1}}]]', '0[0][user][email]'), 'unclear');
});

test('a second field that a looser parser would find makes it unclear', () => {
  for (const second of ['username', 'Username', 'username[]', 'username[0]', '+username', 'username%00x'])
    for (const body of [`username=a&${second}=b`, `${second}=b&username=a`])
      assert.equal(value(FORM, body, 'username'), 'unclear', body);
  assert.equal(value(FORM, 'user_name=a&user.name=b', 'user_name'), 'unclear');
  assert.equal(value(FORM, 'x=1;username=b&username=a', 'username'), 'unclear');
  assert.deepEqual(value(FORM, 'password=x;y&username=a', 'username'), ['a']);
  assert.equal(value(JSON_TYPE, '{"Username":"a","username":"b"}', 'username'), 'unclear');
  assert.equal(value(JSON_TYPE, '{"username":["a"]}', 'username'), 'unclear');
  assert.equal(value(JSON_TYPE, '{"username":1}', 'username'), 'unclear');
  const part = 'Content-Disposition: form-data; name="username"\r\n\r\n';
  assert.equal(value(MULTIPART, multipart(`${part}a`, `${part}b`), 'username'), 'unclear');
});

test('JSON that has a key twice has no values: parsers disagree on which of them counts', () => {
  for (const body of ['{"a":1,"a":2}', '{"x":"\\"","a":"1" , "a" :"2"}', '{"a":"1","b":{"c":1,"\\u0063":2}}'])
    assert.equal(value(JSON_TYPE, body, 'a'), 'unclear', body);
  for (const body of ['{', '', '"a":1']) assert.equal(value(JSON_TYPE, body, 'a'), 'unread', body);
  assert.deepEqual(value(JSON_TYPE, '{"x":"\\":","a":"{\\"a\\":1}"}', 'a'), ['{"a":1}']);
});

test('a key of JSON is read however it is written; beside one that V8 may take for another, none has a value', () => {
  assert.deepEqual(value(JSON_TYPE, '{"x":1,"\\u0061":"1"}', 'a'), ['1']);
  assert.equal(value(JSON_TYPE, '{"x\\n":1,"a":"1"}', 'a'), 'unclear');
});

test('what two parsers may read in two ways is not read', () => {
  const part = 'Content-Disposition: form-data; name="username"\r\n\r\nann';
  for (const body of [
    multipart(part).replaceAll('\r\n', '\n'),
    multipart(part).slice(0, -30),
    ` ${multipart(part)}`,
    multipart('Content-Disposition: form-data; name=username\r\n\r\nann'),
    multipart('Content-Disposition: form-data; name="username"; name="b"\r\n\r\nann'),
    multipart("Content-Disposition: form-data; name*=utf-8''username\r\n\r\nann"),
    multipart(
      'Content-Disposition: form-data; name="username"\r\nContent-Transfer-Encoding: base64\r\nX: y\r\n\r\nann',
    ),
    multipart('Content-Disposition: form-data;\r\n name="username"\r\n\r\nann'),
    multipart('X: y\r\n\r\nann'),
  ])
    assert.equal(value(MULTIPART, body, 'username'), 'unread', body);
  for (const type of [
    'text/plain',
    'multipart/form-data',
    'multipart/mixed; boundary=a',
    `${MULTIPART}; boundary=b`,
    'application/x-www-form-urlencoded; charset=utf-16',
  ])
    assert.equal(value(type, multipart(part), 'username'), 'unread', type);
  assert.equal(readFields(FORM, Buffer.from([0x61, 0x3d, 0xff])), undefined);
});

test('answers whatever the bytes are, and throws at none of them', () => {
  const type = fc.constantFrom(FORM, JSON_TYPE, MULTIPART);
  fc.assert(
    fc.property(type, fc.string({ unit: 'binary', maxLength: 300 }), (one, body) => {
      const fields = readFields(one, Buffer.from(body)) ?? [];
      for (const { name } of fields) assert.notEqual(fieldOf(fields, name), 'absent');
    }),
  );
});

test('reads a body in a time that grows as the body does', () => {
  const bodies: Readonly<Record<string, readonly [type: string, body: (size: number) => string]>> = {
    fields: [FORM, (size) => repeated('a=b&', size)],
    semicolons: [FORM, (size) => repeated('a;b=', size)],
    keys: [JSON_TYPE, (size) => `{${repeated('"a":1,', size - (size % 6))}"b":2}`],
    depth: [JSON_TYPE, (size) => `{"a":${'['.repeat(size / 4)}${']'.repeat(size / 4)}}`],
    escapes: [JSON_TYPE, (size) => `{"${repeated('\\\\', size - (size % 2))}":1}`],
    parts: [MULTIPART, (size) => repeated('------WebKitFormBoundaryx\r\n', size)],
  };
  for (const [what, [type, bodyOf]] of Object.entries(bodies)) {
    const ratio = growth(
      (size) => Buffer.from(bodyOf(size)),
      (body: Buffer) => readFields(type, body),
      16 * 1024,
    );
    assert.ok(ratio < LINEAR_AT_MOST, `${what} ${ratio}`);
  }
});
