/** An attack on each control, as data: what an application has to fear where the guard of that name is not there. */
import assert from 'node:assert/strict';
import type { PolicyOptions } from '../../src/policy/policy.ts';
import {
  ask,
  type RawAnswer,
  type RawRequest,
  sessionCookieOf,
  valueOf,
  valuesOf,
} from '../../src/testing/wire.ts';
import { held } from '../hosts/application.ts';
import { postForm } from './sites.ts';

/** One attack. */
export interface Attack {
  readonly guard: string;
  readonly fact: string;
  /** The section whose `mode` the guard has. Without one it acts always, since others stand on it. */
  readonly section?: keyof PolicyOptions;
  readonly policy?: PolicyOptions;
  /** Fails where the attack succeeds. */
  readonly check: (port: number) => Promise<void>;
  /** What the check says where it does. */
  readonly seen: RegExp;
}

const HTML = { accept: 'text/html' };
const OWN = { 'sec-fetch-site': 'same-origin' };

/** An attack that is one request, which must be answered with this status. */
function answeredWith(status: number, request: RawRequest): Pick<Attack, 'check' | 'seen'> {
  return {
    check: async (port) => {
      const answer = await ask(port, request);
      assert.equal(answer.status, status, `the attack is answered ${answer.status}`);
    },
    seen: /the attack is answered (?:200|404)/,
  };
}

async function visitorFrom(port: number, address: string): Promise<RawAnswer> {
  return ask(port, { target: '/json', headers: { 'x-forwarded-for': address } });
}

