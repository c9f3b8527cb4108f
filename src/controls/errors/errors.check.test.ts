import assert from 'node:assert/strict';
import { test } from 'node:test';
import { HANG_MS } from '../../../test/support/hang.ts';
import { contextOf, runRule, verdictOf } from '../../../test/support/check-site.ts';
import type { Fault } from '../../core/rule.ts';
import { errorsRules } from './errors.check.ts';
import { renderRefusal } from './render.ts';
import { PROBLEMS } from '../../core/problem-types.ts';

async function findings(body: string, status = 500): Promise<readonly Fault[]> {
  const outcome = await runRule(
    errorsRules,
    'errors.not-found',
    contextOf(() => ({ body, status })),
  );
  return outcome.outcome === 'fell-short' ? outcome.faults : [];
}

async function check(body: string, expected: RegExp): Promise<void> {
  const found = await findings(body);
  assert.ok(
    found.some((finding) => expected.test(finding.message)),
    body,
  );
  for (const finding of found) assert.ok(finding.evidence.length <= 200);
}

test('finds stack traces, in plain text and in HTML', async () => {
  await check('TypeError: x\n    at Object.<anonymous> (/srv/app/index.js:10:15)', /JavaScript/);
  await check('<pre>Error: x<br> &nbsp; &nbsp;at Layer.handle (file:///app/a.ts:95:5)</pre>', /JavaScript/);
  await check('Error\n    at async /home/ada/app/db.js:3:1', /JavaScript/);
  await check('Traceback (most recent call last):\n  File "/app/main.py", line 3', /Python/);
  await check('File &#34;/app/main.py&#34;, line 3', /Python/);
  await check('at com.example.App.main(App.java:12)', /Java$/);
  await check('Fatal error: x in /var/www/html/a.php on line <b>3', /PHP/);
  await check("app/models/user.rb:12:in `find'", /Ruby/);
});

test('finds paths, database errors, debuggers and pages of frameworks', async () => {
  await check('cannot open /var/www/app/config.json', /file system/);
  await check("Cannot find module 'x' Require stack: C:\\Users\\ada\\app", /file system/);
  await check('error: syntax error at or near "FROM"', /database/);
  await check('SQLSTATE[42S02]', /database/);
  await check('<title>Werkzeug Debugger</title>', /debugger/);
  await check('<pre>Cannot GET /x</pre>', /framework/);
  await check(
    '{"statusCode":404,"error":"Not Found","message":"Route GET:/x not found"}'.replace(
      '"statusCode":404,',
      '',
    ),
    /framework/,
  );
  await check('<h1>Not Found</h1><p>If you entered the URL manually please check your spelling', /framework/);
  assert.deepEqual(await findings('<title>404 Not Found</title>\n<h1>Not Found</h1>', 404), []);
});

test('finds nothing in our own answers, nor in those that did not fail', async () => {
  const refusal = { ...PROBLEMS.internalError, detail: 'The error was on our side.' };
  for (const wants of ['json', 'html'] as const) {
    assert.deepEqual(await findings(renderRefusal(refusal, wants, 'aB3-_9zZ', 'nonce').body), []);
  }
  assert.deepEqual(await findings('at x (/srv/app/a.js:1:2)', 200), []);
  assert.deepEqual(await findings(''), []);
  assert.deepEqual(await findings('<p>There is nothing at this address. Look at /usr or at 10:30.</p>'), []);
});

test('takes links of a page for no paths of the file system', async () => {
  const page =
    '<a href="/home/office/chairs.js">x</a><script src="/node_modules/a/b.js"></script><img src=\'/var/www/x.json\'>';
  assert.deepEqual(await findings(page, 404), []);
});

test('says nothing of an answer that is no error, and of a body that nobody read', async () => {
  const verdict = (id: string, status: number): Promise<readonly string[]> =>
    verdictOf(
      errorsRules,
      id,
      contextOf(() => ({ status })),
    );
  for (const { id } of errorsRules) {
    assert.deepEqual(await verdict(id, 200), ['not-seen'], id);
    assert.deepEqual(await verdict(id, 400), ['held'], id);
  }
  assert.deepEqual(await verdict('errors.bad-json', 404), ['not-seen']);
  assert.deepEqual(await verdict('errors.not-found', 404), ['held']);
});

test('takes a page made to be slow as fast as any other', async () => {
  const started = performance.now();
  for (const unit of ['at (', 'at a:', '/usr/', '"error"', '#1 /', 'File "', 'at a.b(', '<title>404 ']) {
    await findings(unit.repeat(200_000 / unit.length));
  }
  assert.ok(performance.now() - started < HANG_MS);
});
