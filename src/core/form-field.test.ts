import assert from 'node:assert/strict';
import { test } from 'node:test';
import { sketchExchange } from '../../test/support/exchange.ts';
import { bodyKind, readFormField } from './form-field.ts';

const FORM = 'application/x-www-form-urlencoded';

function kind(type: string, encoding?: string): string {
  const headers = { 'content-type': type, ...(encoding !== undefined && { 'content-encoding': encoding }) };
  return bodyKind(sketchExchange({ method: 'POST', headers }));
}

test('knows forms and JSON in UTF-8, and nothing that could be read in two ways', () => {
  assert.equal(kind(FORM), 'form');
  assert.equal(kind('Application/X-WWW-Form-Urlencoded; charset="UTF-8"'), 'form');
  assert.equal(kind('application/json'), 'json');
  assert.equal(kind(`${FORM}; charset=utf-7`), 'other');
  assert.equal(kind(`${FORM}; charset=iso-8859-1`), 'other');
  assert.equal(kind(FORM, 'gzip'), 'other');
  assert.equal(kind('multipart/form-data; boundary=x'), 'other');
  assert.equal(kind(`${FORM}, application/json`), 'other');
  assert.equal(bodyKind(sketchExchange()), 'other');
});

test('reads a field that is there exactly once', async () => {
  const read = (body: string, limit = 1000): Promise<string | undefined> =>
    readFormField(
      sketchExchange({ method: 'POST', headers: { 'content-type': FORM }, body }),
      'email',
      limit,
    );
  assert.equal(await read('a=1&email=x%40example.com'), 'x@example.com');
  assert.equal(await read('email=a&email=b'), undefined);
  assert.equal(await read('email[]=a'), undefined);
  assert.equal(await read(''), undefined);
  assert.equal(await read(`email=${'a'.repeat(2000)}`), undefined);
});
