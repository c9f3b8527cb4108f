/** What leaves: headers that hold whoever writes the answer, and nothing that another may keep. */
import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import { inspect } from 'node:util';
import { hasTheHeaders } from '../../src/testing/hosts/cases.ts';
import { ask, type RawAnswer, sessionCookieOf, valueOf, valuesOf } from '../../src/testing/wire.ts';
import { pastFailure } from './holds.ts';
import { headersInFront, sendFileSite, twoNoncesSite } from './recipes.ts';
import { bareSite, everyHost, listen, nodeSite, oneHost, postForm, type Site } from './sites.ts';

const HTML = { accept: 'text/html' };
const CSP = 'content-security-policy';
const REPORT_ONLY = 'content-security-policy-report-only';

function nonceOf(text: string | undefined): string | undefined {
  return /nonce[-=]"?([\w-]+)/.exec(text ?? '')?.[1];
}

pastFailure(3, 'the nonce of the header is the nonce of the template, new in each answer', {
  on: everyHost(),
  off: { 'a nonce from each of two sources': twoNoncesSite },
  check: async ({ port }) => {
    const answers = [await ask(port, { headers: HTML }), await ask(port, { headers: HTML })];
    const seen = answers.map((answer) => {
      const nonce = nonceOf(answer.body);
      assert.ok(nonce !== undefined && nonce.length >= 22);
      assert.ok(nonceOf(valueOf(answer, CSP)) === nonce, 'the header names another nonce than the page');
      return nonce;
    });
    assert.notEqual(seen[0], seen[1]);
  },
  seen: /names another nonce/,
});

pastFailure(14, 'a private download is cached nowhere', {
  on: everyHost(),
  off: { 'sendFile with the maxAge of every other file': () => sendFileSite(import.meta.filename) },
  check: async ({ port }) => {
    const cookie = sessionCookieOf(await postForm(port, '/sign-in?account=ann', '')) ?? '';
    const answer = await ask(port, { target: '/download', headers: { cookie } });
    assert.equal(answer.status, 200);
    const caching = valueOf(answer, 'cache-control');
    assert.ok(caching === 'no-store', `it goes out with Cache-Control: ${caching}`);
  },
  seen: /Cache-Control: public, max-age=31536000/,
});

pastFailure(18, 'a policy of the application stands beside ours and takes nothing from it', {
  on: everyHost(() => ({ csp: { directives: { 'img-src': ["'self'", 'https://img.example'] } } })),
  off: {
    "csp mode 'off'": oneHost(() => ({ csp: { mode: 'off' } })),
    'a header set in front of the application': () => listen(createServer(headersInFront())),
  },
  check: async ({ port }) => {
    const lines = valuesOf(await ask(port, { target: '/sloppy', headers: HTML }), CSP);
    const inForce = lines.flatMap((line) => line.split(';').map((one) => one.trim()));
    for (const directive of [
      "object-src 'none'",
      "base-uri 'none'",
      "form-action 'self'",
      "frame-ancestors 'none'",
    ])
      assert.ok(inForce.includes(directive), `${directive} is lost`);
    assert.ok(lines.includes("default-src 'self'"), 'the policy of the application is lost');
    assert.ok(inForce.includes("img-src 'self' https://img.example"), "the policy's own directive is lost");
  },
  seen: /object-src 'none' is lost/,
});

/** Everything an application may hand to its log by mistake. */
function hardDetails(): Record<string, unknown> {
  const details: Record<string, unknown> = {
    when: new Date(Number.NaN),
    bytes: 10n,
    password: 'hunter2',
    headers: { authorization: 'Bearer hunter2' },
  };
  details['self'] = details;
  return details;
}

interface Logged extends Site {
  readonly log: () => string;
}

async function loggedBySite(write: (details: Record<string, unknown>) => string): Promise<Logged> {
  const lines: string[] = [];
  const site = await bareSite((_request, response) => {
    lines.push(write(hardDetails()));
    response.end('done');
  });
  return { ...site, log: () => lines.join('\n') };
}

