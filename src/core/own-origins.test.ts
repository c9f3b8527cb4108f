import assert from 'node:assert/strict';
import { test } from 'node:test';
import { sketchExchange } from '../../test/support/exchange.ts';
import { parseOrigin } from './origin.ts';
import { OwnOrigins } from './own-origins.ts';

/** The origin that a request to a host is of. */
function of(host: string, main: string, ...also: readonly string[]): string {
  const own = new OwnOrigins(
    main,
    also.flatMap((text) => parseOrigin(text) ?? []),
  );
  const exchange = sketchExchange({ encrypted: true });
  exchange.host = host;
  return own.of(exchange);
}

test('a further origin with a port is answered for under its name too, and is the origin there', () => {
  const also = 'https://example.org:8443';
  assert.equal(of('example.org:8443', 'https://example.com', also), also);
  assert.equal(of('example.org', 'https://example.com', also), also);
  assert.equal(of('example.org:443', 'https://example.com', 'https://example.org'), 'https://example.org');
});

test('the name of another port is the origin that is written so, and the public one before others', () => {
  const main = 'https://example.com';
  assert.equal(of('example.com', main, 'https://example.com:8443'), main);
  assert.equal(
    of('example.com', 'https://example.com:8443', 'https://example.com:9443'),
    'https://example.com:8443',
  );
  assert.equal(of('example.com', 'https://example.com:8443', main), main);
  assert.equal(
    of('example.org', main, 'https://example.org:8443', 'https://example.org'),
    'https://example.org',
  );
});
