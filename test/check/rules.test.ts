/** Each rule against six sites: what it has to say of each stands in a table, and a rule without a row fails. */
import assert from 'node:assert/strict';
import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { check } from '../../src/check/check.ts';
import type { RuleResult } from '../../src/check/report/report.ts';
import { RULES } from '../../src/check/rules.ts';
import type { Rule } from '../../src/core/rule.ts';
import { ALWAYS_ON, EXPECTED, type Without } from './expected.ts';
import { bulwarkSite } from './servers/bulwark-site.ts';
import { bareSite, innocentSite, silentSite, wrongSite } from './servers/other-sites.ts';
import type { Site } from './servers/site.ts';

const ROOT = join(import.meta.dirname, '../..');
const COLUMNS = ['Bulwark', 'bare', 'wrong', 'without', 'innocent', 'silent'] as const;
const SIGNS: Readonly<Record<RuleResult['outcome'], string>> = {
  held: '+',
  'fell-short': '-',
  'not-seen': '?',
};

/** Far more than one page needs, far below the limits of Bulwark and of the well-kept site. */
const BURST = 60;

async function judge(site: Site, rules: readonly Rule[]): Promise<ReadonlyMap<string, RuleResult>> {
  const { stop: _stop, ...address } = site;
  const { results } = await check({ ...address, ownHost: true, burst: BURST, rules });
  return new Map(results.map((result) => [result.rule, result]));
}

async function judgeAndStop(site: Site, rules: readonly Rule[]): Promise<ReadonlyMap<string, RuleResult>> {
  try {
    return await judge(site, rules);
  } finally {
    await site.stop();
  }
}

const seen = new Map<string, ReadonlyMap<string, RuleResult>>();

before(async () => {
  for (const [column, start] of [
    ['Bulwark', bulwarkSite],
    ['bare', bareSite],
    ['wrong', wrongSite],
    ['innocent', innocentSite],
    ['silent', silentSite],
  ] as const) {
    seen.set(column, await judgeAndStop(await start(), RULES));
  }
  const groups = Map.groupBy(RULES, ({ id }) => EXPECTED[id]?.without);
  const without = new Map<string, RuleResult>();
  for (const [how, rules] of groups) {
    if (how === undefined) continue;
    const results = await judgeAndStop(await withoutControl(how), rules);
    for (const [id, result] of results) without.set(id, result);
  }
  seen.set('without', without);
});

function withoutControl({ policy, careless }: Without): Promise<Site> {
  return bulwarkSite(policy, careless);
}

after(async () => {
  seen.clear();
  // Where the run is ended by force, what fifty tests that end at once report is still on its way.
  await sleep(300);
});

test('every rule has its row, and every row its rule', () => {
  assert.deepEqual(Object.keys(EXPECTED).sort(), RULES.map(({ id }) => id).sort());
});

for (const { id } of RULES) {
  test(`${id} says what it has to of each site`, () => {
    const columns = COLUMNS.filter((column) => column !== 'without' || EXPECTED[id]?.without !== undefined);
    const results = columns.map((column) => seen.get(column)?.get(id));
    const row = results.map((result) => (result === undefined ? 'missing' : SIGNS[result.outcome])).join(' ');
    assert.equal(row, EXPECTED[id]?.outcomes, JSON.stringify(results, null, 1));
  });
}

test('every rule finds something where its control is not, and holds where it is', () => {
  const tests = globSync(['src/**/*.check.test.ts', 'test/check/accounts.test.ts'], { cwd: ROOT }).map(
    (file) => readFileSync(join(ROOT, file), 'utf8'),
  );
  for (const { id } of RULES) {
    if (EXPECTED[id]?.without === undefined) {
      assert.ok(
        tests.some((text) => text.includes(`'${id}'`)),
        `${id} is tested in its room`,
      );
      continue;
    }
    const signs = EXPECTED[id]?.outcomes.split(' ') ?? [];
    assert.deepEqual([signs[0], signs[3]], ['+', ALWAYS_ON.includes(id) ? '+' : '-'], id);
    assert.ok(signs[1] === '-' || signs[2] === '-', `${id} on bad sites`);
  }
});

test('firewall.proxy-head: a head that is believed is seen, before TLS', async () => {
  const site = await bulwarkSite({ proxy: { trusted: ['127.0.0.1'], protocol: true } });
  const rules = RULES.filter(({ id }) => id === 'firewall.proxy-head');
  const result = (await judgeAndStop(site, rules)).get('firewall.proxy-head');
  assert.equal(result?.outcome, 'fell-short', JSON.stringify(result));
});

test('nothing is worse than the worst that its rule is said to find', () => {
  const order = ['note', 'warning', 'error'];
  for (const { id, level } of RULES) {
    for (const results of seen.values()) {
      const result = results.get(id);
      const found = result?.outcome === 'fell-short' ? result.findings : [];
      assert.ok(
        found.every((finding) => order.indexOf(finding.level) <= order.indexOf(level)),
        id,
      );
    }
  }
});

test('what is said of the well-kept site is no error, and true of it', () => {
  const findings = [...(seen.get('innocent')?.values() ?? [])].flatMap((result) =>
    result.outcome === 'fell-short' ? result.findings : [],
  );
  assert.deepEqual(
    findings.map(({ rule, level }) => `${rule} ${level}`),
    [
      // It redirects every request over plain http, forms too.
      'https.plain-post warning',
      // A certificate of a test ends tomorrow, and Node.js offers CBC.
      'https.tls-suites note',
      'https.tls-certificate warning',
      // helmet's default is 'self', and inline styles apply.
      'csp.base-uri warning',
      'csp.fallback note',
      // helmet sends none.
      'headers.permissions-policy note',
      'headers.security-txt note',
      // express-session calls its cookie connect.sid.
      'cookies.prefix warning',
      // Express answers for any Host.
      'firewall.host warning',
    ],
  );
});

test('no report shows the value of a cookie or a secret', () => {
  const all = JSON.stringify([...seen.values()].flatMap((results) => Array.from(results.values())));
  assert.ok(all.includes('Set-Cookie'));
  assert.doesNotMatch(all, /0123456789|hunter2|as-it-comes|dark-as-night|light-as-day/);
});
