import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { cspOptions, type CspSettings } from '../../controls/csp/csp.options.ts';
import { PolicyError } from '../../core/errors.ts';
import { defaultsOf } from '../../core/options.ts';
import {
  type AcceptedSources,
  MOST_SOURCES,
  readAccepted,
  withAccepted,
  writeAccepted,
} from './accepted-sources.ts';

const folder = mkdtempSync(join(tmpdir(), 'bulwark-accepted-'));
after(() => rmSync(folder, { recursive: true, force: true }));
const file = join(folder, 'csp.json');
const HASH = `'sha256-${'a'.repeat(43)}='`;
const csp: CspSettings = defaultsOf(cspOptions);

function scripts(accepted: Partial<AcceptedSources>): string {
  const { directives } = withAccepted(csp, { 'script-src': {}, 'style-src': {}, ...accepted });
  return directives['script-src']?.join(' ') ?? '';
}

test('what is written is read again, in an order that does not change', () => {
  const accepted = { 'script-src': { [HASH]: 'of the layout', "'self'": 'own files' }, 'style-src': {} };
  writeAccepted(file, accepted);
  assert.deepEqual(readAccepted(file), accepted);
  assert.ok(readFileSync(file, 'utf8').indexOf('self') < readFileSync(file, 'utf8').indexOf('sha256'));
  assert.deepEqual(readAccepted(join(folder, 'none.json')), { 'script-src': {}, 'style-src': {} });
});

test('a file of another form, or with what a policy refuses, is refused as it is read', () => {
  for (const [text, reason] of [
    ['no json', /it is an object of script-src/],
    ['[]', /it is an object of/],
    ['{"default-src":{}}', /it is an object of/],
    ['{"script-src":["\'self\'"]}', /it is an object of/],
    ['{"script-src":{"\'unsafe-inline\'":""}}', /runs there/],
    ['{"script-src":{"https://*.com":""}}', /anybody can have a host|every host/],
    ['{"script-src":{"\'nonce-abc\'":""}}', /a nonce that is written down/],
    ['{"style-src":{"a b":""}}', /one word/],
    [
      JSON.stringify({
        'script-src': Object.fromEntries(
          Array.from({ length: MOST_SOURCES + 1 }, (_, at) => [
            `'sha256-${String(at).padStart(43, 'a')}='`,
            '',
          ]),
        ),
      }),
      /over 48 sources/,
    ],
  ] as const) {
    writeFileSync(file, text);
    assert.throws(
      () => readAccepted(file),
      (error) => error instanceof PolicyError && reason.test(error.message),
      text,
    );
  }
});

test('hashes stand beside strict-dynamic, hosts take its place, and nothing else of the policy changes', () => {
  assert.equal(scripts({}), "'nonce' 'strict-dynamic'");
  assert.equal(scripts({ 'script-src': { [HASH]: '' } }), `'nonce' 'strict-dynamic' ${HASH}`);
  assert.equal(scripts({ 'script-src': { [HASH]: '', "'self'": '' } }), `'nonce' ${HASH} 'self'`);
  const { directives } = withAccepted(csp, { 'script-src': {}, 'style-src': { [HASH]: '' } });
  assert.deepEqual(directives, {
    ...csp.directives,
    'style-src': [...(csp.directives['style-src'] ?? []), HASH],
  });
  const closed = { ...csp, directives: { ...csp.directives, 'script-src': ["'none'"] } };
  const opened = withAccepted(closed, { 'script-src': { [HASH]: '' }, 'style-src': {} });
  assert.deepEqual(opened.directives['script-src'], [HASH]);
});
