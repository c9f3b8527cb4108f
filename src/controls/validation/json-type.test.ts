import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isJsonType, isReadAlike } from './json-type.ts';

const NO_BREAK_SPACE = '\u00a0';

test('a type is JSON to us wherever it is to a parser of some application', () => {
  for (const type of [
    'application/json',
    'APPLICATION/JSON;v=1',
    `${NO_BREAK_SPACE}application/json`,
    `\u0085application/json${NO_BREAK_SPACE}`,
    `application/${'a'.repeat(120)}+json`,
    'application/+json',
    'application/a%b+json',
    "application/a'b+json",
    'application/a/b+json',
    'text/x-json',
    'application/x-json',
    'application/jsonrequest',
    'text/plain, application/json',
  ])
    assert.ok(isJsonType(type), type);
});

test('what only bears the name is none', () => {
  for (const type of [
    '',
    'text/plain',
    'text/plain; note=json',
    'application/x-www-form-urlencoded',
    'application/x-ndjson',
    'application/jsonl',
    'application/json-seq',
    'application/jsonp',
    'application/json5 ; a=b',
  ])
    assert.ok(!isJsonType(type), type);
});

test('a charset other than UTF-8 is another text, but for one that extends ASCII where there is nothing else', () => {
  const ascii = Buffer.from('{"a":1}');
  const letters = Buffer.from('{"a":"é"}');
  const alike = (type: string): boolean[] => [isReadAlike(type, ascii), isReadAlike(type, letters)];
  for (const type of [
    'application/json',
    'application/json; charset=utf-8',
    'application/json;CHARSET="UTF-8" ; a=b',
    'application/json;charset=utf8',
  ])
    assert.deepEqual(alike(type), [true, true], type);
  for (const type of ['application/json;charset=latin1', 'application/json; charset=ISO-8859-1'])
    assert.deepEqual(alike(type), [true, false], type);
  for (const charset of [
    'utf-7',
    'utf-7-imap',
    'utf-16',
    'utf-16le',
    'utf-32',
    'utf-hack',
    '"utf\\-7"',
    "utf-8; charset*=utf-7''",
    'utf-8; charset=utf-7',
    'utf-7; charset=utf-8',
    'ebcdic',
    '',
  ])
    assert.deepEqual(alike(`application/json; charset=${charset}`), [false, false], charset);
});