async function loggedByLayer(): Promise<Logged> {
  const lines: string[] = [];
  const site = await nodeSite(
    (_request, response, view) => {
      view.audit('input_validation_fail', hardDetails());
      response.end('done');
    },
    { audit: { sink: (line) => lines.push(line) } },
  );
  return { ...site, log: () => lines.join('\n') };
}

pastFailure(19, 'an audit call takes anything, never throws, and writes no secret', {
  on: { 'the audit log': loggedByLayer },
  off: {
    'JSON.stringify': () => loggedBySite((details) => JSON.stringify(details)),
    'inspect, as console does': () => loggedBySite((details) => inspect(details)),
  },
  check: async ({ port, log }) => {
    const { status } = await ask(port, {});
    assert.equal(status, 200, `the request that was logged is answered ${status}`);
    assert.match(log(), /10/, 'the details are in the log');
    assert.ok(!log().includes('hunter2'), 'the password is in the log');
  },
  seen: /is answered 500|the password is in the log/,
});

/** Answers that no handler wrote: of the parser, of the framework, of the server for a failed handler. */
const NOBODYS_ANSWERS = [
  'hello there\r\n\r\n',
  { target: '/nowhere-at-all', headers: HTML },
  { target: '/throw', headers: HTML },
  { target: '/sloppy' },
];

pastFailure(20, "the server's own header and error pages do not escape the layer", {
  on: everyHost(),
  off: { 'headers set by a middleware in front': () => listen(createServer(headersInFront())) },
  check: async ({ port }) => {
    for (const request of NOBODYS_ANSWERS) {
      const answer = await ask(port, request);
      const missing = complaint(answer);
      assert.ok(missing === undefined, `${answer.status} escapes: ${missing}`);
      assert.ok(!/hunter2|at \S+ \(|Express/.test(answer.body), 'the error page tells what runs here');
    }
  },
  seen: /400 escapes: .*nosniff/s,
});

function complaint(answer: RawAnswer): string | undefined {
  try {
    hasTheHeaders(answer);
    return undefined;
  } catch (error) {
    return String(error);
  }
}

pastFailure(21, '405 names the methods that are allowed', {
  on: everyHost(),
  off: {
    '405 and nothing else': () =>
      bareSite((request, response) => {
        if (request.method === 'TRACE') response.statusCode = 405;
        response.end();
      }),
    "firewall mode 'off'": oneHost(() => ({ firewall: { mode: 'off' } })),
  },
  check: async ({ port }) => {
    const answer = await ask(port, { method: 'TRACE' });
    const allow = valueOf(answer, 'allow');
    assert.ok(answer.status === 405 && allow !== undefined, `it is ${answer.status}, Allow is ${allow}`);
    assert.match(allow, /^GET, HEAD, POST/);
  },
  seen: /it is (405|404), Allow is undefined/,
});

pastFailure(22, 'a policy is tried out as report-only while another is enforced', {
  on: everyHost(() => ({ csp: { reportOnly: { 'script-src': ["'nonce'"] }, report: '/csp-reports' } })),
  off: {
    "csp mode 'observe': the one or the other": oneHost(() => ({ csp: { mode: 'observe' } })),
  },
  check: async ({ port }) => {
    const answer = await ask(port, { headers: HTML });
    const [enforced, tried] = [valueOf(answer, CSP), valueOf(answer, REPORT_ONLY)];
    assert.ok(
      enforced !== undefined && tried !== undefined,
      `enforced is ${enforced}, report-only is ${tried}`,
    );
    assert.match(enforced, /frame-ancestors 'none'/);
    assert.equal(nonceOf(tried), nonceOf(enforced), 'both name the nonce of the page');
    for (const policy of [enforced, tried]) assert.match(policy, /report-uri \/csp-reports/);
  },
  seen: /enforced is undefined/,
});
