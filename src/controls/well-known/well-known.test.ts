import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { sketchExchange } from '../../../test/support/exchange.ts';
import type { SecurityEvent } from '../../core/events.ts';
import { readOptions } from '../../core/options.ts';
import { Problems } from '../../core/problems.ts';
import type { Refusal } from '../../core/verdict.ts';
import { readInstant, readSignedTxt } from './security-txt.ts';
import { wellKnownGuard } from './well-known.ts';
import {
  checkWellKnown,
  type WellKnownOptions,
  wellKnownOptions,
  type WellKnownSettings,
} from './well-known.options.ts';

const DAY = 86_400_000;
const IN_A_YEAR = new Date(Date.now() + 300 * DAY).toISOString().slice(0, 10);
const CONTACT = ['mailto:security@example.com', 'https://example.com/report'];

function read(options: WellKnownOptions): { settings: WellKnownSettings; problems: Problems } {
  const problems = new Problems('production');
  const settings = readOptions('wellKnown', wellKnownOptions, options, problems);
  checkWellKnown(settings, problems);
  return { settings, problems };
}

function refused(options: WellKnownOptions): readonly string[] {
  return read(options).problems.errors.map(({ option }) => option);
}

interface Asked {
  readonly method?: string;
  readonly now?: number;
  readonly related?: readonly string[];
  readonly told?: SecurityEvent[];
}

/** What is answered at a path. */
function at(
  path: string,
  options: WellKnownOptions,
  { method = 'GET', now, related = [], told = [] }: Asked = {},
): Refusal | undefined {
  const guard = wellKnownGuard(read(options).settings, {
    origins: ['https://example.com', 'https://example.org'],
    relatedOrigins: related,
    tell: (_exchange, event) => void told.push(event),
  });
  const exchange = sketchExchange({ method, target: path, now: now ?? Date.now() });
  exchange.path = path;
  const verdict = guard.onRequest?.(exchange);
  assert.ok(!(verdict instanceof Promise));
  return verdict;
}

test('security.txt has the fields of RFC 9116, and says where it stands', () => {
  const answer = at('/.well-known/security.txt', {
    securityTxt: {
      contact: CONTACT,
      expires: IN_A_YEAR,
      encryption: ['https://example.com/key.asc'],
      policy: ['https://example.com/policy'],
      preferredLanguages: ['en', 'de'],
    },
  });
  assert.deepEqual(answer?.content, {
    type: 'text/plain; charset=utf-8',
    body: `Contact: mailto:security@example.com
Contact: https://example.com/report
Expires: ${IN_A_YEAR}T23:59:59Z
Encryption: https://example.com/key.asc
Preferred-Languages: en, de
Canonical: https://example.com/.well-known/security.txt
Canonical: https://example.org/.well-known/security.txt
Policy: https://example.com/policy
`,
  });
  assert.equal(answer.status, 200);
});

test('one without contact or end, or with an end past a year, is refused at the start', () => {
  const txt = (securityTxt: NonNullable<WellKnownOptions['securityTxt']>): readonly string[] =>
    refused({ securityTxt });
  assert.deepEqual(txt({ contact: CONTACT, expires: IN_A_YEAR }), []);
  assert.deepEqual(txt({ contact: CONTACT }), ['wellKnown.securityTxt']);
  assert.deepEqual(txt({ expires: IN_A_YEAR }), ['wellKnown.securityTxt']);
  const late = new Date(Date.now() + 400 * DAY).toISOString();
  assert.deepEqual(txt({ contact: CONTACT, expires: late }), ['wellKnown.securityTxt.expires']);
  for (const one of [
    'security@example.com',
    'http://example.com/',
    'javascript:alert(1)',
    'mailto:a@b\nExpires: x',
    'https://',
  ])
    assert.deepEqual(txt({ contact: [one], expires: IN_A_YEAR }), ['wellKnown.securityTxt.contact'], one);
});

test('it is told before it ends, once a day, and is gone from then on', () => {
  const securityTxt = { contact: CONTACT, expires: IN_A_YEAR };
  const end = Date.parse(`${IN_A_YEAR}T23:59:59Z`);
  const told: SecurityEvent[] = [];
  const { settings } = read({ securityTxt });
  const guard = wellKnownGuard(settings, {
    origins: [],
    relatedOrigins: [],
    tell: (_exchange, event) => void told.push(event),
  });
  const visit = (now: number): number | undefined => {
    const exchange = sketchExchange({ target: '/.well-known/security.txt', now });
    exchange.path = '/.well-known/security.txt';
    const verdict = guard.onRequest?.(exchange);
    return verdict === undefined || verdict instanceof Promise ? undefined : verdict.status;
  };
  assert.deepEqual([visit(end - 31 * DAY), told.length], [200, 0]);
  assert.deepEqual([visit(end - 29 * DAY), visit(end - 29 * DAY + 1), told.length], [200, 200, 1]);
  assert.deepEqual([visit(end - 28 * DAY), told.length], [200, 2]);
  assert.equal(told[0]?.kind.name, 'sys_security_txt_ending');
  assert.equal(visit(end + 1), 404);
});

test('no cache has it for longer than it holds', () => {
  const end = Date.parse(`${IN_A_YEAR}T23:59:59Z`);
  for (const [left, seconds] of [
    [2 * DAY, 86_400],
    [DAY, 86_400],
    [DAY - 1, 86_399],
    [120_500, 120],
    [1, 0],
  ] as const) {
    const answer = at(
      '/.well-known/security.txt',
      { securityTxt: { contact: CONTACT, expires: IN_A_YEAR } },
      { now: end - left },
    );
    assert.deepEqual(answer?.headers, [['Cache-Control', `public, max-age=${seconds}`]]);
  }
});

