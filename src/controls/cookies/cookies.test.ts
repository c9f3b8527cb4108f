import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { FORWARDED } from '../../core/exchange.ts';
import { defaultsOf, readOptions } from '../../core/options.ts';
import { Problems } from '../../core/problems.ts';
import type { HeadPart } from '../../core/head.ts';
import { ListedHead } from '../../core/listed-head.ts';
import { FakeHead, sketchExchange } from '../../../test/support/exchange.ts';
import { cookiesGuard } from './cookies.ts';
import { cookiesOptions, type CookiesSettings } from './cookies.options.ts';
import { parseSetCookie } from './set-cookie.ts';

const SESSION = '__Host-sid';
const RAISED = 'Path=/; Secure; HttpOnly; SameSite=Lax';

function read(input: unknown): { settings: CookiesSettings; problems: Problems } {
  const problems = new Problems('production');
  return { settings: readOptions('cookies', cookiesOptions, input, problems), problems };
}

/** The options in which exceptions are refused. */
function refusals(exceptions: unknown): readonly string[] {
  return read({ exceptions }).problems.errors.map((error) => error.option);
}

/** What leaves of the Set-Cookie lines of an application, and why the rest does not. */
function after(own: string | string[], input: unknown = {}): { lines: unknown; drops: string[] } {
  const { settings, problems } = read(input);
  assert.deepEqual(problems.errors, []);
  const drops: string[] = [];
  const head = new FakeHead(200, { 'set-cookie': own });
  cookiesGuard(settings, [SESSION], (_exchange, drop) => drops.push(drop)).onResponse?.(
    sketchExchange(),
    head,
  );
  return { lines: head.getHeader('set-cookie'), drops };
}

function check(own: string, expected: string, input: unknown = {}): void {
  assert.deepEqual(after(own, input), { lines: [expected], drops: [] });
}

test('v5.0.0-3.3.1 (in part) v5.0.0-3.3.2 v5.0.0-3.3.4 raises a bare cookie to Secure, HttpOnly and SameSite=Lax', () => {
  check('theme=dark', `theme=dark; ${RAISED}`);
  check('theme=dark; SameSite=None', `theme=dark; ${RAISED}`);
  check('theme=dark; SameSite=whatever', `theme=dark; ${RAISED}`);
});

test('raises every one of several lines, and one that is no list', () => {
  assert.deepEqual(after(['a=1', 'b=2; Secure']).lines, [`a=1; ${RAISED}`, `b=2; ${RAISED}`]);
});

test('keeps what is stricter, how long it lives and where it goes', () => {
  check('a=b; SameSite=Strict', 'a=b; Path=/; Secure; HttpOnly; SameSite=Strict');
  check('a=b; Max-Age=60; Path=/app', 'a=b; Max-Age=60; Path=/app; Secure; HttpOnly; SameSite=Lax');
  check('a=; Expires=Thu, 01 Jan 1970 00:00:00 GMT', `a=; Expires=Thu, 01 Jan 1970 00:00:00 GMT; ${RAISED}`);
  check('a=b; Partitioned; Priority=High', `a=b; ${RAISED}; Partitioned; Priority=High`);
});

test('v5.0.0-3.3.3 (in part) takes the Domain away, by which every subdomain would get the cookie', () => {
  check('a=b; Domain=example.com', `a=b; ${RAISED}`);
});

test('makes a prefixed cookie keep the promise of its prefix', () => {
  check('__Host-a=b; Path=/app; Domain=example.com', `__Host-a=b; ${RAISED}`);
  check('__HOST-a=b; Path=/app', `__HOST-a=b; ${RAISED}`);
  check('__Secure-a=b; Path=/app', '__Secure-a=b; Path=/app; Secure; HttpOnly; SameSite=Lax');
});

