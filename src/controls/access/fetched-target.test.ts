import assert from 'node:assert/strict';
import { test } from 'node:test';
import { sketchExchange } from '../../../test/support/exchange.ts';
import { fetchedTarget } from './fetched-target.ts';

function fetched(path: string, query: string): string | null | undefined {
  const exchange = sketchExchange();
  exchange.path = path;
  exchange.query = query;
  exchange.host = 'example.com';
  return fetchedTarget(exchange);
}

test('finds the path that an optimizer of pictures fetches, at the root and below a base path', () => {
  for (const path of ['/_next/image', '/_NEXT/image/', '/docs/_next/image']) {
    assert.equal(fetched(path, 'url=%2Fapi%2Fpic&w=640&q=75'), '/api/pic', path);
  }
  assert.equal(fetched('/_image', 'href=/api/pic?a=1%23b&f=webp'), '/api/pic');
  assert.equal(fetched('/_next/image', 'u%72l=%2Fapi%2F%2570ic%3Fa'), '/api/%70ic');
  assert.equal(fetched('/_next/image', 'url=https%3A%2F%2FEXAMPLE.com%2Fapi%2Fpic'), '/api/pic');
});

test('finds none where another site is fetched, nothing is asked for, or the address is another', () => {
  assert.equal(fetched('/_next/image', 'url=https://cdn.example.net/a.png'), undefined);
  assert.equal(fetched('/_next/image', 'w=640'), undefined);
  assert.equal(fetched('/_next/images', 'url=/api/pic'), undefined);
  assert.equal(fetched('/image', 'url=/api/pic'), undefined);
});

test('says that nobody can tell where two are named, or one is no path of this site for every reader', () => {
  for (const query of [
    'url=/a&url=/api/pic',
    'url=//example.com/api/pic',
    'url=/%5Cexample.com/api/pic',
    'url=api/pic',
    'url=',
  ])
    assert.equal(fetched('/_next/image', query), null, query);
});
