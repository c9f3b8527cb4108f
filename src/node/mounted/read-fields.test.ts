import assert from 'node:assert/strict';
import { Readable } from 'node:stream';
import { test } from 'node:test';
import { HeldBody } from '../../testing/held-body.ts';
import type { Body } from '../../core/body.ts';
import { MOST_FORM_BYTES } from '../../core/small-body.ts';
import { type HandedBody, piecesOf, readFields, type SentFields } from './read-fields.ts';

const FORM = 'application/x-www-form-urlencoded';
const JSON_TYPE = 'application/json; charset=utf-8';

function body(type: string, content = '', more: Readonly<Record<string, string>> = {}): Body {
  return new HeldBody({ headers: { 'content-type': type, ...more } }, Buffer.from(content));
}

function unread(type: string, content: string, more?: Readonly<Record<string, string>>): Promise<SentFields> {
  return readFields('POST', body(type, content, more), () => undefined);
}

function fromStream(...pieces: readonly string[]): () => HandedBody {
  const stream = Readable.from(pieces.map((piece) => Buffer.from(piece)));
  return () => ({ pieces: piecesOf(stream) });
}

const FIELDS = [
  ['a', '1'],
  ['b', '\u20ac'],
];

test('reads fields from a stream and from whatever a parser has left of one', async () => {
  const sources: (() => HandedBody)[] = [
    fromStream('a=1&b=%E2', '%82%AC'),
    () => ({ parsed: 'a=1&b=%E2%82%AC' }),
    () => ({ parsed: Buffer.from('a=1&b=%E2%82%AC') }),
    () => ({ parsed: new URLSearchParams({ a: '1', b: '\u20ac' }) }),
    () => ({ parsed: { a: '1', b: '\u20ac', c: ['x', 'y'], d: { e: 'f' } } }),
  ];
  for (const source of sources) {
    const { form, json } = await readFields('POST', body(FORM), source);
    assert.deepEqual([...form], FIELDS);
    assert.equal(json, undefined);
  }
});

test('reads JSON likewise, and what is none as nothing', async () => {
  const read = (source: () => HandedBody): Promise<SentFields> => readFields('POST', body(JSON_TYPE), source);
  for (const source of [fromStream('{"a":1}'), () => ({ parsed: { a: 1 } }), () => ({ parsed: '{"a":1}' })])
    assert.deepEqual((await read(source)).json, { a: 1 });
  assert.equal((await read(fromStream('{'))).json, undefined);
  assert.equal((await read(fromStream('{"a":1}'))).form.size, 0);
});

test('what nobody has read is read as guards read it: nothing that could be read in two ways', async () => {
  assert.deepEqual([...(await unread(FORM, 'a=1&b=%E2%82%AC')).form], FIELDS);
  assert.deepEqual(await unread(JSON_TYPE, '{"a":1}').then(({ json }) => json), { a: 1 });
  for (const type of ['text/plain', `${FORM}; charset=utf-7`, 'multipart/form-data; boundary=x'])
    assert.equal((await unread(type, 'a=1')).form.size, 0, type);
  assert.equal((await unread(FORM, 'a=1', { 'content-encoding': 'gzip' })).form.size, 0);
  await assert.rejects(unread(FORM, 'a'.repeat(MOST_FORM_BYTES + 1)), {
    code: 'ERR_BULWARK_BODY_TOO_LARGE',
  });
});

test('leaves a body alone that is not posted', async () => {
  const { form } = await readFields('GET', body(FORM), () => assert.fail('it was opened'));
  assert.equal(form.size, 0);
});

test('stops at its limit and leaves the stream open, on whose connection the answer has to go out', async () => {
  const stream = Readable.from([Buffer.alloc(MOST_FORM_BYTES), Buffer.alloc(1), Buffer.alloc(1)]);
  await assert.rejects(
    readFields('POST', body(FORM), () => ({ pieces: piecesOf(stream) })),
    { code: 'ERR_BULWARK_BODY_TOO_LARGE' },
  );
  assert.equal(stream.destroyed, false);
});
