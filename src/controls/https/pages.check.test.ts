import assert from 'node:assert/strict';
import { test } from 'node:test';
import { contextOf, type Said, verdictOf } from '../../../test/support/check-site.ts';
import type { Probe } from '../../core/answer.ts';
import { httpsPageRules } from './pages.check.ts';

function look(id: string, said: Said | ((probe: Probe) => Said), site = {}): Promise<readonly string[]> {
  return verdictOf(httpsPageRules, id, contextOf(typeof said === 'function' ? said : () => said, site));
}

test('https.mixed-content: what is loaded and sent in clear', async () => {
  const body = (text: string): Said => ({ body: text });
  const id = 'https.mixed-content';
  assert.deepEqual(
    await look(id, body('<script src="//files.example/a.js"></script><form method=post action=/x>')),
    ['held'],
  );
  assert.deepEqual(await look(id, body('<script src="http://cdn.example/a.js"></script>')), ['error']);
  assert.deepEqual(await look(id, body('<img src="http://cdn.example/a.png">')), ['warning']);
  assert.deepEqual(await look(id, body('<form action="http://files.example/x" method=post>')), ['error']);
  assert.deepEqual(await look(id, body('<form action=/x><input type=password name=p>')), ['error']);
  assert.deepEqual(
    await look(
      id,
      body('<!-- <img src="http://cdn.example/a.png"> --><script>"<img src=http://x.example/>"</script>'),
    ),
    ['held'],
  );
});

test('https.preload: what the list asks', async () => {
  const hsts =
    (value: string): ((probe: Probe) => Said) =>
    ({ plain }) =>
      plain === true
        ? { status: 301, headers: ['Location', 'https://files.example/'] }
        : { headers: ['Strict-Transport-Security', value] };
  const id = 'https.preload';
  assert.deepEqual(await look(id, hsts('max-age=63072000; includeSubDomains')), ['not-seen']);
  assert.deepEqual(await look(id, hsts('max-age=63072000; includeSubDomains; preload')), ['held']);
  assert.deepEqual(await look(id, hsts('max-age=300; preload')), ['warning', 'warning']);
  const away = ({ plain }: Probe): Said =>
    plain === true
      ? { status: 301, headers: ['Location', 'https://www.files.example/'] }
      : { headers: ['Strict-Transport-Security', 'max-age=63072000; includeSubDomains; preload'] };
  assert.deepEqual(await look(id, away), ['warning']);
});
