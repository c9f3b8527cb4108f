import assert from 'node:assert/strict';
import { Readable } from 'node:stream';
import { test } from 'node:test';
import { type BodySource, MOST_FORM_BYTES, piecesOf, readFields } from './read-fields.ts';

const FORM = { method: 'POST', headers: { 'content-type': 'application/x-www-form-urlencoded' } };
const JSON_BODY = { method: 'POST', headers: { 'content-type': 'application/json; charset=utf-8' } };

function fromStream(...pieces: readonly string[]): () => BodySource {
  const stream = Readable.from(pieces.map((piece) => Buffer.from(piece)));
  return () => ({ pieces: piecesOf(stream) });
}

test('reads fields from a stream and from whatever a parser has left of one', async () => {
  const sources: (() => BodySource)[] = [
    fromStream('a=1&b=%E2', '%82%AC'),
    () => ({ parsed: 'a=1&b=%E2%82%AC' }),
    () => ({ parsed: Buffer.from('a=1&b=%E2%82%AC') }),
    () => ({ parsed: new URLSearchParams({ a: '1', b: '\u20ac' }) }),
    () => ({ parsed: { a: '1', b: '\u20ac', c: ['x', 'y'], d: { e: 'f' } } }),
  ];
  for (const source of sources) {
    const { form, json } = await readFields(FORM, source);
    assert.deepEqual(
      [...form],
      [
        ['a', '1'],
        ['b', '\u20ac'],
      ],
    );
    assert.equal(json, undefined);
  }
});

test('reads JSON likewise, and what is none as nothing', async () => {
  for (const source of [fromStream('{"a":1}'), () => ({ parsed: { a: 1 } }), () => ({ parsed: '{"a":1}' })])
    assert.deepEqual((await readFields(JSON_BODY, source)).json, { a: 1 });
  assert.equal((await readFields(JSON_BODY, fromStream('{'))).json, undefined);
  assert.equal((await readFields(JSON_BODY, fromStream('{"a":1}'))).form.size, 0);
});

test('leaves a body alone that is not posted', async () => {
  const { form } = await readFields({ ...FORM, method: 'GET' }, () => assert.fail('it was opened'));
  assert.equal(form.size, 0);
});

test('stops at its limit and leaves the stream open, on whose connection the answer has to go out', async () => {
  const stream = Readable.from([Buffer.alloc(MOST_FORM_BYTES), Buffer.alloc(1), Buffer.alloc(1)]);
  await assert.rejects(
    readFields(FORM, () => ({ pieces: piecesOf(stream) })),
    { code: 'ERR_BULWARK_BODY_TOO_LARGE' },
  );
  assert.equal(stream.destroyed, false);
});
