import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fixedSecrets, TEST_SECRET } from '../../../test/support/secrets.ts';
import type { AuditEvent } from '../../audit/audit-event.ts';
import { defaultsOf } from '../../core/options.ts';
import { Layer } from '../../layer/layer.ts';
import { layerMetrics } from '../../layer/layer-metrics.ts';
import type { PolicyOptions } from '../../policy/policy.ts';
import { readPolicy } from '../../policy/read-policy.ts';
import type { State } from '../../stores/ports/state.ts';
import { memory } from '../../stores/memory/state.ts';
import { cspOptions } from '../csp/csp.options.ts';
import { versionOf } from '../csp/reporting.ts';
import { type Asked, type Recorded, RecorderHost } from '../../testing/recorder.ts';

const OWN = 'https://example.com';
/** What pages name where the policy says nothing of it. */
const PLACE = `/csp-reports?v=${versionOf(defaultsOf(cspOptions), [])}`;
const PAGE = { headers: { 'content-type': 'text/html' } };

interface Site {
  readonly host: RecorderHost;
  readonly state: State;
  readonly events: AuditEvent[];
  readonly facts: () => Promise<readonly unknown[]>;
}

async function siteOf(options: PolicyOptions = {}): Promise<Site> {
  const state = memory();
  const events: AuditEvent[] = [];
  const policy = await readPolicy({
    environment: 'production',
    origin: OWN,
    secrets: fixedSecrets(TEST_SECRET),
    state,
    access: { otherwise: 'signed-in' },
    reports: { path: '/csp-reports' },
    audit: { sink: (_line, event) => void events.push(event) },
    ...options,
  });
  const host = new RecorderHost(new Layer(policy));
  return {
    host,
    state,
    events,
    facts: async () => {
      await host.layer.reports?.flush();
      const all = (await state.reports?.list()) ?? [];
      return all.map(({ kind, facts, count }) => [kind, JSON.parse(facts), count] as const);
    },
  };
}

function violation(changes: Readonly<Record<string, unknown>> = {}): object {
  return {
    type: 'csp-violation',
    url: `${OWN}/notes`,
    body: {
      documentURL: `${OWN}/notes?token=abc`,
      effectiveDirective: 'img-src',
      blockedURL: 'https://images.example/a.png?who=ann',
      disposition: 'report',
      ...changes,
    },
  };
}

/** As Chromium sends it: Origin, and nothing of Fetch Metadata. */
function posted(reports: unknown, changes: Partial<Asked> = {}): Asked {
  const body = JSON.stringify(reports);
  return {
    method: 'POST',
    target: PLACE,
    body,
    ...changes,
    headers: {
      'content-type': 'application/reports+json',
      'content-length': String(Buffer.byteLength(body)),
      origin: OWN,
      ...changes.headers,
    },
  };
}

/** As browsers send it by report-uri. */
function postedOld(report: unknown, changes: Partial<Asked> = {}): Asked {
  const headers = {
    'content-type': 'application/csp-report',
    'sec-fetch-site': 'same-origin',
    'sec-fetch-mode': 'no-cors',
    'sec-fetch-dest': 'report',
  };
  return posted({ 'csp-report': report }, { ...changes, headers: { ...headers, ...changes.headers } });
}

const statusOf = ({ verdict }: Recorded): number | undefined => verdict?.status;

test('takes what browsers report, on a site that asks everyone to sign in, and sets no cookie', async () => {
  const { host, facts } = await siteOf();
  const taken = await host.run(posted([violation(), violation()]));
  assert.equal(statusOf(taken), 204);
  assert.equal(taken.head.getHeader('set-cookie'), undefined);
  const old = {
    'document-uri': `${OWN}/notes`,
    'violated-directive': "img-src 'self'",
    'blocked-uri': 'data',
  };
  assert.equal(statusOf(await host.run(postedOld(old))), 204);
  assert.deepEqual(
    (await facts()).toSorted(),
    [
      ['csp-violation', { page: '/notes', directive: 'img-src', blocked: 'data', disposition: 'enforce' }, 1],
      [
        'csp-violation',
        { page: '/notes', directive: 'img-src', blocked: 'https://images.example', disposition: 'report' },
        2,
      ],
    ].toSorted(),
  );
  // Nothing else is opened by it: other methods, and other paths.
  for (const other of [
    { method: 'GET' },
    { target: '/csp-reports/' },
    { target: '/csp-reports/x' },
    { target: '/' },
  ])
    assert.equal(statusOf(await host.run(posted([violation()], other))), 401, JSON.stringify(other));
});

