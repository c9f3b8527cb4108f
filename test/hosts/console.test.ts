/** The operators' console on every host: the same pages, for those whom they are for, and what strangers write harms none of them. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { type IncomingMessage, request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { after, before, describe, test } from 'node:test';
import { PersonKeys } from '../../src/audit/personal/person-keys.ts';
import { LAYER_PARTS } from '../../src/core/layer-parts.ts';
import { ask, type RawAnswer, sessionCookieOf, valueOf } from '../../src/testing/wire.ts';
import { CONSOLE_HOSTS } from './console-hosts.ts';
import type { Running } from './hosts.ts';

const OWN = { 'sec-fetch-site': 'same-origin' };
const TO_SITE = { host: 'example.com', 'x-forwarded-for': '192.0.2.1', 'x-forwarded-proto': 'https' };
const PAGE = { ...OWN, accept: 'text/html' };
const PAGES = [
  '',
  '/events',
  '/live',
  '/alerts',
  '/reports',
  '/guards',
  '/policy',
  '/stores',
  '/story?account=ann',
];
const EVIL = `<img src=x onerror=alert(1)>"'=1+1`;
const FORMULA = '=HYPERLINK("http://192.0.2.1","x")';

/** As a browser has it: blanks between attributes are none, and between words one. */
function squeezed(answer: RawAnswer): RawAnswer {
  return { ...answer, body: answer.body.replaceAll(/\s+/g, ' ').replaceAll(' >', '>') };
}

async function enter(port: number, query: string): Promise<string> {
  const answer = await ask(port, { method: 'POST', target: `/enter?${query}`, headers: OWN });
  return sessionCookieOf(answer) ?? assert.fail(`${answer.status} ${answer.body}`);
}

interface Stream {
  readonly type: string;
  /** What came up to and with a match. */
  readonly until: (pattern: RegExp) => Promise<string>;
}

async function openStream(port: number, path: string, cookie: string, lastId?: string): Promise<Stream> {
  const asking = request({
    port,
    path,
    headers: {
      ...TO_SITE,
      ...OWN,
      cookie,
      accept: 'text/event-stream',
      ...(lastId !== undefined && { 'last-event-id': lastId }),
    },
  });
  asking.end();
  const [response] = (await once(asking, 'response')) as [IncomingMessage];
  const until = async (pattern: RegExp): Promise<string> => {
    let text = '';
    for await (const piece of response) {
      text += String(piece);
      if (pattern.test(text)) break;
    }
    return text;
  };
  return { type: response.headers['content-type'] ?? '', until };
}

