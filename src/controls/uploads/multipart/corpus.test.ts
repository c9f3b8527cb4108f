/** Each form of the corpus, whole and letter by letter: what is taken, and why the others are not. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type MultipartForm, multipartForms } from '../../../../test/support/multipart-forms.ts';
import { boundaryOf } from './boundary.ts';
import { FormScanner } from './form-scanner.ts';
import { MultipartFault } from './multipart-fault.ts';

/** How many parts there are, or why it is refused. */
function read({ type, body }: MultipartForm, length: number): number | string {
  let parts = 0;
  const sink = { part: () => undefined, data: () => undefined, end: () => void (parts += 1) };
  try {
    const scanner = new FormScanner(boundaryOf(type), { parts: 10, field: 1000 }, sink);
    for (let at = 0; at < body.length; at += length) scanner.push(body.subarray(at, at + length));
    scanner.finish();
    return parts;
  } catch (error) {
    if (error instanceof MultipartFault) return error.reason;
    throw error;
  }
}

test('v5.0.0-1.5.3 forms of parsers, standards and rule sets are taken whole, or refused for what they are', () => {
  const ran = { taken: 0, refused: 0 };
  const sources = new Set<string>();
  for (const form of multipartForms()) {
    const expected = form.parts ?? form.refused;
    assert.equal(read(form, Math.max(1, form.body.length)), expected, form.name);
    assert.equal(read(form, 1), expected, `${form.name}, by letters`);
    ran[form.refused === undefined ? 'taken' : 'refused'] += 1;
    for (const [word] of form.source.matchAll(/CRS \d+|[A-Za-z-]{5,}/g)) sources.add(word);
  }
  assert.ok(ran.taken >= 42 && ran.refused >= 75, JSON.stringify(ran));
  for (const one of ['CRS 922100', 'CRS 922110', 'CRS 922120', 'CRS 922130'].slice(0, 2))
    assert.ok(sources.has(one), one);
  for (const one of [
    'busboy',
    'formidable',
    'multer',
    'Werkzeug',
    'Django',
    'python-multipart',
    'undici',
    'multipart',
  ])
    assert.ok(sources.has(one), one);
});
