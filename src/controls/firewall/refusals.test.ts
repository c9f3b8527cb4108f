import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type RequestSketch, sketchExchange } from '../../../test/support/exchange.ts';
import { eventOf } from '../../core/events.ts';
import type { Guard } from '../../core/guard.ts';
import { defaultsOf } from '../../core/options.ts';
import { parseOrigin } from '../../core/origin.ts';
import type { Refusal } from '../../core/verdict.ts';
import { FIREWALL_EVENTS } from './firewall.events.ts';
import { firewallOptions } from './firewall.options.ts';
import { framingGuard } from './framing.ts';
import { hostGuard } from './host.ts';
import { flaw, pathEvidence } from './refusals.ts';
import { urlGuard } from './url.ts';

const SETTINGS = { ...defaultsOf(firewallOptions), urlLength: 300, headerLines: 10 };
const MALFORMED = 'This request is malformed or can be read in more than one way.';

function refused(guard: Guard, sketch: RequestSketch): Refusal {
  const verdict = guard.onRequest?.(sketchExchange(sketch));
  assert.ok(verdict !== undefined && !(verdict instanceof Promise));
  return verdict;
}

/** The whole of a refusal: what its sender reads, what the log has, and whether the connection goes on. */
const WORDS: readonly (readonly [guard: Guard, sketch: RequestSketch, refusal: Refusal])[] = [
  [
    framingGuard(SETTINGS),
    { headers: { 'content-length': '+5' } },
    {
      type: 'bad-request',
      title: 'The request could not be understood',
      status: 400,
      detail: MALFORMED,
      event: eventOf(FIREWALL_EVENTS.malformed, { reason: 'Content-Length is not plain digits' }),
      close: true,
    },
  ],
  [
    framingGuard(SETTINGS),
    { headers: { many: Array.from({ length: 10 }, () => 'x') } },
    {
      type: 'headers-too-large',
      title: 'The request is too large',
      status: 431,
      detail: 'This request has too many header lines.',
      event: eventOf(FIREWALL_EVENTS.malformed, { reason: 'too many header lines' }),
      close: true,
    },
  ],
  [
    urlGuard(SETTINGS),
    { target: '/a/%2e%2e?token=x' },
    {
      type: 'bad-request',
      title: 'The request could not be understood',
      status: 400,
      detail: MALFORMED,
      event: eventOf(FIREWALL_EVENTS.malformed, { reason: 'dot segment in the path', path: '/a/%2e%2e' }),
    },
  ],
  [
    urlGuard(SETTINGS),
    { target: `/${'a'.repeat(300)}` },
    {
      type: 'bad-request',
      title: 'The request could not be understood',
      status: 414,
      detail: 'This address is too long.',
      event: eventOf(FIREWALL_EVENTS.malformed, { reason: 'target is too long' }),
    },
  ],
  [
    urlGuard(SETTINGS),
    { target: 'ftp://example.com/' },
    {
      type: 'bad-request',
      title: 'The request could not be understood',
      status: 400,
      detail: MALFORMED,
      event: eventOf(FIREWALL_EVENTS.malformed, { reason: 'target is no path' }),
    },
  ],
  [
    hostGuard(SETTINGS, parseOrigin('https://example.com'), 'production'),
    { headers: { host: `evil.${'x.'.repeat(100)}` } },
    {
      type: 'host-not-allowed',
      title: 'This address is not served here',
      status: 421,
      detail: 'This server does not answer for the host that was asked for.',
      event: eventOf(FIREWALL_EVENTS.foreignHost, { host: `evil.${'x.'.repeat(57)}x...` }),
    },
  ],
];

test('each refusal is what it says to its sender, to the log and to the connection', () => {
  for (const [guard, sketch, refusal] of WORDS) assert.deepEqual(refused(guard, sketch), refusal);
});

test('a target of 300 characters is read, one of 301 is not', () => {
  const guard = urlGuard(SETTINGS);
  assert.equal(guard.onRequest?.(sketchExchange({ target: `/${'a'.repeat(299)}` })), undefined);
  assert.equal(refused(guard, { target: `/${'a'.repeat(300)}` }).status, 414);
});

test('the log has the first 120 characters of a path, 8 of a word that they end in, and nothing of a query', () => {
  assert.equal(pathEvidence(`${'/a'.repeat(100)}?b`), `${'/a'.repeat(60)}...`);
  assert.equal(pathEvidence(`/${'a'.repeat(200)}?b`), `/${'a'.repeat(8)}...`);
  assert.equal(pathEvidence('/a?token=x'), '/a');
  assert.equal(pathEvidence('/a'), '/a');
  assert.ok(Object.isFrozen(flaw('x')));
});