for (const [name, start] of Object.entries(CONSOLE_HOSTS)) {
  describe(`the console on ${name}`, () => {
    let running: Running;
    let operator: string;
    const fetched = (target: string, cookie?: string): Promise<RawAnswer> =>
      ask(running.port, { target, headers: { ...PAGE, ...(cookie !== undefined && { cookie }) } });
    const get = async (target: string, cookie?: string): Promise<RawAnswer> =>
      squeezed(await fetched(target, cookie));

    before(async () => {
      running = await start();
      operator = await enter(running.port, 'role=operator&mfa=1');
    });
    after(() => running.stop());

    test('v5.0.0-8.2.1 (in part) is for a signed-in operator with a second factor, and for nobody else', async () => {
      const others = [
        undefined,
        await enter(running.port, 'mfa=1&account=bob'),
        await enter(running.port, 'role=operator&account=cleo'),
      ];
      for (const path of [...PAGES, '/events.csv', '/console.css'])
        for (const [index, cookie] of others.entries()) {
          const { status, body } = await get(`/admin${path}`, cookie);
          assert.ok([302, 303, 401, 403].includes(status), `${path} ${index}: ${status}`);
          assert.doesNotMatch(body, /<h1>(?:Overview|Events|Guards|Policy|Stores|Story)/, path);
        }
    });

    test('has each page, with nothing inline, and a frame that says where one is', async () => {
      for (const path of PAGES) {
        const answer = await get(`/admin${path}`, operator);
        assert.equal(answer.status, 200, `${path} ${answer.body}`);
        assert.match(valueOf(answer, 'content-type') ?? '', /^text\/html; charset=utf-8/);
        assert.equal(valueOf(answer, 'cache-control'), 'no-store', path);
        assert.doesNotMatch(answer.body, /\sstyle="|\son[a-z]+="|<style|<script(?![^>]* src=)/i, path);
        assert.match(answer.body, /<html lang="en">[^]*<h1>[^]*<\/html>/, path);
        if (!path.startsWith('/story'))
          assert.match(answer.body, new RegExp(`href="/admin${path}" aria-current="page"`), path);
      }
      assert.equal((await get('/admin/console.css', operator)).status, 200);
    });

    test('what strangers write stands in its pages as text, and in its file as no formula', async () => {
      const target = `/nobody?${encodeURIComponent(EVIL)}`;
      await ask(running.port, {
        method: 'POST',
        target: '/nobody',
        headers: { 'sec-fetch-site': 'cross-site' },
      });
      await ask(running.port, { target, headers: { host: 'evil.example' } });
      running.layer.audit('sensitive_delete', { note: EVIL, row: `\u001b[2J\u202e${FORMULA}` });
      running.layer.audit('sensitive_create', { account: FORMULA });
      for (const path of ['', '/events', '/events?event=sensitive_*']) {
        const { body } = await get(`/admin${path}`, operator);
        assert.match(body, /&lt;img src=x/, path);
        assert.doesNotMatch(body, /<img|[\u001b\u202e]/, path);
        assert.ok(body.includes('\\u{1b}[2J\\u{202e}=HYPERLINK'), path);
      }
      const found = await get(`/admin/events?account=${encodeURIComponent(FORMULA)}`, operator);
      assert.match(found.body, / 1 event, newest first/);
      const csv = await fetched('/admin/events.csv', operator);
      assert.match(valueOf(csv, 'content-type') ?? '', /^text\/csv/);
      assert.match(valueOf(csv, 'content-disposition') ?? '', /^attachment; filename="events.csv"/);
      assert.ok(csv.body.includes(`"'=HYPERLINK(""http`), csv.body);
      assert.doesNotMatch(csv.body, /(?:^|,)"?[=+@]|[\u001b\u202e]/m);
    });

    test('shows what happened, in numbers and in stories', async () => {
      const { body } = await get('/admin', operator);
      assert.match(body, /<svg viewBox="0 0 480 170" role="img" aria-label="Requests: \d+ in all/);
      assert.match(body, /<a href="\/admin\/events\?guard=host">host<\/a>/);
      const events = await get('/admin/events?guard=host', operator);
      const story = /href="(\/admin\/story\?request=[^"]+)"/.exec(events.body)?.[1];
      assert.ok(story !== undefined, events.body);
      assert.match((await get(story, operator)).body, /<h1>Story of a request<\/h1>[^]*<b>[a-z_]+<\/b>/);
      const further = await get('/admin/events?event=no_such_event', operator);
      assert.match(further.body, /No event here is like this/);
    });

    test('events come as they happen, to whoever may see them', async () => {
      const { port, layer } = running;
      const page = await get('/admin/live?account=zoe', operator);
      assert.match(
        page.body,
        /data-live="\/admin\/live\/events\?account=zoe"[^]*<script src="\/admin\/live.js" nonce="/,
      );
      const stream = await openStream(port, '/admin/live/events?account=zoe', operator);
      assert.match(stream.type, /^text\/event-stream/);
      layer.audit('sensitive_create', { account: 'zoe', note: EVIL });
      layer.audit('sensitive_create', { account: 'tom' });
      const text = await stream.until(/event: events\n[^]*?\n\n/);
      assert.match(text, /^retry: 500\nid: \d+\.[\w-]{22}\nevent: open\n/);
      assert.match(text, /"event":"sensitive_create","who":"zoe/);
      assert.doesNotMatch(text, /tom/);
      // What was noted goes on without another word; a number that somebody made up, or took elsewhere, is noted.
      const id = /\nid: (\S+)/.exec(text)?.[1] ?? assert.fail();
      const looks = (): readonly unknown[] =>
        running.events
          .filter(({ event, details }) => event === 'sensitive_read' && details?.['what'] === 'live')
          .map(({ details }) => [details?.['account'], details?.['about']]);
      const before = looks().length;
      const goOn = async (query: string, lastId: string): Promise<unknown> => {
        const again = await openStream(port, `/admin/live/events${query}`, operator, lastId);
        await again.until(/event: open\n/);
        return looks().slice(before);
      };
      assert.deepEqual(await goOn('?account=zoe', id), []);
      const noted = [[undefined, 'after=0']];
      assert.deepEqual(await goOn('', '0'), noted);
      const elsewhere = [undefined, `after=${id.split('.')[0]}`];
      assert.deepEqual(await goOn('', id), [...noted, elsewhere]);
      const other = await enter(port, 'role=operator&account=cleo');
      assert.ok([302, 303, 401, 403].includes((await get('/admin/live/events', other)).status));
    });

    test('a rule is silenced for a while, with a reason, and by a form of this site alone', async () => {
      const page = await get('/admin/alerts', operator);
      const token = /name="_csrf" value="([^"]+)"/.exec(page.body)?.[1] ?? assert.fail(page.body);
      const post = (fields: Readonly<Record<string, string>>, headers: object = OWN): Promise<RawAnswer> =>
        ask(running.port, {
          method: 'POST',
          target: '/admin/alerts/silence',
          headers: {
            ...headers,
            cookie: operator,
            accept: 'text/html',
            'content-type': 'application/x-www-form-urlencoded',
          },
          body: new URLSearchParams({ _csrf: token, ...fields }).toString(),
        });
      const wrong = await post({ rule: 'csp-new', for: '1h' });
      assert.equal(wrong.status, 400);
      assert.match(wrong.body, /role="alert"[^]*Say why/);
      const fields = { rule: 'csp-new', for: '1h', reason: 'a release' };
      assert.equal((await post(fields, { 'sec-fetch-site': 'cross-site' })).status, 403);
      const done = await post(fields);
      assert.deepEqual([done.status, valueOf(done, 'location')], [303, '/admin/alerts']);
      const told = running.events.filter(({ event }) => event === 'alert_silenced');
      assert.deepEqual(
        told.map(({ account, details }) => [account, details?.['reason']]),
        [['ann', 'a release']],
      );
      assert.match((await get('/admin/alerts', operator)).body, /silent until <time/);
    });

    test('an operator who looks for somebody is in the log themselves', () => {
      const looked = running.events.filter(({ event }) => event === 'sensitive_read');
      const told = looked.map(({ account, details = {} }) => [account, details['what']].join(' '));
      for (const one of ['ann overview', 'ann events', 'ann export', 'ann story'])
        assert.ok(told.includes(one), told.join());
      // Without a search, and of a page further on, as well.
      assert.ok(
        looked.some(({ details }) => details?.['what'] === 'events' && details['about'] === undefined),
      );
    });

    test('keeps nothing secret in its policy page', async () => {
      const { body } = await get('/admin/policy', operator);
      assert.match(body, /audit\.sink[^]*?\(set\)/);
      assert.doesNotMatch(body, /kV3nR8yQ0sXw5TzB1mJd7LfHc2Gp9eUo4iAaZxNqWvErYt6b/);
      assert.match(body, /\/operators\/\*\*/);
    });
  });
}

