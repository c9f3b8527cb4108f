/** What React may write into `innerHTML`. In a browser: test/frameworks/. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { reactMarkup } from './react-markup.ts';

const SINK = 'Element innerHTML';

test('lets through the element that React makes a script of, and text without markup', () => {
  for (const text of ['<script></script>', '', 'window.a = 1 > 0;', '&lt;img onerror=alert(1)>'])
    assert.equal(reactMarkup(text, 'TrustedHTML', SINK), text);
});

test('refuses any markup else, however near it comes', () => {
  for (const text of [
    '<script></script> ',
    '<script>alert(1)</script>',
    '<SCRIPT></SCRIPT>',
    '<img src=x onerror=alert(1)>',
    '<',
  ])
    assert.equal(reactMarkup(text, 'TrustedHTML', SINK), null, text);
});

test('refuses every other sink, in which text without markup can be part of some', () => {
  for (const sink of [
    'Document write',
    'HTMLIFrameElement srcdoc',
    'Element outerHTML',
    'DOMParser parseFromString',
    '',
  ])
    assert.equal(reactMarkup('text', 'TrustedHTML', sink), null, sink);
});

test('makes a default policy of it where there are Trusted Types and none yet, and does nothing on a server', async () => {
  const made: string[] = [];
  const factory = { defaultPolicy: null as unknown, createPolicy: (name: string) => void made.push(name) };
  const load = async (which: string): Promise<unknown> => import(`./react.ts?${which}`);
  await load('server');
  Object.assign(globalThis, { trustedTypes: factory });
  try {
    await load('browser');
    factory.defaultPolicy = {};
    await load('second');
  } finally {
    delete (globalThis as { trustedTypes?: unknown }).trustedTypes;
  }
  assert.deepEqual(made, ['default']);
});