export const ATTACKS: readonly Attack[] = [
  {
    guard: 'address',
    fact: 'a flood of one visitor stops nobody else behind the same proxy',
    policy: { rateLimit: { perClient: '1/minute' } },
    check: async (port) => {
      for (let time = 0; time < 2; time += 1) await visitorFrom(port, '192.0.2.66');
      const { status } = await visitorFrom(port, '203.0.113.7');
      assert.equal(status, 200, `another visitor is answered ${status}`);
    },
    seen: /another visitor is answered 429/,
  },
  {
    guard: 'rate-limit',
    fact: 'a client over its limit is refused',
    section: 'rateLimit',
    policy: { rateLimit: { perClient: '1/minute' } },
    check: async (port) => {
      await visitorFrom(port, '192.0.2.66');
      const { status } = await visitorFrom(port, '192.0.2.66');
      assert.equal(status, 429, `the second of one a minute is answered ${status}`);
    },
    seen: /the second of one a minute is answered 200/,
  },
  {
    guard: 'framing',
    fact: 'a request of two sites at once is refused',
    section: 'firewall',
    ...answeredWith(400, { target: '/json', headers: { host: ['example.com', 'evil.example'] } }),
  },
  {
    guard: 'well-known',
    fact: 'a password manager that knows of a leak finds the page to change the password',
    policy: { wellKnown: { changePassword: '/settings/password' } },
    ...answeredWith(303, { target: '/.well-known/change-password' }),
  },
  {
    guard: 'url',
    // Of paths `access` refuses what has two readings where this guard lets it by: the rules of routes rest on them.
    fact: 'a query in which a text ends early for those behind is refused',
    section: 'firewall',
    ...answeredWith(400, { target: '/json?file=a%00.png' }),
  },
  {
    guard: 'route',
    fact: 'the rule of a path is found, and holds',
    ...answeredWith(401, { target: '/members/page' }),
  },
  {
    guard: 'host',
    fact: 'a name that is not ours is not served, so that no page names it',
    section: 'firewall',
    ...answeredWith(421, { target: '/json', headers: { host: 'evil.example' } }),
  },
  {
    guard: 'files',
    fact: 'a file that is opened where files are sent from finds no page beside it',
    policy: { files: { origin: 'https://files.example.net' }, firewall: { hosts: ['files.example.net'] } },
    ...answeredWith(404, { target: '/json', headers: { host: 'files.example.net' } }),
  },
  {
    guard: 'method',
    fact: 'a method that nobody needs is refused',
    section: 'firewall',
    ...answeredWith(405, { method: 'TRACE', target: '/json' }),
  },
  {
    guard: 'https',
    fact: 'what is posted in clear over the network is not taken',
    section: 'https',
    ...answeredWith(403, {
      method: 'POST',
      target: '/echo',
      headers: { ...OWN, 'x-forwarded-proto': 'http' },
      body: 'password=x',
    }),
  },
  {
    guard: 'token',
    fact: 'a made-up token is refused, and is no visitor without one',
    policy: { apiTokens: { scopes: ['files:read'] } },
    ...answeredWith(401, { target: '/json', headers: { authorization: 'Bearer bwk_made-up' } }),
  },
  {
    guard: 'session',
    fact: 'a page that was asked for before a sign-out does not come after it',
    policy: { routes: { '/held': {} } },
    check: async (port) => {
      const cookie = sessionCookieOf(await postForm(port, '/sign-in?account=ann', '')) ?? '__Host-sid=none';
      const { promise: arrived, resolve } = Promise.withResolvers<void>();
      const { promise: release, resolve: letGo } = Promise.withResolvers<void>();
      Object.assign(held, { arrived: resolve, release });
      const page = ask(port, { target: '/held', headers: { cookie } });
      await arrived;
      await postForm(port, '/sign-out', '', { headers: { cookie } });
      letGo();
      const { status } = await page;
      assert.equal(status, 401, `the page is answered ${status}`);
    },
    seen: /the page is answered 200/,
  },
  {
    guard: 'cors',
    fact: 'a page of an origin that nobody named may not ask',
    section: 'cors',
    ...answeredWith(403, {
      method: 'OPTIONS',
      target: '/json',
      headers: { origin: 'https://attacker.example', 'access-control-request-method': 'PUT' },
    }),
  },
  {
    guard: 'isolation',
    fact: 'a page of another site loads nothing as a script, which it could measure',
    section: 'isolation',
    ...answeredWith(403, {
      target: '/json',
      headers: { 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'no-cors', 'sec-fetch-dest': 'script' },
    }),
  },
  {
    guard: 'csrf',
    fact: 'another site posts nothing',
    section: 'csrf',
    ...answeredWith(403, {
      method: 'POST',
      target: '/echo',
      headers: { 'sec-fetch-site': 'cross-site' },
      body: 'a=1',
    }),
  },
  {
    guard: 'device-bound',
    fact: 'whoever has no session registers no device for one',
    policy: { session: { deviceBound: 'enforce' } },
    ...answeredWith(401, { method: 'POST', target: '/-/device/register', headers: OWN }),
  },
  {
    guard: 'access',
    fact: 'nobody who is not signed in comes to a closed route',
    section: 'access',
    ...answeredWith(401, { target: '/members/page' }),
  },
  {
    guard: 'body',
    fact: 'a body over the limit is refused',
    section: 'body',
    policy: { body: { limit: '1KB' } },
    ...answeredWith(413, { method: 'POST', target: '/echo', headers: OWN, body: 'a'.repeat(3000) }),
  },
  {
    guard: 'webhook',
    fact: 'a delivery that nobody signed is refused, however it says where it comes from',
    policy: {
      routes: {
        'POST /echo': { webhook: { scheme: 'github', secrets: ['a secret of the sender, shown once'] } },
      },
    },
    ...answeredWith(401, {
      method: 'POST',
      target: '/echo',
      headers: { ...OWN, 'content-type': 'application/json' },
      body: '{"action":"deleted"}',
    }),
  },
  {
    guard: 'validation',
    fact: 'JSON that says two things of one name reaches no parser',
    section: 'validation',
    ...answeredWith(400, {
      method: 'POST',
      target: '/echo',
      headers: { ...OWN, 'content-type': 'application/json' },
      body: '{"role":"member","role":"operator"}',
    }),
  },
  {
    guard: 'uploads',
    fact: 'a form that says two names of one file reaches no parser',
    section: 'uploads',
    ...answeredWith(400, {
      method: 'POST',
      target: '/echo',
      headers: { ...OWN, 'content-type': 'multipart/form-data; boundary=b' },
      body: '--b\r\nContent-Disposition: form-data; name="f"; filename="a.png"; filename="a.html"\r\n\r\nx\r\n--b--\r\n',
    }),
  },
  {
    guard: 'reports',
    fact: 'where browsers report, nobody leaves anything else',
    section: 'reports',
    policy: { reports: { path: '/echo' } },
    ...answeredWith(415, {
      method: 'POST',
      target: '/echo',
      headers: { ...OWN, 'content-type': 'text/plain' },
      body: 'x',
    }),
  },
  {
    guard: 'errors',
    fact: 'what the application says of its failure tells no paths',
    section: 'errors',
    check: async (port) => {
      const { body } = await ask(port, { target: '/broken' });
      assert.ok(!body.includes('/srv/app'), 'the answer tells where the application lies');
    },
    seen: /tells where the application lies/,
  },
  {
    guard: 'cookies',
    fact: 'no script reads a cookie, and none goes out in clear',
    section: 'cookies',
    check: async (port) => {
      const lines = valuesOf(await ask(port, { target: '/sloppy' }), 'set-cookie');
      for (const line of lines)
        assert.match(line, /(?=.*Secure)(?=.*HttpOnly)/, `a cookie is open to all: ${line}`);
    },
    seen: /a cookie is open to all: theme=dark/,
  },
  {
    guard: 'cache',
    fact: 'an answer that goes by who asks is kept by no cache',
    check: async (port) => {
      const caching = valueOf(await ask(port, { target: '/download' }), 'cache-control');
      assert.equal(caching, 'no-store', `it goes out with Cache-Control: ${caching}`);
    },
    seen: /Cache-Control: public, max-age=31536000/,
  },
  {
    guard: 'csp',
    fact: 'a page runs the scripts that it names, and no others',
    section: 'csp',
    check: async (port) => {
      const lines = valuesOf(await ask(port, { headers: HTML }), 'content-security-policy');
      assert.ok(
        lines.some((line) => /script-src[^;]*'nonce-/.test(line)),
        'whatever script comes in is run',
      );
    },
    seen: /whatever script comes in is run/,
  },
  {
    guard: 'headers',
    fact: 'nobody frames a page',
    section: 'headers',
    check: async (port) => {
      const framing = valueOf(await ask(port, { target: '/json' }), 'x-frame-options');
      assert.equal(framing, 'DENY', `anybody frames it: ${framing}`);
    },
    seen: /anybody frames it: undefined/,
  },
];
