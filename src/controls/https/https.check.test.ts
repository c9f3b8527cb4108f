import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Observation } from '../../core/finding.ts';
import { httpsRules } from './https.check.ts';

const SITE = 'https://files.example/';
const PLAIN = 'http://files.example/';

/** The levels a rule finds in one answer. */
function check(id: string, seen: Partial<Observation>, expected: readonly string[]): void {
  const rule = httpsRules.find((candidate) => candidate.id === id);
  assert.ok(rule, id);
  const found = rule.check({
    method: rule.probe.method,
    url: SITE,
    status: 200,
    rawHeaders: [],
    body: '',
    ...seen,
  });
  assert.deepEqual(
    found.map((finding) => finding.level),
    expected,
    JSON.stringify(found),
  );
}

function hsts(...values: string[]): Partial<Observation> {
  return { rawHeaders: values.flatMap((value) => ['Strict-Transport-Security', value]) };
}

function to(location: string): Partial<Observation> {
  return { status: 302, rawHeaders: ['location', location] };
}

test('https.hsts: bad, absent, good', () => {
  check('https.hsts', hsts('max-age=63072000; includeSubDomains'), []);
  check('https.hsts', hsts('MAX-AGE="31536000" ; INCLUDESUBDOMAINS; preload'), []);
  check('https.hsts', {}, ['error']);
  check('https.hsts', hsts('max-age=300; includeSubDomains'), ['error']);
  check('https.hsts', hsts('max-age=0'), ['error']);
  check('https.hsts', hsts('includeSubDomains'), ['error']);
  check('https.hsts', hsts('max-age=0', 'max-age=63072000; includeSubDomains'), ['error']);
  check('https.hsts', hsts('max-age=63072000'), ['warning']);
});

test('https.hsts: means nothing over plain http, and is not asked of loopback', () => {
  check('https.hsts', { url: PLAIN }, []);
  check('https.hsts', { url: PLAIN, ...hsts('max-age=63072000') }, ['warning']);
  check('https.hsts', { url: 'https://localhost:8443/' }, []);
});

test('https.plain-http: bad and good', () => {
  const redirect = (to: string): Partial<Observation> => ({
    url: PLAIN,
    status: 308,
    rawHeaders: ['Location', to],
  });
  check('https.plain-http', { url: PLAIN }, ['error']);
  check('https.plain-http', redirect('http://files.example/other'), ['error']);
  check('https.plain-http', redirect('/login'), ['error']);
  check('https.plain-http', redirect(SITE), []);
  check('https.plain-http', { url: PLAIN, status: 403 }, []);
  check('https.plain-http', { url: SITE }, []);
  check('https.plain-http', { url: 'http://localhost:3000/' }, []);
});

test('https.plain-post: bad and good', () => {
  check('https.plain-post', { url: PLAIN, status: 308 }, ['error']);
  check('https.plain-post', { url: PLAIN, status: 200 }, ['error']);
  check('https.plain-post', { url: PLAIN, status: 403 }, []);
  check('https.plain-post', { url: SITE, status: 200 }, []);
});

test('https.redirect-host: bad and good', () => {
  check('https.redirect-host', to('https://attacker.example/x'), ['error']);
  check('https.redirect-host', to('//ATTACKER.example'), ['error']);
  check('https.redirect-host', to('https://files.example/?next=attacker.example'), []);
  check('https.redirect-host', to('https://['), []);
  check('https.redirect-host', { status: 421 }, []);
});
