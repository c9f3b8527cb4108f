import assert from 'node:assert/strict';
import { appendFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { runCommand } from '../../test/support/command-run.ts';
import { TEST_SECRET } from '../../test/support/secrets.ts';
import { silenceKey } from '../alerts/alert-book.ts';
import { Tally } from '../alerts/tally.ts';
import { sqlite } from '../stores/sqlite/state.ts';

const FOLDER = mkdtempSync(join(tmpdir(), 'bulwark-alerts-'));
after(() => rmSync(FOLDER, { recursive: true, force: true }));

const LOG = join(FOLDER, 'audit.jsonl');
const DATA = join(FOLDER, 'data');
const TAKEN = join(FOLDER, 'taken');
const CHAT = `[{ name: 'chat', send: async (records) => append(${JSON.stringify(TAKEN)}, records[0].line + '\\n') }]`;
/** Each command has a process of its own, and so its state: here it has a policy of its own. */
const POLICY = (): string => policy(`policy${(policies += 1)}`, CHAT);
let policies = 0;

function policy(name: string, to: string): string {
  const file = join(FOLDER, `${name}.mjs`);
  const store = JSON.stringify(import.meta.resolve('../stores/sqlite/state.ts'));
  writeFileSync(
    file,
    `import { appendFileSync as append } from 'node:fs';
    import { sqlite } from ${store};
    export default { origin: 'https://a.example.com', secrets: { name: 't', load: () => ['${TEST_SECRET}'], remedy: () => '' },
      state: sqlite(${JSON.stringify(DATA)}), audit: { file: ${JSON.stringify(LOG)}, spool: { folder: ${JSON.stringify(join(FOLDER, 'spool'))} } },
      alerts: { to: ${to}, rules: { 'one-account': { threshold: '2/hour' } } } };`,
  );
  return file;
}

function old(name: string, events: readonly object[]): string {
  const file = join(FOLDER, `${name}.jsonl`);
  for (const [index, event] of events.entries()) {
    const time = new Date(Date.UTC(2025, 0, 1, 0, 0, index)).toISOString();
    const line = { time, level: 'warn', outcome: 'failure', service: 'shop', ...event };
    appendFileSync(file, `${JSON.stringify(line)}\n`);
  }
  return file;
}

test('test: every receiver gets an alert that says it is one, and one that does not take it is a no', async () => {
  const good = await runCommand(['alerts', 'test', '--policy', POLICY()]);
  assert.deepEqual([good.code, good.out], [0, 'chat: taken\n']);
  assert.match(readFileSync(TAKEN, 'utf8'), /"This is a test: nothing happened\."/);
  const broken = policy(
    'broken',
    "[{ name: 'chat', send: async () => { throw new Error('gone\\u001b[2J') } }]",
  );
  const bad = await runCommand(['alerts', 'test', '--policy', broken]);
  assert.equal(bad.code, 1);
  assert.match(bad.out, /^chat: not taken \(gone\\u\{1b\}\[2J\)/);
});

test('replay: says what an old log would have raised, by the thresholds of the policy, and raises nothing', async () => {
  const log = old(
    'guesses',
    Array.from({ length: 5 }, (_, index) => ({
      event: 'authn_login_fail',
      account: 'ann\u001b[2J',
      client: `10.0.${index}.1`,
    })),
  );
  const mild = await runCommand(['alerts', 'replay', log]);
  assert.deepEqual([mild.code, mild.out], [0, '']);
  const strict = await runCommand(['alerts', 'replay', log, '--policy', POLICY(), '--json']);
  const [alert, ...rest] = strict.out.trim().split('\n');
  assert.deepEqual(rest, []);
  const { rule, time } = JSON.parse(alert ?? '') as { rule: string; time: string };
  assert.deepEqual([rule, time], ['one-account', '2025-01-01T00:00:02.000Z']);
  const shown = await runCommand(['alerts', 'replay', log, '--policy', POLICY()]);
  assert.match(shown.out, /one-account {2}ann\\u\{1b\}\[2J {2}/);
});

test('silence: holds in the state that all processes share, is an event, and has an end', async () => {
  const asked = ['alerts', 'silence', 'csp-new', '--for', '4h', '--reason', 'release', '--policy', POLICY()];
  const { code, out } = await runCommand(asked);
  assert.equal(code, 0);
  assert.match(out, /^Silent until .*Z: csp-new\.\n$/);
  const state = sqlite(DATA);
  const left = await new Tally(state.counters).leftMs(silenceKey('csp-new'), Date.now());
  assert.ok(left > 3.9 * 3_600_000 && left <= 4 * 3_600_000);
  assert.equal(await new Tally(state.counters).leftMs(silenceKey('stuffing'), Date.now()), 0);
  await state.close();
  const listed = await runCommand(['alerts', 'list', LOG]);
  assert.match(listed.out, /alert_silenced {2}rule=csp-new {2}until=.* {2}reason=release/);
});

test('silence: a rule that is none, and a time without an end, are wrong use', async () => {
  const rest = ['--reason', 'a', '--policy', POLICY()];
  const misspelt = await runCommand(['alerts', 'silence', 'csp', '--for', '1h', ...rest]);
  assert.equal(misspelt.code, 2);
  assert.match(misspelt.err, /no rule csp/);
  for (const long of ['8d', 'forever'])
    assert.equal((await runCommand(['alerts', 'silence', 'all', '--for', long, ...rest])).code, 2, long);
});

test('audit verify --alert: a changed log is told, and a whole one is not', async () => {
  const verify = (): string[] => ['audit', 'verify', LOG, '--policy', POLICY(), '--alert'];
  const before = readFileSync(TAKEN, 'utf8');
  assert.equal((await runCommand(verify())).code, 0);
  assert.equal(readFileSync(TAKEN, 'utf8'), before);
  writeFileSync(LOG, readFileSync(LOG, 'utf8').replace('"reason":"release"', '"reason":"nothing"'));
  assert.equal((await runCommand(verify())).code, 1);
  const told = readFileSync(TAKEN, 'utf8').slice(before.length);
  assert.match(told, /"rule":"log-broken"/);
  assert.equal((await runCommand(['alerts', 'list', LOG, '--event', 'alert_raised'])).code, 0);
});