test('of pages of other sites nothing is taken', async () => {
  const { host, facts } = await siteOf();
  const elsewhere = { origin: 'https://other.example' };
  assert.equal(statusOf(await host.run(posted([violation()], { headers: elsewhere }))), 403);
  assert.equal(statusOf(await host.run(posted([violation()], { headers: { origin: 'null' } }))), 403);
  const site = { 'sec-fetch-site': 'cross-site' };
  const { origin: _origin, ...headers } = postedOld({}).headers ?? {};
  assert.equal(statusOf(await host.run({ ...postedOld({}), headers: { ...headers, ...site } })), 403);
  // Who writes the requests by hand says what they like: then the page is of another site.
  await host.run(
    posted([violation({ documentURL: 'https://other.example/' }), { type: 'csp-violation' }, 7]),
  );
  assert.deepEqual(await facts(), []);
  assert.deepEqual(host.layer.reports?.fates, { taken: 0, foreign: 4, noise: 0, unknown: 2, dropped: 0 });
});

test('what is no report, or more than browsers send, is refused with its reason', async () => {
  const { host, events } = await siteOf({ reports: { path: '/csp-reports', limit: '5/minute' } });
  const json = { 'content-type': 'application/json' };
  assert.equal(statusOf(await host.run(posted([], { headers: json }))), 415);
  assert.equal(statusOf(await host.run(posted([], { headers: { 'content-length': '65537' } }))), 413);
  const chunked = { ...posted(['x'.repeat(70_000)]).headers };
  delete (chunked as Record<string, unknown>)['content-length'];
  const large = { ...posted(['x'.repeat(70_000)]), headers: { ...chunked, 'transfer-encoding': 'chunked' } };
  assert.equal(statusOf(await host.run(large)), 413);
  assert.equal(statusOf(await host.run({ ...posted([]), body: '[{' })), 400);
  assert.equal(statusOf(await host.run(posted({ reports: [] }))), 400);
  assert.equal(statusOf(await host.run(posted([]))), 204);
  assert.equal(statusOf(await host.run(posted([]))), 204);
  const over = await host.run(posted([]));
  assert.equal(statusOf(over), 429);
  assert.ok(Number(over.head.getHeader('retry-after')) > 0);
  // Somebody else may still.
  assert.equal(statusOf(await host.run(posted([], { peer: '198.51.100.9' }))), 204);
  const reasons = events.filter(({ guard }) => guard === 'reports').map(({ details }) => details?.['reason']);
  assert.ok(reasons.includes('its type is none of reports') && reasons.includes('it is no report'));
});

test('in observe the application gets its reports, and they are counted', async () => {
  const { host, facts } = await siteOf({
    reports: { mode: 'observe', path: '/csp-reports' },
    access: { otherwise: 'anyone' },
  });
  let asked = 0;
  const passed = await host.run(posted([violation()]), ({ body }) => {
    asked += 1;
    assert.equal(body.begun, false);
    return {};
  });
  assert.deepEqual([statusOf(passed), asked, (await facts()).length], [undefined, 1, 1]);
});

