import assert from 'node:assert/strict';
import { test } from 'node:test';
import { sketchExchange } from '../../test/support/exchange.ts';
import { readFormField, readSmallBody } from './small-body.ts';

const FORM = 'application/x-www-form-urlencoded';

test('reads a small form or JSON whole, and says why it did not', async () => {
  const read = async (type: string, body: string, limit?: number): Promise<string> => {
    const exchange = sketchExchange({ method: 'POST', headers: { 'content-type': type }, body });
    const found = await readSmallBody(exchange.body, limit);
    return typeof found === 'string' ? found : `${found.kind}: ${found.bytes.toString()}`;
  };
  assert.equal(await read(FORM, 'a=1'), 'form: a=1');
  assert.equal(await read('application/json', '{}'), 'json: {}');
  assert.equal(await read('text/plain', 'a=1'), 'other');
  assert.equal(await read(FORM, 'a=1', 2), 'too-large');
  assert.equal(await read(FORM, 'a'.repeat(64 * 1024 + 1)), 'too-large');
});

test('reads a field that is there exactly once', async () => {
  const read = (body: string, limit = 1000): Promise<string | undefined> =>
    readFormField(
      sketchExchange({ method: 'POST', headers: { 'content-type': FORM }, body }).body,
      'email',
      limit,
    );
  assert.equal(await read('a=1&email=x%40example.com'), 'x@example.com');
  assert.equal(await read('email=a&email=b'), undefined);
  assert.equal(await read('email[]=a'), undefined);
  assert.equal(await read(''), undefined);
  assert.equal(await read(`email=${'a'.repeat(2000)}`), undefined);
});
