import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readSection } from '../../../test/support/read-section.ts';
import { sketchExchange } from '../../../test/support/exchange.ts';
import type { Exchange } from '../../core/exchange.ts';
import { ForwardLines } from '../../core/forward-head.ts';
import type { Verdict } from '../../core/verdict.ts';
import { FORM_TO_STORE, REMAKING, uploadsGuard } from './uploads.ts';
import { type UploadsOptions, uploadsOptions } from './uploads.options.ts';

const field = (name: string, value: string): string =>
  `--b\r\nContent-Disposition: form-data; name="${name}"\r\n\r\n${value}\r\n`;
const GOOD = `${field('a', 'secret')}--b--\r\n`;
const TWICE = `--b\r\nContent-Disposition: form-data; name="hunter"; name="b"\r\n\r\nsecret\r\n--b--\r\n`;

function sent(body: string, headers: Readonly<Record<string, string>> = {}): Exchange {
  const length = String(Buffer.byteLength(body));
  const type = 'multipart/form-data; boundary=b';
  return sketchExchange({
    method: 'POST',
    headers: { 'content-type': type, 'content-length': length, ...headers },
    body,
  });
}

function judge(exchange: Exchange, options: UploadsOptions = {}): Promise<Verdict> {
  return Promise.resolve(guardOf(options).onRequest?.(exchange));
}

function guardOf(options: UploadsOptions): ReturnType<typeof uploadsGuard> {
  return uploadsGuard(readSection('uploads', uploadsOptions, options));
}

test('v5.0.0-1.5.3 a form that readers disagree on is refused, read ahead or on its way', async () => {
  const start = field('long', 'x'.repeat(2000));
  for (const ahead of ['256KB', '1KB'] as const) {
    assert.equal(await judge(sent(start + GOOD), { ahead }), undefined);
    assert.equal((await judge(sent(start + TWICE), { ahead }))?.status, 400);
    assert.equal((await judge(sent(start), { ahead }))?.status, 400);
  }
});

test('says what is wrong, and nothing of names and values', async () => {
  const refusal = await judge(sent(TWICE));
  assert.match(refusal?.detail ?? '', /^The Content-Disposition of a part must be/);
  assert.ok(!/hunter|secret/.test(JSON.stringify(refusal)));
  assert.deepEqual(refusal?.event?.details, { fault: 'disposition' });
  assert.equal(refusal?.type, 'invalid-form');
});

test('whatever some reader takes for a form is judged as one', async () => {
  for (const type of [
    'Multipart/Form-Data; boundary=b',
    ' multipart/form-data; boundary=b',
    'multipart/mixed; boundary=b',
    'multipart/form-data',
    'multipart/form-data; boundary=b; boundary=c',
    'text/plain; multipart/form-data; boundary=b',
  ])
    assert.equal((await judge(sent(TWICE, { 'content-type': type })))?.status, 400, type);
});

test('leaves alone what is no form, what has no body, and routes that say so', async () => {
  for (const type of ['application/x-www-form-urlencoded', 'application/json', 'text/plain'])
    assert.equal(await judge(sent(TWICE, { 'content-type': type })), undefined, type);
  const headers = { 'content-type': 'multipart/form-data; boundary=b' };
  assert.equal(await judge(sketchExchange({ headers })), undefined);
  const open = sent(TWICE);
  open.rules = { anyForm: true };
  assert.equal(await judge(open), undefined);
  assert.equal(open.get(REMAKING), undefined);
});

test('a form with more parts, or a longer field, than the policy has is 413', async () => {
  const three = `${field('a', '1').repeat(3)}--b--\r\n`;
  assert.equal(await judge(sent(three), { parts: 3 }), undefined);
  const parts = await judge(sent(three), { parts: 2 });
  assert.equal(parts?.status, 413);
  assert.match(parts.detail, /more than the 2 fields and files/);
  assert.equal((await judge(sent(`${field('a', 'x'.repeat(11))}--b--`), { field: '10B' }))?.status, 413);
});

test('a compressed form is not taken', async () => {
  assert.equal((await judge(sent(GOOD, { 'content-encoding': 'gzip' })))?.status, 415);
});

test('an upstream is told the boundary of the form that is written for it, and never one that a client chose', async () => {
  const exchange = sent(GOOD);
  assert.equal(await judge(exchange), undefined);
  const head = new ForwardLines(['content-type', 'multipart/form-data; boundary=b']);
  guardOf({}).onForward?.(exchange, head);
  assert.match(head.rawHeaders.join(), /^content-type,multipart\/form-data; boundary=bulwark[\w-]{16,}$/i);
  const observed = sent(GOOD);
  assert.equal(await judge(observed, { mode: 'observe' }), undefined);
  assert.equal(observed.get(REMAKING), undefined);
});

test('a form whose files are stored is taken from every other reader, and where it is only observed it is not', async () => {
  const rule = { types: ['text/plain'], size: 10, files: 1, total: 10, store: true };
  const stored = sent(GOOD);
  stored.rules = { upload: rule };
  let taken = 0;
  const { body } = stored;
  Object.assign(body, { take: () => Promise.resolve((taken += 1)) });
  assert.equal(await judge(stored), undefined);
  assert.equal(stored.get(FORM_TO_STORE)?.boundary, 'b');
  assert.equal(taken, 1);
  const odd = sent(GOOD, { 'content-type': 'multipart/form-data; boundary=b; boundary=c' });
  odd.rules = { upload: rule };
  assert.equal((await judge(odd))?.status, 400);
  const observed = sent(GOOD);
  observed.rules = { upload: rule };
  assert.equal(await judge(observed, { mode: 'observe' }), undefined);
  assert.equal(observed.get(FORM_TO_STORE), undefined);
});