test('it is told at the start as well', () => {
  const soon = new Date(Date.now() + 9.5 * DAY).toISOString();
  const { problems } = read({ securityTxt: { contact: CONTACT, expires: soon } });
  assert.deepEqual(
    problems.warnings.map(({ code, reason }) => [code, reason.slice(0, 15)]),
    [['ERR_BULWARK_SECURITY_TXT_ENDS', 'it ends in 9 da']],
  );
  assert.deepEqual(read({ securityTxt: { contact: CONTACT, expires: IN_A_YEAR } }).problems.warnings, []);
});

const SIGNED = `-----BEGIN PGP SIGNED MESSAGE-----
Hash: SHA512

Contact: mailto:security@example.com
Expires: ${IN_A_YEAR}T00:00:00Z
Canonical: https://example.com/.well-known/security.txt
- -- nothing else
-----BEGIN PGP SIGNATURE-----

aaaa
-----END PGP SIGNATURE-----
`;

test('a file that is signed is served byte by byte', () => {
  const folder = mkdtempSync(join(tmpdir(), 'bulwark-txt-'));
  const file = join(folder, 'security.txt');
  try {
    writeFileSync(file, SIGNED);
    assert.equal(at('/.well-known/security.txt', { securityTxt: { signed: file } })?.content?.body, SIGNED);
    assert.deepEqual(refused({ securityTxt: { signed: file, contact: CONTACT } }), ['wellKnown.securityTxt']);
    assert.deepEqual(refused({ securityTxt: { signed: join(folder, 'none') } }), [
      'wellKnown.securityTxt.signed',
    ]);
    assert.deepEqual(refused({ securityTxt: { signed: folder } }), ['wellKnown.securityTxt.signed']);
  } finally {
    rmSync(folder, { recursive: true });
  }
});

test('of a signed file what the signature is over is read, and nothing beside it', () => {
  const good = readSignedTxt(Buffer.from(SIGNED));
  assert.ok(typeof good !== 'string');
  assert.equal(good.expires, Date.parse(`${IN_A_YEAR}T00:00:00Z`));
  const bad: readonly (readonly [string, string])[] = [
    ['unsigned', SIGNED.split('\n').slice(3, 6).join('\n')],
    ['a line ahead', `Contact: mailto:mallory@example.com\n${SIGNED}`],
    ['a line behind', `${SIGNED}Contact: mailto:mallory@example.com\n`],
    ['without its end', SIGNED.replace('-----END PGP SIGNATURE-----', '')],
    ['without contact', SIGNED.replace(/^Contact.*\n/m, '')],
    ['without an end', SIGNED.replace(/^Expires.*\n/m, '')],
    ['with two', SIGNED.replace(/^Expires.*\n/m, (line) => line + line)],
    ['too large', SIGNED + ' '.repeat(32 * 1024)],
    [
      'contact in its armor',
      SIGNED.replace(/^Contact.*\n/m, '').replace('Hash: SHA512', 'Contact: mailto:mallory@example.com'),
    ],
  ];
  for (const [what, text] of bad) assert.equal(typeof readSignedTxt(Buffer.from(text)), 'string', what);
});

test('a day ends at its end, in UTC', () => {
  assert.equal(readInstant('2027-06-30'), Date.parse('2027-06-30T23:59:59Z'));
  assert.equal(readInstant('2027-06-30T10:00:00+02:00'), Date.parse('2027-06-30T08:00:00Z'));
  for (const text of ['', '2027', '30.6.2027', '2027-13-01', 'tomorrow', '2027-06-30 10:00'])
    assert.equal(readInstant(text), undefined, text);
});

test('password managers are led to the page, and to no other site', () => {
  const answer = at('/.well-known/change-password', { changePassword: '/settings/password' });
  assert.deepEqual([answer?.status, answer?.headers], [303, [['Location', '/settings/password']]]);
  for (const path of [
    '//evil.example',
    'https://evil.example',
    'settings',
    '/.well-known/change-password',
    '/\\evil.example',
  ])
    assert.deepEqual(refused({ changePassword: path }), ['wellKnown.changePassword'], path);
});

test('related origins are JSON, to whoever asks', () => {
  const answer = at('/.well-known/webauthn', {}, { related: ['https://example.de'] });
  assert.deepEqual(answer?.content, { type: 'application/json', body: '{"origins":["https://example.de"]}' });
});

test('robots.txt has the paths, and no line of its own can be written into it', () => {
  const answer = at('/robots.txt', { disallow: ['/account/', '/search'] });
  assert.equal(answer?.content?.body, 'User-agent: *\nDisallow: /account/\nDisallow: /search\n');
  for (const path of ['account', '/a\nAllow: /', '/a b', '', '/#'])
    assert.deepEqual(refused({ disallow: [path] }), ['wellKnown.disallow'], path);
});

test('what the policy does not speak of is left to the application, and so is what is no look', () => {
  const options: WellKnownOptions = { changePassword: '/settings/password' };
  for (const path of [
    '/.well-known/security.txt',
    '/.well-known/webauthn',
    '/robots.txt',
    '/',
    '/.well-known/change-password/',
  ])
    assert.equal(at(path, options), undefined, path);
  assert.equal(at('/.well-known/change-password', options, { method: 'POST' }), undefined);
  assert.equal(
    wellKnownGuard(read({}).settings, { origins: [], relatedOrigins: [], tell: () => undefined }).onRequest,
    undefined,
  );
});
