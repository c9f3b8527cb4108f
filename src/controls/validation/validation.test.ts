import assert from 'node:assert/strict';
import { test } from 'node:test';
import { brotliCompressSync, deflateSync, gzipSync } from 'node:zlib';
import { readSection } from '../../../test/support/read-section.ts';
import { sketchExchange } from '../../../test/support/exchange.ts';
import type { Exchange } from '../../core/exchange.ts';
import type { Verdict } from '../../core/verdict.ts';
import { validationGuard } from './validation.ts';
import { type ValidationOptions, validationOptions } from './validation.options.ts';

const TWICE = '{"a":1,"a":2}';

function sent(body: string | Buffer<ArrayBuffer>, headers: Readonly<Record<string, string>> = {}): Exchange {
  const length = String(Buffer.byteLength(body));
  return sketchExchange({
    method: 'POST',
    headers: { 'content-type': 'application/json', 'content-length': length, ...headers },
    body,
  });
}

function judge(exchange: Exchange, options: ValidationOptions = {}): Promise<Verdict> {
  const guard = validationGuard(readSection('validation', validationOptions, options));
  return Promise.resolve(guard.onRequest?.(exchange));
}

test('v5.0.0-1.5.3 one reading of a body, whichever type of JSON it is said to be', async () => {
  for (const type of [
    'application/json',
    'Application/JSON',
    'application/json; charset=utf-8',
    'application/json;charset=latin1',
    'application/json ; a=b; c=d',
    'application/problem+json',
    'application/vnd.api+json; ext="a"',
    'text/json',
    ' application/json',
  ]) {
    const refusal = await judge(sent(TWICE, { 'content-type': type }));
    assert.equal(refusal?.status, 400, type);
    assert.equal(refusal.type, 'invalid-json');
    assert.equal(await judge(sent('{"a":1}', { 'content-type': type })), undefined);
  }
});

test('says what is wrong and where, and nothing of the values', async () => {
  const refusal = await judge(sent('{"user":{"__proto__":{"password":"hunter2"}}}'));
  assert.match(refusal?.detail ?? '', /__proto__.* At \/user\/__proto__\.$/);
  assert.ok(!JSON.stringify(refusal).includes('hunter2'));
  assert.deepEqual(refusal?.event?.details, { fault: 'forbidden-name', at: '/user/__proto__' });
  const long = await judge(sent(`{"${'a'.repeat(500)}":{"prototype":1}}`));
  assert.ok((long?.detail.length ?? 0) < 250);
});

test('leaves alone what is no JSON, what has no body, and routes that say so', async () => {
  for (const type of [
    'application/x-www-form-urlencoded',
    'text/plain',
    'application/jsonp',
    'application/x-ndjson',
  ])
    assert.equal(await judge(sent(TWICE, { 'content-type': type })), undefined, type);
  assert.equal(await judge(sketchExchange({ headers: { 'content-type': 'application/json' } })), undefined);
  const open = sent(TWICE);
  open.rules = { anyJson: true };
  assert.equal(await judge(open), undefined);
});

test('leaves the size of numbers to the language of the application', async () => {
  assert.equal(await judge(sent('{"id":9007199254740993}')), undefined);
});

test('v5.0.0-1.5.3 judges what readers will see of a compressed body, within the size of the policy', async () => {
  for (const [coding, compress] of Object.entries({
    gzip: gzipSync,
    deflate: deflateSync,
    br: brotliCompressSync,
  })) {
    const headers = { 'content-encoding': coding };
    assert.equal((await judge(sent(Buffer.from(compress(TWICE)), headers)))?.status, 400, coding);
    assert.equal(await judge(sent(Buffer.from(compress('{"a":1}')), headers)), undefined, coding);
    const bomb = Buffer.from(compress(`["${'a'.repeat(5000)}"]`));
    assert.equal((await judge(sent(bomb, headers), { size: '1KB' }))?.status, 413, coding);
  }
  assert.equal((await judge(sent('{}', { 'content-encoding': 'gzip' })))?.status, 400);
  for (const coding of ['zstd', 'constructor', '__proto__'])
    assert.equal((await judge(sent('{}', { 'content-encoding': coding })))?.status, 400, coding);
});

test('v5.0.0-1.5.3 holds no more than the size, declared or not', async () => {
  const large = `["${'a'.repeat(5000)}"]`;
  assert.equal((await judge(sent(large), { size: '1KB' }))?.status, 413);
  const chunked = sketchExchange({
    method: 'POST',
    headers: { 'content-type': 'application/json', 'transfer-encoding': 'chunked' },
    body: large,
  });
  assert.equal((await judge(chunked, { size: '1KB' }))?.status, 413);
});

test('the bounds are those of the policy', async () => {
  assert.equal(await judge(sent('[[1]]'), { depth: 2 }), undefined);
  assert.equal((await judge(sent('[[[1]]]'), { depth: 2 }))?.status, 400);
  assert.equal(await judge(sent('[1,2]'), { entries: 2 }), undefined);
  assert.equal((await judge(sent('[1,2,3]'), { entries: 2 }))?.status, 400);
});
