import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { growth, LINEAR_AT_MOST, repeated } from '../../../test/support/growth.ts';
import { maskedSample } from './mask.ts';
import { type Report, readReports } from './read-report.ts';

const OWN = 'https://app.test';

/** The facts of one report by the Reporting API, or why there are none. */
function factsOf(type: string, body: object, url = `${OWN}/page`): unknown {
  const read = readReports(JSON.stringify([{ age: 5, type, url, body, user_agent: 'Made-up/1' }]), OWN);
  const [report] = read ?? [];
  return typeof report === 'object' ? report.facts : report;
}

const CSP = { documentURL: `${OWN}/page?s=1`, disposition: 'report', effectiveDirective: 'script-src-elem' };

test('reads every kind that browsers of today send', () => {
  const cases: readonly (readonly [string, object, object])[] = [
    [
      'csp-violation',
      {
        ...CSP,
        blockedURL: 'inline',
        sample: 'var a=1;//INLINE',
        sourceFile: `${OWN}/page/inline`,
        lineNumber: 3,
      },
      {
        page: '/page',
        directive: 'script-src-elem',
        blocked: 'inline',
        disposition: 'report',
        sample: 'var a=0;//INLINE',
        source: '/page/inline',
        line: 3,
      },
    ],
    [
      'csp-violation',
      {
        ...CSP,
        effectiveDirective: 'require-trusted-types-for',
        blockedURL: 'trusted-types-sink',
        sample: 'Element innerHTML|<b>Ann</b>',
      },
      {
        page: '/page',
        directive: 'require-trusted-types-for',
        blocked: 'trusted-types-sink',
        disposition: 'report',
        sample: 'Element innerHTML',
      },
    ],
    [
      'integrity-violation',
      { blockedURL: `${OWN}/a.js`, destination: 'script', documentURL: `${OWN}/page`, reportOnly: false },
      { page: '/page', directive: 'script', blocked: '/a.js' },
    ],
    [
      'coep',
      { blockedURL: 'https://other.test/f', type: 'corp', disposition: 'enforce' },
      { page: '/page', directive: 'corp', blocked: 'https://other.test', disposition: 'enforce' },
    ],
    [
      'coop',
      { type: 'navigation-to-response', disposition: 'reporting' },
      { page: '/page', directive: 'navigation-to-response', disposition: 'report' },
    ],
    [
      'permissions-policy-violation',
      { policyId: 'camera', disposition: 'report', message: 'camera is not allowed in this document.' },
      {
        page: '/page',
        directive: 'camera',
        disposition: 'report',
        message: 'camera is not allowed in this document.',
      },
    ],
    [
      'deprecation',
      {
        id: 'Unload',
        message: 'See https://app.test/page?token=abc of user 12345',
        sourceFile: `${OWN}/a.js`,
      },
      { page: '/page', directive: 'unload', source: '/a.js', message: 'See (address) of user 0' },
    ],
    ['crash', { reason: 'oom' }, { page: '/page', directive: 'oom' }],
    [
      'csp-hash',
      {
        destination: 'script',
        documentURL: `${OWN}/page`,
        subresourceURL: `${OWN}/ext.js`,
        hash: `sha256-${'A'.repeat(43)}=`,
      },
      { page: '/page', directive: 'script', blocked: '/ext.js', sample: `sha256-${'A'.repeat(43)}=` },
    ],
  ];
  for (const [type, body, facts] of cases) assert.deepEqual(factsOf(type, body), facts, type);
});

test('personal data and secrets are not kept: queries, ids, tokens, texts of scripts', () => {
  const secret = 'Zk3vQ9xT7bLm2RwY8cNd';
  const letters = 'qWerTyUiOpAsDfGhJkLzXcVbNmQwErTyUiOpAsDfGhJkLz';
  const facts = factsOf('csp-violation', {
    ...CSP,
    documentURL: `${OWN}/reset/${secret}/4711/to/ann@example.com/${letters}?mail=ann@example.com#${secret}`,
    blockedURL: `https://ann:${secret}@other.test/${secret}?${secret}`,
    sourceFile: `${OWN}/a;jsessionid=${secret}/ann@example.com`,
    sample: `var me = "ann@example.com"; t='${secret}`,
    lineNumber: 1,
    referrer: `${OWN}/?${secret}`,
    originalPolicy: `script-src 'nonce-${secret}'`,
  });
  const kept = JSON.stringify(facts);
  for (const one of [secret, 'ann', '4711', 'mail']) assert.ok(!kept.includes(one), `${one} in ${kept}`);
  assert.ok(
    kept.includes('"page":"/reset/:id/:id/to/:id/:id"') && kept.includes('"blocked":"https://other.test"'),
    kept,
  );
  assert.equal((facts as Report['facts']).sample, 'var me = ""; t=\'\'');
});