test('where the guards only observe, the console still is there for operators alone', async () => {
  const start = CONSOLE_HOSTS['node:http'] ?? assert.fail();
  const running = await start({
    access: { mode: 'observe' },
    csrf: { mode: 'observe' },
    csp: { mode: 'observe' },
    headers: { mode: 'off' },
  });
  try {
    const get = async (target: string, cookie: string): Promise<RawAnswer> =>
      squeezed(await ask(running.port, { target, headers: { ...PAGE, cookie } }));
    const bob = await enter(running.port, 'role=operator&account=bob');
    assert.equal((await get('/admin/events', bob)).status, 404);
    const cleo = await enter(running.port, 'role=client&mfa=1&account=cleo');
    assert.equal((await get('/admin/events', cleo)).status, 404);
    const operator = await enter(running.port, 'role=operator&mfa=1');
    const { status, body } = await get('/admin/guards', operator);
    assert.equal(status, 200);
    assert.match(body, /csrf only observes[^]*csrf: \{ mode: &#39;enforce&#39; \},/);
    assert.match(body, /access only observes[^]*What that was/);
    const page = await get('/admin/alerts', operator);
    const token = /name="_csrf" value="([^"]+)"/.exec(page.body)?.[1] ?? assert.fail(page.body);
    const post = async (headers: object, fields: object = {}): Promise<number> => {
      const form = { rule: 'csp-new', for: '1h', reason: 'a release', ...fields };
      const answer = await ask(running.port, {
        method: 'POST',
        target: '/admin/alerts/silence',
        headers: { ...headers, cookie: operator, 'content-type': 'application/x-www-form-urlencoded' },
        body: new URLSearchParams(form).toString(),
      });
      return answer.status;
    };
    assert.equal(await post({ 'sec-fetch-site': 'cross-site' }, { _csrf: token }), 403);
    assert.equal(await post({ origin: 'https://evil.example' }, { _csrf: token }), 403);
    assert.equal(await post({}), 403);
    assert.equal(await post({}, { _csrf: token }), 303);
    assert.equal(await post(OWN), 303);
    const told = running.events.filter(({ event }) => event === 'alert_silenced');
    assert.equal(told.length, 2);
    for (const one of ['content-security-policy', 'x-frame-options'])
      assert.match(valueOf(page, one) ?? '', /frame-ancestors 'none'|DENY/, one);
    assert.match(valueOf(page, 'content-security-policy') ?? '', /script-src 'nonce-/);
  } finally {
    await running.stop();
  }
});

test('what is sealed of persons is opened, and once their key is gone neither index nor page has it', async () => {
  const start = CONSOLE_HOSTS['node:http'] ?? assert.fail();
  const folder = mkdtempSync(join(tmpdir(), 'bulwark-console-persons-'));
  const keys = join(folder, 'persons.db');
  const index = join(folder, 'console.db');
  const running = await start({
    audit: { sink: () => undefined, personal: { keys } },
    console: { base: '/admin', index },
  });
  try {
    const operator = await enter(running.port, 'role=operator&mfa=1');
    running.layer.audit('sensitive_create', { account: 'zoe@example.com' });
    const find = async (query: string): Promise<string> =>
      squeezed(
        await ask(running.port, { target: `/admin/events?${query}`, headers: { ...PAGE, cookie: operator } }),
      ).body;
    const rows = /<b>sensitive_create<\/b>/;
    assert.match(await find('account=zoe@example.com'), rows);
    const { keys: ring } = running.layer[LAYER_PARTS].policy;
    const persons = new PersonKeys(keys, ring);
    persons.forget(persons.refsOf('zoe@example.com'));
    persons.close();
    assert.doesNotMatch(await find('account=zoe@example.com'), rows);
    const all = await find('event=sensitive_create');
    assert.match(all, rows);
    assert.match(all, /\(forgotten\)/);
    const database = new DatabaseSync(index, { readOnly: true });
    const lines = database.prepare('SELECT line FROM event').all();
    database.close();
    assert.match(JSON.stringify(lines), /sensitive_create[^]*sensitive_read/);
    assert.doesNotMatch(JSON.stringify(lines), /zoe/);
  } finally {
    await running.stop();
    rmSync(folder, { recursive: true, force: true });
  }
});
