import assert from 'node:assert/strict';
import { test } from 'node:test';
import { contextOf } from '../../test/support/check-site.ts';
import {
  fellShort,
  held,
  type Need,
  NotSeen,
  type Outcome,
  type Rule,
  type RuleContext,
} from '../core/rule.ts';
import { reportOf } from './report/report.ts';
import { runRules } from './run.ts';

function ruleOf(
  id: string,
  run: (context: RuleContext) => Outcome | Promise<Outcome>,
  needs: Need = 'site',
): Rule {
  return { id, title: id, level: 'error', guide: 1, asvs: [], cwe: [], needs, run };
}

test('a rule that throws is not seen, and the others run all the same', async () => {
  const results = await runRules(
    [
      ruleOf('a.broken', () => {
        throw new TypeError('x is undefined');
      }),
      ruleOf('a.rejects', () => Promise.reject(new Error('late'))),
      ruleOf('a.blind', () => {
        throw new NotSeen('nothing there');
      }),
      ruleOf('a.good', () => held('seen')),
    ],
    contextOf(() => ({})),
    { ownHost: false },
  );
  assert.deepEqual(results, [
    { rule: 'a.broken', outcome: 'not-seen', why: 'the rule failed: x is undefined' },
    { rule: 'a.rejects', outcome: 'not-seen', why: 'the rule failed: late' },
    { rule: 'a.blind', outcome: 'not-seen', why: 'nothing there' },
    { rule: 'a.good', outcome: 'held', evidence: 'seen' },
  ]);
  const { counts } = reportOf(results, { url: 'https://files.example/', requests: 0, limited: 0 });
  assert.deepEqual([counts.held, counts.fellShort, counts.notSeen], [1, 0, 3]);
});

test('a rule that needs what was not handed over does not run, and says what to hand over', async () => {
  const asked: string[] = [];
  const rules = (['own-host', 'account', 'tls', 'source', 'page'] as const).map((needs) =>
    ruleOf(`a.${needs}`, () => (asked.push(needs), held('seen')), needs),
  );
  const context = contextOf(() => ({ status: 404 }), { secure: false, origin: 'http://files.example' });
  const results = await runRules(rules, context, { ownHost: false });
  const whys = results.map((result) => (result.outcome === 'not-seen' ? result.why : result.outcome));
  assert.deepEqual(asked, []);
  for (const [index, word] of [
    'ownHost',
    'signIn',
    'https address',
    'source tree',
    'address of a page',
  ].entries()) {
    assert.match(whys[index] ?? '', new RegExp(word));
  }
});

test('what rules ask for alike is sent once, and what may change something never so', async () => {
  let sent = 0;
  const context = contextOf(() => ((sent += 1), {}));
  const rules = ['a.one', 'a.two', 'a.three'].map((id) =>
    ruleOf(id, async ({ askOnce }) => held(String((await askOnce({ target: '/x' })).status))),
  );
  await runRules(rules, context, { ownHost: true });
  assert.equal(sent, 1);
  await assert.rejects(context.askOnce({ method: 'POST' }), /POST may change something/);
});

test('a rule that is to run alone runs when all others have ended', async () => {
  const order: string[] = [];
  const slow = ruleOf('a.slow', async () => {
    await new Promise(setImmediate);
    order.push('slow');
    return held('');
  });
  const alone: Rule = { ...ruleOf('a.alone', () => (order.push('alone'), held(''))), alone: true };
  const results = await runRules(
    [alone, slow],
    contextOf(() => ({})),
    { ownHost: true },
  );
  assert.deepEqual(order, ['slow', 'alone']);
  assert.deepEqual(
    results.map(({ rule }) => rule),
    ['a.alone', 'a.slow'],
  );
});

test('no report shows a cookie that was set, nor a control character of the site', async () => {
  const context = contextOf(() => ({ headers: ['Set-Cookie', 'sid=0123456789abcdef; Path=/'] }));
  const [result] = await runRules(
    [
      ruleOf('a.tells', async ({ visit }) => {
        const visitor = visit();
        const { rawHeaders } = await visitor.ask();
        return fellShort(
          'error',
          rawHeaders.join(' '),
          `\u001b[31m${[...visitor.cookies.values()].join('')}\n\u202e`,
          'x',
        );
      }),
    ],
    context,
    { ownHost: true },
  );
  assert.ok(result?.outcome === 'fell-short');
  const text = JSON.stringify(result.findings);
  assert.doesNotMatch(text, /0123456789abcdef|\\u001b|\\n|\u202e/);
  assert.match(text, /sid=\.\.\./);
});

test('somebody is signed in once a run, and keeps the cookies of that', async () => {
  let signIns = 0;
  const context = contextOf(
    (_probe, cookie) => ({ headers: cookie === '' ? ['Set-Cookie', 'sid=0123456789'] : [] }),
    {},
    async (visitor) => {
      signIns += 1;
      await visitor.ask({ method: 'POST', target: '/login' });
    },
  );
  const rules = ['a.one', 'a.two'].map((id) =>
    ruleOf(id, async ({ signedIn }) => held([...(await signedIn()).cookies.keys()].join(' ')), 'account'),
  );
  const results = await runRules(rules, context, { ownHost: false });
  assert.equal(signIns, 1);
  assert.ok(results.every((result) => result.outcome === 'held' && result.evidence === 'sid'));
});

test('a page is looked for within the site, and no further', async () => {
  const page = async (location: string, body = ''): Promise<string> => {
    const context = contextOf(({ target }) =>
      target === undefined ? { status: 302, headers: ['Location', location] } : { body },
    );
    return context.page().then(
      ({ url }) => url,
      (error: Error) => error.message,
    );
  };
  assert.equal(await page('/login?next=1'), 'https://files.example/login?next=1');
  assert.match(await page('https://elsewhere.example/'), /leads away, to https:\/\/elsewhere\.example/);
  assert.match(await page('//elsewhere.example'), /leads away/);
  const ring = contextOf(() => ({ status: 302, headers: ['Location', '/again'] }));
  await assert.rejects(ring.page(), /from one redirect to the next/);
});