test('drops a line for a cookie that only Bulwark sets, in any spelling', () => {
  for (const name of [SESSION, '__host-SID', ` ${SESSION} `]) {
    assert.deepEqual(after(`${name}=planted; Path=/`), { lines: undefined, drops: ['protected'] });
  }
  assert.deepEqual(after([`${SESSION}=; Max-Age=0`, 'a=b']), {
    lines: [`a=b; ${RAISED}`],
    drops: ['protected'],
  });
});

test('drops nameless cookies and those with control characters, and says why', () => {
  assert.deepEqual(after([`=${SESSION}=x`, SESSION, 'a\0=b', 'a b=c', `a=${'x'.repeat(5000)}`]), {
    lines: undefined,
    drops: ['nameless', 'nameless', 'control-character', 'name', 'too-large'],
  });
});

test('an exception permits one thing to one cookie', () => {
  const httpOnly = { exceptions: { theme: { httpOnly: false } } };
  check('theme=dark', 'theme=dark; Path=/; Secure; SameSite=Lax', httpOnly);
  check('theme=dark; HttpOnly', `theme=dark; ${RAISED}`, httpOnly);
  check('Theme=dark', `Theme=dark; ${RAISED}`, httpOnly);

  const none = { exceptions: { embed: { sameSite: 'none' } } };
  check('embed=1; SameSite=None', 'embed=1; Path=/; Secure; HttpOnly; SameSite=None', none);
  check('embed=1', `embed=1; ${RAISED}`, none);
  check('other=1; SameSite=None', `other=1; ${RAISED}`, none);

  const domain = { exceptions: { shared: { domain: true } } };
  check('shared=1; Domain=example.com', `shared=1; Domain=example.com; ${RAISED}`, domain);
  check('other=1; Domain=example.com', `other=1; ${RAISED}`, domain);
});

test('strict: every cookie but the excepted', () => {
  const input = { sameSite: 'strict', exceptions: { a: { sameSite: 'lax' } } };
  check('b=1; SameSite=Lax', 'b=1; Path=/; Secure; HttpOnly; SameSite=Strict', input);
  check('a=1; SameSite=Lax', `a=1; ${RAISED}`, input);
  check('a=1; SameSite=None', `a=1; ${RAISED}`, input);
  check('a=1', 'a=1; Path=/; Secure; HttpOnly; SameSite=Strict', input);
});

test('a name that every object has is no exception', () => {
  for (const name of ['constructor', '__proto__', 'toString']) check(`${name}=b`, `${name}=b; ${RAISED}`);
});

test('an answer without cookies is left alone, and nobody is told of it', () => {
  const drops: string[] = [];
  const head = new FakeHead();
  cookiesGuard(defaultsOf(cookiesOptions), [SESSION], (_, drop) => drops.push(drop)).onResponse?.(
    sketchExchange(),
    head,
  );
  assert.equal(head.headers.size, 0);
  assert.deepEqual(drops, []);
});

/** What is left of these names in a part of an answer, and what was said to be dropped. */
function besideTheHead(
  part: HeadPart,
  names: readonly string[],
): { left: readonly string[]; drops: string[] } {
  const drops: string[] = [];
  const head = new ListedHead(
    103,
    names.map((name) => [name, 'a=b'] as const),
    part,
  );
  cookiesGuard(defaultsOf(cookiesOptions), [SESSION], (_, drop) => drops.push(drop)).onResponse?.(
    sketchExchange(),
    head,
  );
  return { left: head.names(), drops };
}

test('takes every cookie out of early hints and trailers, where no rule of ours could raise it', () => {
  for (const [part, drop] of [
    ['hints', 'in early hints'],
    ['trailers', 'in trailers'],
  ] as const) {
    for (const name of ['Set-Cookie', 'Set-Cookie2'])
      assert.deepEqual(besideTheHead(part, ['Link', name]), { left: ['link'], drops: [drop] }, name);
    assert.deepEqual(besideTheHead(part, ['Link']), { left: ['link'], drops: [] });
  }
  assert.deepEqual(besideTheHead('switch', ['Set-Cookie']), { left: ['set-cookie'], drops: [] });
});