test('pages say where, with the policy that they were sent, and by report-uri alone where there is no https', async () => {
  const { host, state } = await siteOf({ access: { otherwise: 'anyone' }, csp: { mode: 'observe' } });
  const secure = await host.run({}, () => PAGE);
  const policy = String(secure.head.getHeader('content-security-policy-report-only'));
  const [, version] = /;report-uri \/csp-reports\?v=([\w-]{10});report-to csp$/.exec(policy) ?? [];
  assert.ok(version !== undefined, policy);
  assert.match(policy, /script-src 'nonce-[^']+' 'strict-dynamic' 'report-sample';/);
  assert.equal(
    secure.head.getHeader('reporting-endpoints'),
    `csp="/csp-reports?v=${version}", default="/csp-reports?v=${version}"`,
  );
  await host.run(posted([violation()], { target: `/csp-reports?v=${version}` }));
  // No page of this site has any of these.
  for (const made of ['?v=made%20up', '?v=abcdefghij', ''])
    await host.run(posted([violation()], { target: `/csp-reports${made}` }));
  await host.run({}, () => PAGE);
  await host.layer.reports?.flush();
  const all = (await state.reports?.list()) ?? [];
  assert.deepEqual(
    all.map((one) => [one.kind, one.version, one.count]).toSorted(),
    [
      ['csp-violation', version, 1],
      ['pages', version, 2],
    ].toSorted(),
  );
  // Another policy has another name.
  const other = await siteOf({
    csp: { directives: { 'img-src': ["'self'"] } },
    access: { otherwise: 'anyone' },
  });
  const line = String((await other.host.run({}, () => PAGE)).head.getHeader('content-security-policy'));
  assert.ok(/report-uri \/csp-reports\?v=/.test(line) && !line.includes(version));
});

test('where the policy is reported elsewhere, or none is sent, reports that name none are taken', async () => {
  for (const csp of [{ report: '/csp-reports' }, { mode: 'off' }] as const) {
    const { host, facts } = await siteOf({ csp });
    await host.run(posted([violation()], { target: '/csp-reports' }));
    await host.run(posted([violation()], { target: '/csp-reports?v=abcdefghij' }));
    const all = await facts();
    assert.equal(all.length, 1, JSON.stringify(csp));
  }
});

test('Integrity-Policy and the opener policy report there as well, where pages name the place', async () => {
  const { host } = await siteOf({
    access: { otherwise: 'anyone' },
    headers: { integrityPolicy: 'enforce' },
  });
  const { head } = await host.run({}, () => PAGE);
  assert.equal(head.getHeader('integrity-policy'), 'blocked-destinations=(script), endpoints=(csp)');
  assert.equal(head.getHeader('cross-origin-opener-policy'), 'same-origin; report-to="csp"');
  const silent = await siteOf({ access: { otherwise: 'anyone' }, reports: {} });
  const without = (await silent.host.run({}, () => PAGE)).head;
  assert.equal(without.getHeader('cross-origin-opener-policy'), 'same-origin');
});

test('an application on plain http gets its reports too', async () => {
  const { host } = await siteOf({
    environment: 'development',
    origin: 'http://localhost:3000',
    access: { otherwise: 'anyone' },
  });
  const { head } = await host.run({ encrypted: false, headers: { host: 'localhost:3000' } }, () => PAGE);
  const policy = String(head.getHeader('content-security-policy'));
  assert.match(policy, /;report-uri \/csp-reports\?v=[\w-]{10}$/);
  assert.equal(head.getHeader('reporting-endpoints'), undefined);
});

test('what no browser had reported before is told once, and what became of all is counted', async () => {
  const { host, events } = await siteOf();
  await host.run(posted([violation()]));
  await host.layer.reports?.flush();
  await host.run(posted([violation()], { peer: '198.51.100.9' }));
  await host.layer.reports?.flush();
  const told = events.filter(({ event }) => event === 'sys_browser_report');
  assert.equal(told.length, 1);
  assert.equal(told[0]?.details?.['blocked'], 'https://images.example');
  const metric = layerMetrics(host.layer).find(({ name }) => name === 'bulwark_reports');
  assert.deepEqual(metric?.samples[0], [{ result: 'taken' }, 2]);
});

test('without a path nothing is taken, and no page says where', async () => {
  const { host } = await siteOf({ reports: {} });
  assert.equal(statusOf(await host.run(posted([violation()]))), 401);
  const { head } = await host.run({}, () => PAGE);
  assert.equal(head.getHeader('reporting-endpoints'), undefined);
  assert.equal(host.layer.reports, undefined);
});

test('a state without reports is refused at the start, in words', async () => {
  const { reports: _reports, ...state } = memory();
  await assert.rejects(siteOf({ state }), /reports\.path: the state keeps no reports: take sqlite/);
});
