import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Redactor } from '../audit/redact.ts';
import { metricsOptions } from '../controls/metrics/metrics.options.ts';
import { plainText, SET, settingText } from './setting-text.ts';

const redactor = new Redactor();
const show = (value: unknown, name = 'option'): string => plainText(value, name, redactor, 0);

test('shows plain data, in the units of a policy', () => {
  assert.equal(settingText(1_800_000, 'idle', { example: "idle: '30m'" }, redactor), "'30m'");
  assert.equal(settingText(10_485_760, 'limit', { example: "limit: '10MB'" }, redactor), "'10MB'");
  assert.equal(show({ count: 5, windowMs: 60_000 }), "'5/minute'");
  assert.equal(show({ a: [1, 'x', true], b: undefined }), "{ a: [1, 'x', true] }");
  assert.equal(show(undefined), 'none');
});

test('what is secret, or could be, is only said to be set', () => {
  for (const [value, name] of [
    ['hunter2', 'password'],
    ['abc', 'clientSecret'],
    [Buffer.from('key'), 'keys'],
    [() => 'x', 'sink'],
    [new Map([['a', 'b']]), 'providers'],
    [{ name: 'slack', send: () => undefined, url: 'https://hooks.example/T1/secret' }, 'to'],
    ['-----BEGIN PRIVATE KEY-----\nabc', 'key'],
    ['x'.repeat(201), 'option'],
    [{ a: { b: { c: { d: { e: 'deep' } } } } }, 'option'],
  ] as const) {
    const shown = show(value, name);
    assert.ok(shown.includes(SET), `${name}: ${shown}`);
    assert.doesNotMatch(shown, /hunter2|abc|secret'|deep/);
  }
  assert.equal(show('https://user:hunter2@hooks.example.com/T1/B2/x?y=z'), "'https://hooks.example.com'");
  assert.equal(show(['redis://:hunter2@192.0.2.1:6379/0']), "['redis://192.0.2.1:6379']");
});

test('of an option whose values may let somebody in, the names alone are shown, whatever they are', () => {
  const headers = { 'x-honeycomb-team': 'abc', 'x-scope-orgid': 'abc', ok: 'abc' };
  for (const value of [headers, 'abc', ['abc'], new Map([['a', 'abc']])]) {
    const shown = settingText(value, 'headers', { example: '', secret: true }, redactor);
    assert.doesNotMatch(shown, /abc/);
    assert.ok(shown.includes(SET), shown);
  }
  const { headers: spec } = metricsOptions;
  const names = '{ x-honeycomb-team: (set), x-scope-orgid: (set), ok: (set) }';
  assert.equal(settingText(headers, 'headers', spec, redactor), names);
});