test('drops without anyone who is told of it', () => {
  const guard = cookiesGuard(defaultsOf(cookiesOptions), [SESSION]);
  for (const part of ['answer', 'hints', 'trailers'] as const) {
    const head = new ListedHead(200, [['Set-Cookie', '=nameless']], part);
    assert.equal(guard.onResponse?.(sketchExchange(), head), undefined);
    assert.deepEqual(head.names(), [], part);
  }
});

test('refuses exceptions that browsers would answer by dropping the cookie', () => {
  assert.deepEqual(refusals({ '__Host-a': { domain: true } }), ['cookies.exceptions.__Host-a']);
  assert.deepEqual(refusals({ '__Http-a': { httpOnly: false } }), ['cookies.exceptions.__Http-a']);
  assert.deepEqual(refusals({ '__Host-Http-a': { httpOnly: false } }), ['cookies.exceptions.__Host-Http-a']);
  assert.deepEqual(refusals({ 'a=b': { httpOnly: false } }), ['cookies.exceptions.a=b']);
});

test('refuses exceptions that permit nothing, everything, or another thing', () => {
  assert.deepEqual(refusals({ a: {} }), ['cookies.exceptions.a']);
  assert.deepEqual(refusals({ a: { httpOnly: true } })[0], 'cookies.exceptions.a.httpOnly');
  assert.deepEqual(refusals({ a: { domain: 'example.com' } })[0], 'cookies.exceptions.a.domain');
  assert.deepEqual(refusals({ a: { sameSite: 'None' } })[0], 'cookies.exceptions.a.sameSite');
  assert.deepEqual(refusals({ a: { secure: false } })[0], 'cookies.exceptions.a.secure');
  assert.deepEqual(refusals(['a'])[0], 'cookies.exceptions');
  assert.equal(read({ sameSite: 'none' }).problems.errors[0]?.option, 'cookies.sameSite');
});

test('whatever an application writes, what leaves is raised and names no protected cookie', () => {
  const word = fc.constantFrom(
    'a',
    '__Host-sid',
    '__host-SID',
    '=',
    ';',
    ' ',
    'Secure',
    'SameSite=None',
    'Domain=x',
    'Path=/x',
    '\t',
    '\0',
    ',',
  );
  const line = fc.oneof(
    fc.string(),
    fc.array(word).map((words) => words.join('')),
  );
  fc.assert(
    fc.property(fc.array(line), (own) => {
      for (const left of (after(own).lines ?? []) as string[]) {
        const cookie = parseSetCookie(left);
        assert.ok(typeof cookie !== 'string');
        assert.ok(cookie.secure && cookie.httpOnly && cookie.domain === undefined);
        assert.ok(cookie.sameSite === 'lax' || cookie.sameSite === 'strict');
        assert.notEqual(cookie.name.toLowerCase(), '__host-sid');
      }
    }),
    { numRuns: 1000 },
  );
});

test('a session middleware beside ours is told once for each route, and an upstream has its own', () => {
  const toldOf = (lines: readonly string[], exchange = sketchExchange()): number => {
    let told = 0;
    const guard = cookiesGuard(
      read({}).settings,
      [SESSION],
      () => undefined,
      () => {
        told += 1;
      },
    );
    for (const line of lines) guard.onResponse?.(exchange, new FakeHead(200, { 'set-cookie': line }));
    return told;
  };
  assert.equal(toldOf(['connect.sid=1', 'connect.sid=2']), 1);
  assert.equal(toldOf(['sessionId=1']), 1);
  assert.equal(toldOf(['connect.side=3', 'session=4']), 0);
  const forwarded = sketchExchange();
  forwarded.set(FORWARDED, true);
  assert.equal(toldOf(['connect.sid=1'], forwarded), 0);
});
