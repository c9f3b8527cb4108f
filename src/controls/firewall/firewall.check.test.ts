import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Observation, Rule } from '../../core/finding.ts';
import { firewallRules } from './firewall.check.ts';

function rule(id: string): Rule {
  const found = firewallRules.find((one) => one.id === id);
  assert.ok(found !== undefined, id);
  return found;
}

/** The levels of what a rule finds in an answer. */
function levels(id: string, seen: Partial<Observation>): string[] {
  const { probe, check } = rule(id);
  const whole = {
    method: probe.method,
    url: 'https://example.com/',
    status: 200,
    rawHeaders: [],
    body: '',
    ...seen,
  };
  return check(whole).map((finding) => finding.level);
}

test('no id is used twice', () => {
  assert.equal(new Set(firewallRules.map((one) => one.id)).size, firewallRules.length);
});

test('an answer to what must be refused is an error, a refusal is none', () => {
  const refusals = ['host', 'dot-segments', 'encoded-slash', 'double-encoding', 'nul', 'method-override'];
  for (const id of refusals.map((name) => `firewall.${name}`)) {
    assert.deepEqual(levels(id, { status: 200 }), ['error'], id);
    assert.deepEqual(levels(id, { status: 301 }), ['error'], id);
    assert.deepEqual(levels(id, { status: 400 }), [], id);
    assert.deepEqual(levels(id, { status: 404 }), [], id);
  }
});

test('a method that is answered is an error, a 405 without Allow a warning', () => {
  for (const id of ['firewall.method-trace', 'firewall.method-unused']) {
    assert.deepEqual(levels(id, { status: 200 }), ['error']);
    assert.deepEqual(levels(id, { status: 405 }), ['warning']);
    assert.deepEqual(levels(id, { status: 405, rawHeaders: ['Allow', 'GET'] }), []);
    assert.deepEqual(levels(id, { status: 501 }), []);
  }
});

test('a forged host that comes back anywhere is an error', () => {
  const id = 'firewall.forwarded-host';
  assert.deepEqual(levels(id, { rawHeaders: ['Location', 'https://attacker.example/'] }), ['error']);
  assert.deepEqual(levels(id, { body: '<a href="https://attacker.example/">' }), ['error']);
  assert.deepEqual(levels(id, { rawHeaders: ['Location', 'https://example.com/'], body: 'hello' }), []);
});

test('a page over plain http for a forged scheme is an error, but on loopback', () => {
  const id = 'firewall.forwarded-proto';
  assert.deepEqual(levels(id, { url: 'http://example.com/' }), ['error']);
  assert.deepEqual(levels(id, { url: 'http://example.com/', status: 308 }), []);
  assert.deepEqual(levels(id, { url: 'http://localhost:3000/' }), []);
  assert.deepEqual(levels(id, { url: 'https://example.com/' }), []);
});

test('an upgrade to h2c that is accepted is an error', () => {
  assert.deepEqual(levels('firewall.h2c', { status: 101 }), ['error']);
  assert.deepEqual(levels('firewall.h2c', { status: 400 }), []);
  assert.deepEqual(levels('firewall.h2c', { status: 200 }), [], 'to ignore it is fine');
});

test('every finding has evidence and a fix', () => {
  for (const one of firewallRules) {
    for (const status of [101, 200, 405]) {
      const seen = {
        method: one.probe.method,
        url: 'http://example.com/',
        status,
        rawHeaders: [],
        body: 'attacker.example',
      };
      for (const finding of one.check(seen)) assert.ok(finding.evidence !== '' && finding.fix !== '', one.id);
    }
  }
});
