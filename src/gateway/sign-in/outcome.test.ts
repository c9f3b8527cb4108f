import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Answered, type Asked, judgeAnswer } from './outcome.ts';

const HTML = ['Content-Type', 'text/html; charset=utf-8'];
const JSON_TYPE = ['Content-Type', 'application/json'];
const FORM = '<form method=post><input name=username><input type=password name=password></form>';

function flask(payload: string): string {
  return `session=${Buffer.from(payload).toString('base64url')}.aSyH1w.signature`;
}

function judged(answered: Partial<Answered>, asked: Partial<Asked> = {}): string {
  const isSignInPage = (path: string): boolean => path === '/login';
  const whole = { path: '/login', cookies: undefined, told: undefined, isSignInPage, ...asked };
  return judgeAnswer(whole, { status: 200, lines: [], body: undefined, ...answered }).outcome;
}

const set = (cookie: string): string[] => ['Set-Cookie', `${cookie}; Path=/; HttpOnly`];
const to = (location: string): string[] => ['Location', location];

test('a redirect elsewhere with a session that is new, or another one, is a success', () => {
  assert.equal(judged({ status: 302, lines: [...to('/'), ...set('sessionid=abc')] }), 'success');
  assert.equal(
    judged({ status: 303, lines: [...to('https://example.com/account'), ...set('connect.sid=s%3Aa')] }),
    'success',
  );
  assert.equal(judged({ status: 302, lines: [...to('/notes'), ...set(flask('{"user":"ann"}'))] }), 'success');
  const cookies = 'PHPSESSID=before';
  assert.equal(
    judged({ status: 302, lines: [...to('/'), ...set('PHPSESSID=after')] }, { cookies }),
    'success',
  );
  // A form that is on the page it leads to: the session tells.
  assert.equal(
    judged({ status: 302, lines: [...to('/login'), ...set(flask('{"_user_id":"7"}'))] }),
    'unknown',
  );
  const home = { path: '/', isSignInPage: () => false };
  assert.equal(
    judged({ status: 302, lines: [...to('/'), ...set(flask('{"_user_id":"7"}'))] }, home),
    'success',
  );
});

test('the form again is a failure, whatever cookies come with it', () => {
  assert.equal(judged({ lines: HTML, body: FORM }), 'failure');
  assert.equal(
    judged({ lines: [...HTML, ...set(flask('{"_flashes":[{" t":["message","Wrong"]}]}'))], body: FORM }),
    'failure',
  );
  assert.equal(judged({ lines: [...HTML, ...set('csrftoken=abcdef')], body: FORM }), 'failure');
  assert.equal(judged({ status: 302, lines: to('/login?error=1') }), 'failure');
  assert.equal(judged({ status: 302, lines: [...to('/login'), ...set('connect.sid=new')] }), 'failure');
  assert.equal(judged({ status: 302, lines: [...to('/?login=failed'), ...set('sid=new')] }), 'failure');
  assert.equal(judged({ status: 302, lines: to('/auth/failure') }), 'failure');
});

test('a status that refuses is a failure, and one of a fault is nothing', () => {
  for (const status of [400, 401, 403, 404, 422, 423, 429])
    assert.equal(judged({ status, lines: set('session=abc') }), 'failure', String(status));
  for (const status of [500, 502, 503])
    assert.equal(judged({ status, lines: set('session=abc') }), 'unknown');
});

test('JSON is read: a token, a word of failure', () => {
  const token = 'x'.repeat(20);
  for (const [body, outcome] of [
    [`{"access_token":"${token}"}`, 'success'],
    [`{"data":{"token":"${token}"}}`, 'success'],
    ['{"success":false}', 'failure'],
    [`{"error":"wrong","token":"${token}"}`, 'failure'],
    ['{"errors":[{"field":"password"}]}', 'failure'],
    ['{"status":"fail"}', 'failure'],
    ['{"id":7}', 'unknown'],
    [`{"csrf":"${token}"}`, 'unknown'],
    ['{"errors":[],"error":null,"id":7}', 'unknown'],
    ['{"message":"Wrong"}', 'unknown'],
    ['[]', 'unknown'],
    ['{', 'unknown'],
  ] as const)
    assert.equal(judged({ lines: JSON_TYPE, body }), outcome, body);
  assert.equal(judged({ lines: [...JSON_TYPE, ...set('sid=abc')], body: '{"id":7}' }), 'success');
  assert.equal(judged({ lines: [...JSON_TYPE, ...set('sid=abc')], body: '{"message":"Wrong"}' }), 'unknown');
});

test('what is not plain is unknown, and never a success', () => {
  assert.equal(judged({}), 'unknown');
  assert.equal(judged({ status: 302, lines: to('/') }), 'unknown');
  assert.equal(judged({ status: 302, lines: [...to('/'), ...set('theme=dark')] }), 'unknown');
  assert.equal(judged({ status: 302, lines: [...to('/'), 'Set-Cookie', 'session=; Max-Age=0'] }), 'unknown');
  const cookies = 'sessionid=same';
  assert.equal(
    judged({ status: 302, lines: [...to('/'), ...set('sessionid=same')] }, { cookies }),
    'unknown',
  );
  assert.equal(judged({ lines: [...HTML, ...set('sid=abc')], body: '<p>Wrong.</p>' }), 'unknown');
  assert.equal(judged({ status: 302, lines: [...to('/'), ...set(flask('{"_flashes":[]}'))] }), 'unknown');
  assert.equal(judged({ status: 302, lines: to('http://[') }), 'unknown');
});

test('what the policy says of answers counts before every sign', () => {
  const failure = { body: 'Wrong.' };
  const success = { status: 302, location: '/account', cookie: 'who' };
  const good = { status: 302, lines: [...to('/account?a'), ...set('who=ann')] };
  assert.equal(judged(good), 'unknown');
  assert.equal(judged(good, { told: { success, failure: undefined } }), 'success');
  for (const other of [
    { ...good, status: 303 },
    { ...good, lines: to('/account') },
    { ...good, lines: set('who=ann') },
  ])
    assert.equal(judged(other, { told: { success, failure: undefined } }), 'failure');
  const told = { success: undefined, failure };
  assert.equal(judged({ lines: set('sid=a'), status: 200, body: '<p>Wrong.</p>' }, { told }), 'failure');
  assert.equal(judged({ status: 302, lines: [...to('/'), ...set('sid=a')] }, { told }), 'success');
});
