import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type DeclaredBody, declaredBody, NO_BODY } from './body.ts';

const FORM = 'application/x-www-form-urlencoded';

function kind(type: string, encoding?: string): string {
  return declaredBody({ 'content-type': type, 'content-encoding': encoding }).kind;
}

function check(fields: Parameters<typeof declaredBody>[0], expected: Partial<DeclaredBody>): void {
  const declared = declaredBody(fields);
  for (const [name, value] of Object.entries(expected))
    assert.deepEqual(declared[name as keyof DeclaredBody], value, `${name} of ${JSON.stringify(fields)}`);
}

test('knows forms and JSON in UTF-8, and nothing that could be read in two ways', () => {
  assert.equal(kind(FORM), 'form');
  assert.equal(kind('Application/X-WWW-Form-Urlencoded; charset="UTF-8"'), 'form');
  assert.equal(kind('application/json'), 'json');
  assert.equal(kind(FORM, 'identity'), 'form');
  assert.equal(kind(`${FORM}; charset=utf-7`), 'other');
  assert.equal(kind(`${FORM}; charset=iso-8859-1`), 'other');
  assert.equal(kind(FORM, 'gzip'), 'other');
  assert.equal(kind(FORM, ''), 'other');
  assert.equal(kind('multipart/form-data; boundary=x'), 'other');
  assert.equal(kind(`${FORM}, application/json`), 'other');
  assert.equal(declaredBody({}).kind, 'other');
});

test('says whether there is a body, and how long it says it is', () => {
  check({}, { present: false, length: undefined, type: undefined, codings: [] });
  check({ 'content-length': '0' }, { present: false, length: 0 });
  check({ 'content-length': '12' }, { present: true, length: 12 });
  check({ 'transfer-encoding': 'chunked' }, { present: true, length: undefined });
  check({ 'transfer-encoding': 'chunked', 'content-length': '1' }, { present: true, length: undefined });
  check({ 'content-length': '1, 2' }, { present: true, length: Number.POSITIVE_INFINITY });
  check({ 'content-length': ['1', '2'] }, { present: true, length: Number.POSITIVE_INFINITY });
  check({ 'content-encoding': 'GZIP, identity, br' }, { codings: ['gzip', 'br'] });
});

test('bytes that were no request bring nothing that could be read', async () => {
  assert.equal(NO_BODY.declared.present, false);
  assert.equal(await NO_BODY.peek(10), undefined);
  for await (const piece of NO_BODY.take()) assert.fail(String(piece));
});