test('what extensions and browsers put into pages is noise', () => {
  for (const from of [
    'chrome-extension://abc/x.js',
    'moz-extension',
    'safari-web-extension://a/b',
    'user-script:1',
    'webkit-masked-url://hidden/',
  ])
    for (const field of ['blockedURL', 'sourceFile'])
      assert.equal(factsOf('csp-violation', { ...CSP, [field]: from }), 'noise', from);
  assert.notEqual(factsOf('csp-violation', { ...CSP, blockedURL: 'https://chrome.example/' }), 'noise');
});

test('what is of another form, or of another site, is told from it', () => {
  assert.equal(
    factsOf('csp-violation', { ...CSP, documentURL: 'https://app.test.evil.example/' }),
    'foreign',
  );
  assert.equal(factsOf('csp-violation', { ...CSP, documentURL: 'about:blank' }), 'foreign');
  assert.equal(factsOf('csp-violation', { ...CSP, documentURL: `${OWN}:8443/` }), 'foreign');
  assert.equal(factsOf('__proto__', CSP), 'unknown');
  assert.equal(factsOf('csp-violation', { ...CSP, effectiveDirective: '\u001b[2J' }), 'unknown');
  assert.equal(factsOf('csp-violation', { ...CSP, effectiveDirective: 7 }), 'unknown');
  for (const body of ['', '{', '[', '7', '{}', 'null', '{"csp-report":[]}', '{"type":"csp-violation"}'])
    assert.equal(readReports(body, OWN), undefined, body);
  assert.equal(readReports(JSON.stringify(Array.from({ length: 99 }, () => 1)), OWN)?.length, 32);
});

test('what becomes a line of a policy holds nothing that would end it', () => {
  for (const host of ["a','evil.example", 'a;script-src', "a'b.example", 'a"b', 'a*b.example', '[::1]'])
    assert.equal(
      (factsOf('csp-violation', { ...CSP, blockedURL: `https://${host}/` }) as Report['facts']).blocked,
      undefined,
      host,
    );
  const facts = factsOf('csp-violation', { ...CSP, documentURL: `${OWN}/a': {}, '/b/"/*/c*/d.html/$x` });
  assert.equal((facts as Report['facts']).page, '/:id/b/:id/:id/:id/d.html/:id');
});

test('nothing that a terminal would obey is kept', () => {
  const facts = factsOf('csp-violation', {
    ...CSP,
    documentURL: `${OWN}/a\u001b[2Jb`,
    sample: 'x\u001b]0;y\u0007\u202e',
  });
  assert.ok(
    /^[\x20-\x7e]*$/.test(JSON.stringify(facts)) && !JSON.stringify(facts).includes('\\u'),
    JSON.stringify(facts),
  );
});

test('how a script begins is the same of what a browser sends and of the whole text', () => {
  const whole = `\n  const user = { "name": "Ann of a long name and more", id: 12345 };\n  start(user);`;
  const sent = whole.slice(0, 40);
  assert.equal(maskedSample(whole), maskedSample(sent));
  assert.equal(maskedSample(`${sent}\u2026`), maskedSample(sent));
  assert.ok(!maskedSample(whole).includes('Ann'));
});

test('a report made to be slow takes as long as any other of its size', () => {
  for (const unit of ['"', "'\\", '/', '@', 'https://', '{"a":', '['])
    assert.ok(
      growth(
        (size) => {
          const text = repeated(unit, size);
          const body = { ...CSP, sample: text, documentURL: `${OWN}/${text}`, message: text };
          return JSON.stringify([{ type: 'csp-violation', url: OWN, body }]);
        },
        (text) => readReports(text, OWN),
        4_000,
      ) < LINEAR_AT_MOST,
      unit,
    );
});

test('PostHog/posthog#40257, icco/reportd#163: one report without a list around it is read like one in a list', () => {
  const one = { type: 'csp-violation', url: `${OWN}/page`, body: CSP };
  const [alone] = readReports(JSON.stringify(one), OWN) ?? [];
  assert.ok(typeof alone === 'object');
  assert.deepEqual(alone.facts, factsOf('csp-violation', CSP));
});

test('every kind that Chromium was seen to send is taken, and of each it is known what it was about', () => {
  const file = join(import.meta.dirname, '../../../test/vectors/reports/chromium-156.json');
  const seen = JSON.parse(readFileSync(file, 'utf8')) as Readonly<Record<string, unknown>>;
  const kinds = new Set<string>();
  for (const [name, body] of Object.entries(seen)) {
    const read = readReports(JSON.stringify(body), OWN) ?? [];
    assert.equal(read.length, 1, name);
    for (const report of read) {
      assert.ok(typeof report === 'object', `${name}: ${JSON.stringify(report)}`);
      kinds.add(report.kind);
      if (report.kind !== 'crash') assert.ok(report.facts.directive !== undefined, name);
      assert.ok(!JSON.stringify(report).includes('?'), name);
    }
  }
  assert.equal(kinds.size, 11);
});
