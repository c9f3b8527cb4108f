/** No request makes a guard, a parser or the log work more than in proportion to its size, refused or not. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type RequestSketch, sketchExchange } from '../../test/support/exchange.ts';
import { HeldBody } from '../testing/held-body.ts';
import { growth, LINEAR_AT_MOST, repeated } from '../../test/support/growth.ts';
import { fixedSecrets, TEST_SECRET } from '../../test/support/secrets.ts';
import type { PolicyOptions } from '../policy/policy.ts';
import { readPolicy } from '../policy/read-policy.ts';
import { Exchange } from '../core/exchange.ts';
import { memory } from '../stores/memory/state.ts';
import { Layer } from './layer.ts';

/** Node.js takes this many bytes of head, and a quarter of it is where the growth is measured from. */
const LARGEST = 16 * 1024;
const LINES = 48;

/** Every guard has a say: tokens, a trusted proxy, a limit of its own, and a firewall that lets through what it would refuse. */
function layerOf(options: PolicyOptions): Layer {
  const policy = readPolicy({
    environment: 'production',
    origin: 'https://example.com',
    secrets: fixedSecrets(TEST_SECRET),
    state: memory(),
    proxy: { trusted: ['192.0.2.1'] },
    routes: {
      '/a/*/b/:id/**': { limit: '1000000/second' },
      'POST /**': { require: { scope: 'write' }, limit: '1000000/second' },
    },
    apiTokens: { scopes: ['write'] },
    reports: { path: '/csp-reports', limit: '1000000/second' },
    // What the log makes of a text is measured beside it: here it would count in some rounds, and not in others.
    audit: { sink: () => undefined, refusalsPerSecond: 1 },
    ...options,
  });
  assert.ok(!(policy instanceof Promise));
  return new Layer(policy);
}

const fieldOf =
  (name: string, unit: string) =>
  (size: number): RequestSketch => ({ headers: { [name]: repeated(unit, size) } });
const targetOf =
  (start: string, unit: string) =>
  (size: number): RequestSketch => ({ target: start + repeated(unit, size - start.length) });
/**
 * Names as long as lines leave room for, and `size` characters in all. Not as many lines as pass: shorter names are looked up
 * and not folded anew (`foldName`), and the small size would have those.
 */
const namesOf =
  (name: (index: number, length: number) => string) =>
  (size: number): RequestSketch => ({
    headers: Object.fromEntries(
      Array.from({ length: LINES }, (_, index) => [name(index, Math.floor(size / LINES)), '']),
    ),
  });
/** Twice the size is twice the lines: the work for each must not depend on how many there are. */
const linesOf =
  (name: (index: number) => string) =>
  (size: number): RequestSketch => ({
    headers: Object.fromEntries(
      Array.from({ length: Math.floor(size / 170) }, (_, index) => [name(index).padEnd(166, 'x'), '']),
    ),
  });

const REQUESTS: Readonly<Record<string, (size: number) => RequestSketch>> = {
  'a path of one segment': targetOf('/', 'a'),
  'a path of escapes': targetOf('/', '%41'),
  'a path of escapes of escapes': targetOf('/', '%2525'),
  'a path that is decoded from the end': targetOf('/', '%25'),
  'a path of empty segments': targetOf('/', 'a//'),
  'a path of dots': targetOf('/', '.a/'),
  'a path of one dot segment': targetOf('/a/', '. '),
  'a path of segments': targetOf('/', 'a/b/'),
  'a path of tokens': targetOf('/', '-eyJ'),
  'a path of cookies': targetOf('/', '__Host-'),
  'a path of addresses': targetOf('/', '://a:'),
  'a path of names': targetOf('/', 'password'),
  'a query': targetOf('/?', 'a=%20&'),
  'an absolute target': targetOf('http://', 'a.'),
  'names with an underscore': linesOf((index) => `x_${index}_`),
  'names of underscores': namesOf((index, length) => `${index}`.padEnd(length, '_')),
  Host: fieldOf('host', 'a.'),
  Connection: fieldOf('connection', 'a,'),
  'Connection, of blanks': fieldOf('connection', ' '),
  Upgrade: fieldOf('upgrade', 'h2c-'),
  'X-Forwarded-For': fieldOf('x-forwarded-for', '1,'),
  'X-Forwarded-For, of blanks': fieldOf('x-forwarded-for', ' '),
  'X-Forwarded-Proto': fieldOf('x-forwarded-proto', 'https,'),
  Forwarded: fieldOf('forwarded', 'for=1;'),
  Cookie: fieldOf('cookie', '__Host-sid='),
  'Cookie, of blanks': fieldOf('cookie', ' '),
  'Cookie, of names behind blanks': fieldOf('cookie', '   __Host-sid='),
  Authorization: fieldOf('authorization', 'bwk_ '),
  'Authorization, of blanks': (size) => ({ headers: { authorization: `bearer${' '.repeat(size)}bwk_` } }),
  Accept: fieldOf('accept', 'text/html;q=1,'),
  'Content-Length': fieldOf('content-length', '1'),
  'Transfer-Encoding': fieldOf('transfer-encoding', 'chunked,'),
  Origin: (size) => ({ method: 'POST', headers: { origin: repeated('-eyJ', size) } }),
  'Sec-Fetch-Site': (size) => ({ method: 'POST', headers: { 'sec-fetch-site': repeated('password', size) } }),
  'Content-Type': (size) => ({ method: 'POST', headers: { 'content-type': repeated('a; ', size) } }),
};

for (const mode of ['enforce', 'observe'] as const) {
  for (const [what, sketchOf] of Object.entries(REQUESTS)) {
    test(`${mode}: ${what} of four times the size takes work in proportion`, () => {
      const layer = layerOf({ firewall: { mode, headerLines: 1000, urlLength: LARGEST } });
      let now = Date.parse('2026-01-01T00:00:00Z');
      const decide = ({ request }: Exchange): void => {
        // A second later each time: no limit is in the way of what is measured.
        now += 1000;
        const exchange = new Exchange(request, now, new HeldBody(request));
        const verdict = layer.decide(exchange);
        assert.ok(!(verdict instanceof Promise));
        if (verdict !== undefined) layer.answer(exchange, verdict);
      };
      const ratio = growth((size) => sketchExchange(sketchOf(size)), decide, LARGEST / 4);
      assert.ok(ratio < LINEAR_AT_MOST, `${ratio}`);
    });
  }
}
