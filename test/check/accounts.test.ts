/** Rules that need an account, over real sign-ins: each finds what is wrong on the careless site and nothing on the good one. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { check } from '../../src/check/check.ts';
import type { CheckReport, RuleResult } from '../../src/check/report/report.ts';
import { BadProfile, readProfile } from '../../src/check/outside/profile.ts';
import { RULES } from '../../src/check/rules.ts';
import { startAccountSite } from '../support/account-site.ts';
import { PASSWORD } from '../support/accounts.ts';
import { Visitor } from '../support/visitor.ts';
import { type AccountSite, carelessAccounts, goodAccounts, PROFILE } from './servers/account-sites.ts';

const LIMITS = ['rate.sign-in', 'rate.sign-in-many'];
const OVER_TIME = ['session.cap', 'session.stay'];
const ACCOUNT = ['session.renewed', 'session.adopted', 'session.ended', 'session.random', 'csrf.forms', 'access.other-account', 'headers.cache-signed-in', 'accounts.sign-in-answer', 'accounts.sign-in-time', 'accounts.reset-answer', 'accounts.register-answer', 'accounts.second-factor', 'uploads.served']; // prettier-ignore

async function look(
  start: Promise<AccountSite>,
  ids: readonly string[],
  ownHost = true,
): Promise<CheckReport> {
  const { stop, url, profile } = await start;
  try {
    return await check({
      url,
      profile,
      ownHost,
      limits: { requests: 1000 },
      rules: RULES.filter(({ id }) => ids.includes(id)),
    });
  } finally {
    await stop();
  }
}

function signs({ results }: CheckReport): Record<string, string> {
  return Object.fromEntries(results.map((result) => [result.rule, signOf(result)]));
}

function signOf(result: RuleResult): string {
  switch (result.outcome) {
    case 'held':
      return 'held';
    case 'not-seen':
      return result.why;
    case 'fell-short':
      return result.findings.map(({ level }) => level).join(' ');
  }
}

test('each is found on the careless site, and what was changed there is told', async () => {
  const report = await look(carelessAccounts(), [...ACCOUNT, ...LIMITS]);
  assert.deepEqual(signs(report), {
    'headers.cache-signed-in': 'warning warning warning',
    'session.renewed': 'error',
    'session.adopted': 'error',
    'session.ended': 'error',
    'session.random': 'warning',
    'csrf.forms': 'error',
    'accounts.sign-in-answer': 'warning',
    'accounts.sign-in-time': 'warning',
    'accounts.reset-answer': 'warning',
    'accounts.register-answer': 'warning',
    'rate.sign-in': 'error',
    'rate.sign-in-many': 'warning',
    // A note of another account, and a draft for anybody who knows its address.
    'access.other-account': 'error warning',
    'accounts.second-factor': 'error',
    // A page and a drawing; what is called a picture comes back as one.
    'uploads.served': 'error error',
  });
  for (const what of [
    /POST \/notes, once marked cross-site/,
    /15 sign-ins with wrong passwords of one account/,
    /registered/,
  ]) {
    assert.ok(
      report.changed.some((line) => what.test(line)),
      String(what),
    );
  }
  assert.doesNotMatch(JSON.stringify(report), /correct horse/);
});

test('an account without a cap is found where one is said to be, and a stay that is none is not judged', async () => {
  const found = signs(await look(carelessAccounts(), OVER_TIME));
  assert.equal(found['session.cap'], 'warning');
  assert.match(found['session.stay'] ?? '', /nothing that outlives the browser signs in alone/);
});

test('none is found on the good one', async () => {
  const report = await look(goodAccounts('1000/minute'), ACCOUNT);
  assert.deepEqual(signs(report), Object.fromEntries(report.results.map(({ rule }) => [rule, 'held'])));
});

test('the limit of a sign-in ends the guessing at its first answer, and is no limit that blinds the run', async () => {
  const report = await look(goodAccounts(), LIMITS);
  assert.deepEqual(signs(report), { 'rate.sign-in': 'held', 'rate.sign-in-many': 'held' });
  assert.ok(report.counts.requests <= 40, String(report.counts.requests));
  assert.equal(report.counts.limited, 0);
});

test('where the host is not said to be theirs nothing is guessed, forged or registered', async () => {
  const report = await look(carelessAccounts(), [...ACCOUNT, ...LIMITS], false);
  assert.deepEqual(report.changed, []);
  const tried = report.results.filter(
    (result) => !(result.outcome === 'not-seen' && result.lacks === 'own-account'),
  );
  assert.deepEqual(
    tried.map(({ rule }) => rule),
    [
      'headers.cache-signed-in',
      'session.renewed',
      'session.adopted',
      'session.ended',
      'session.random',
      'access.other-account',
    ],
  );
});

test('the account pages hold what is asked of sessions over time', async (t) => {
  const site = await startAccountSite(undefined, {
    accounts: { staySignedIn: '30d' },
    session: { perAccount: 2 },
  });
  t.after(() => site.stop());
  await new Visitor(site.url).register('ada@example.com', PASSWORD);
  const profile = readProfile(
    JSON.stringify({
      url: '/login',
      fields: PROFILE.fields,
      signedIn: { url: '/account', text: 'action="/logout"' },
      signOut: '/logout',
      stay: { fields: { stay: 'yes' } },
      mostSessions: 2,
    }),
    { ADA: PASSWORD },
  );
  const ids = ['session.stay', 'session.cap', 'well-known.change-password', 'well-known.related-origins'];
  const rules = RULES.filter(({ id }) => ids.includes(id));
  const report = await check({ url: `${site.url}/login`, profile, ownHost: true, rules });
  assert.deepEqual(signs(report), Object.fromEntries(ids.map((id) => [id, 'held'])));
  assert.ok(report.counts.requests <= 60, String(report.counts.requests));
});

test('a profile has no password in it, no other host, and nothing that is misspelt', () => {
  const environment = { ADA: 'a', BOB: 'b', EVE: 'c' };
  const read = (change: object): unknown =>
    readProfile(JSON.stringify({ ...PROFILE, ...change }), environment);
  assert.ok(read({}));
  for (const [change, words] of [
    [{ fields: { email: 'a', password: 'b' } }, /no password stands in a profile/],
    [{ url: 'https://other.example/login' }, /url is a path/],
    [{ url: '//other.example/login' }, /url is a path/],
    [{ signout: '/x' }, /signout is nothing that a profile has/],
    [{ fields: { email: 'a', password: { env: 'NOBODY' } } }, /the environment has no NOBODY/],
    [{ token: { header: 'x' } }, /token has cookie or meta/],
    [{ signedIn: { url: '/' } }, /signedIn\.text is missing/],
    [{ mostSessions: 0 }, /mostSessions is a whole number from 1 to 20/],
    [{ stay: { remember: 'on' } }, /stay\.fields is missing/],
    [{ api: { url: '/me', token: 'abc', key: { env: 'ADA' } } }, /api\.token is missing, or no object/],
    [{ api: { url: '/me', token: { env: 'ADA' } } }, /api\.key is missing/],
    [{ api: { url: 'https://other.example', token: {}, key: {} } }, /api\.url is a path/],
  ] as const) {
    assert.throws(
      () => read(change),
      (error) => error instanceof BadProfile && words.test(error.message),
    );
  }
});
