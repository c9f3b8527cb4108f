import assert from 'node:assert/strict';
import { test } from 'node:test';
import { mayUse, readMetadata } from './metadata.ts';

const ISSUER = 'https://accounts.example.com';
const RULE = { issuer: ISSUER, loopback: false };
const GOOD = {
  issuer: ISSUER,
  authorization_endpoint: `${ISSUER}/authorize`,
  token_endpoint: 'https://tokens.example.net/token',
  jwks_uri: 'https://www.example.net/keys?version=3',
};

test('v5.0.0-1.3.6 (in part) uses https at public names', () => {
  for (const address of [GOOD.token_endpoint, GOOD.jwks_uri, 'https://example.com:8443/x']) {
    assert.ok(mayUse(address, RULE), address);
  }
});

const REFUSED: readonly string[] = [
  'http://accounts.example.com/token',
  'http://127.0.0.1/token',
  'https://127.0.0.1/token',
  'https://2130706433/token',
  'https://0x7f.1/token',
  'https://localhost/token',
  'https://localhost./token',
  'https://db.localhost/token',
  'https://[::1]/token',
  'https://[::ffff:10.0.0.1]/token',
  'https://[fd00::1]/token',
  'https://10.0.0.1/token',
  'https://169.254.169.254/latest/meta-data',
  'https://8.8.8.8/token',
  'https://vault/token',
  'https://vault./token',
  'https://vault.internal/token',
  'https://vault.internal./token',
  'https://printer.local/token',
  'https://user@tokens.example.net/token',
  'https://tokens.example.net/token#fragment',
  'file:///etc/passwd',
  'javascript:alert(1)',
  'data:application/json,{}',
  '//tokens.example.net/token',
  '/token',
  '',
];

for (const address of REFUSED) {
  test(`does not use '${address}'`, () => {
    assert.equal(mayUse(address, RULE), false);
    assert.equal(typeof readMetadata({ ...GOOD, token_endpoint: address }, RULE), 'string');
  });
}

test('uses an inner address on the very host where the policy puts the issuer', () => {
  const rule = { issuer: 'https://10.0.0.7', loopback: false };
  assert.ok(mayUse('https://10.0.0.7:8443/token', rule));
  assert.ok(!mayUse('https://10.0.0.8/token', rule));
  assert.ok(mayUse('https://sso/token', { issuer: 'https://sso/realms/a', loopback: false }));
});

test('uses plain http on this machine alone, where the issuer is there too', () => {
  const rule = { issuer: 'http://localhost:4000', loopback: true };
  assert.ok(mayUse('http://localhost:4000/token', rule));
  assert.ok(mayUse('http://127.0.0.1:4001/token', rule));
  assert.ok(!mayUse('http://10.0.0.1/token', rule));
  assert.ok(!mayUse('http://localhost.example.com/token', rule));
});

test('keeps the algorithms by which only the provider can sign', () => {
  const algorithms = (value: unknown): unknown => {
    const found = { ...GOOD, id_token_signing_alg_values_supported: value as string[] };
    const read = readMetadata(found, RULE);
    return typeof read === 'string' ? read : read.id_token_signing_alg_values_supported;
  };
  assert.deepEqual(algorithms(['none', 'HS256', 'ES256', 'RS256']), ['RS256', 'ES256']);
  assert.deepEqual(algorithms(undefined), ['RS256']);
  for (const value of [['none'], ['HS256', 'HS512'], [], 'RS256', {}]) {
    assert.equal(algorithms(value), 'it signs with no algorithm that is taken');
  }
});

test('v5.0.0-10.5.3 takes the issuer of the policy, to the letter', () => {
  assert.notEqual(typeof readMetadata(GOOD, RULE), 'string');
  for (const issuer of [`${ISSUER}/`, 'https://Accounts.example.com', 'https://accounts.example.com:443']) {
    assert.equal(typeof readMetadata({ ...GOOD, issuer }, RULE), 'string');
  }
});
