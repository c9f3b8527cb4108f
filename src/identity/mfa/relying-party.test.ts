import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readOptions } from '../../core/options.ts';
import { parseOrigin } from '../../core/origin.ts';
import { Problems } from '../../core/problems.ts';
import { mfaOptions } from './mfa.options.ts';
import { RelyingParty } from './relying-party.ts';

test('passkeys are used from the public origin, and from related ones that the policy names', () => {
  const own = parseOrigin('https://example.com');
  const alone = new RelyingParty(own, undefined);
  const related = new RelyingParty(own, undefined, ['https://example.de']);
  assert.ok(alone.accepts('https://example.com') && related.accepts('https://example.com'));
  assert.ok(!alone.accepts('https://example.de') && related.accepts('https://example.de'));
  for (const other of [
    'http://example.de',
    'https://example.de:8443',
    'https://www.example.de',
    'https://evil.example',
  ])
    assert.ok(!related.accepts(other), other);
  assert.equal(related.id, 'example.com');
});

test('related origins are https, without a path, and of five names at most', () => {
  const refused = (relatedOrigins: unknown): number => {
    const problems = new Problems('production');
    readOptions('mfa', mfaOptions, { relatedOrigins }, problems);
    return problems.errors.length;
  };
  const five = ['a', 'b', 'c', 'd', 'e'].map((name) => `https://${name}.example`);
  assert.equal(refused(five), 0);
  assert.equal(refused([...five, 'https://shop.a.example']), 0, 'of the same name');
  assert.equal(refused([...five, 'https://f.example']), 1);
  for (const one of ['http://example.de', 'https://example.de/path', '*', 'example.de', 7])
    assert.equal(refused([one]), 1, String(one));
});
