import assert from 'node:assert/strict';
import { test } from 'node:test';
import { HANG_MS } from '../../../test/support/hang.ts';
import type { Observation } from '../../core/finding.ts';
import { errorsRules } from './errors.check.ts';
import { renderRefusal } from './render.ts';
import { PROBLEMS } from '../../core/problem-types.ts';

function findings(
  body: string,
  status = 500,
): readonly { message: string; evidence: string; level: string }[] {
  const [rule] = errorsRules;
  const seen: Observation = { method: 'GET', url: 'https://example.com/x', status, rawHeaders: [], body };
  return rule?.check(seen) ?? assert.fail();
}

function check(body: string, expected: RegExp): void {
  const found = findings(body);
  assert.ok(
    found.some((finding) => expected.test(finding.message)),
    body,
  );
  for (const finding of found) assert.ok(finding.evidence.length <= 90);
}

test('finds stack traces, in plain text and in HTML', () => {
  check('TypeError: x\n    at Object.<anonymous> (/srv/app/index.js:10:15)', /JavaScript/);
  check('<pre>Error: x<br> &nbsp; &nbsp;at Layer.handle (file:///app/a.ts:95:5)</pre>', /JavaScript/);
  check('Error\n    at async /home/ada/app/db.js:3:1', /JavaScript/);
  check('Traceback (most recent call last):\n  File "/app/main.py", line 3', /Python/);
  check('File &#34;/app/main.py&#34;, line 3', /Python/);
  check('at com.example.App.main(App.java:12)', /Java$/);
  check('Fatal error: x in /var/www/html/a.php on line <b>3', /PHP/);
  check("app/models/user.rb:12:in `find'", /Ruby/);
});

test('finds paths, database errors, debuggers and pages of frameworks', () => {
  check('cannot open /var/www/app/config.json', /file system/);
  check("Cannot find module 'x' Require stack: C:\\Users\\ada\\app", /file system/);
  check('error: syntax error at or near "FROM"', /database/);
  check('SQLSTATE[42S02]', /database/);
  check('<title>Werkzeug Debugger</title>', /debugger/);
  check('<pre>Cannot GET /x</pre>', /framework/);
  check(
    '{"statusCode":404,"error":"Not Found","message":"Route GET:/x not found"}'.replace(
      '"statusCode":404,',
      '',
    ),
    /framework/,
  );
  check('<title>404 Not Found</title>\n<h1>Not Found</h1>', /framework/);
});

test('finds nothing in our own answers, nor in those that did not fail', () => {
  const refusal = { ...PROBLEMS.internalError, detail: 'The error was on our side.' };
  for (const wants of ['json', 'html'] as const) {
    assert.deepEqual(findings(renderRefusal(refusal, wants, 'aB3-_9zZ', 'nonce').body), []);
  }
  assert.deepEqual(findings('at x (/srv/app/a.js:1:2)', 200), []);
  assert.deepEqual(findings(''), []);
  assert.deepEqual(findings('<p>There is nothing at this address. Look at /usr or at 10:30.</p>'), []);
});

test('asks in three ways, each under an id of its own', () => {
  assert.equal(new Set(errorsRules.map((rule) => rule.id)).size, 3);
  assert.deepEqual(
    errorsRules.map((rule) => rule.probe.method),
    ['GET', 'GET', 'POST'],
  );
});

test('takes a page made to be slow as fast as any other', () => {
  const started = performance.now();
  for (const unit of ['at (', 'at a:', '/usr/', '"error"', '#1 /', 'File "', 'at a.b(', '<title>404 ']) {
    findings(unit.repeat(200_000 / unit.length));
  }
  assert.ok(performance.now() - started < HANG_MS);
});
