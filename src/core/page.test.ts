import assert from 'node:assert/strict';
import { test } from 'node:test';
import { FakeHead } from '../../test/support/exchange.ts';
import { isPage } from './page.ts';

test('knows a page by its media type, whatever its case and parameters', () => {
  for (const type of [
    'text/html',
    'text/html; charset=utf-8',
    'TEXT/HTML',
    'Text/Html;charset=utf-8',
    ' text/html ; charset=utf-8',
    'application/xhtml+xml',
    'application/xhtml+xml; charset=utf-8',
  ]) {
    assert.ok(isPage(new FakeHead(200, { 'content-type': type })), type);
  }
});

test('takes nothing else for a page, SVG and XML not either', () => {
  for (const type of ['', 'text/plain', 'application/json', 'image/svg+xml', 'application/xml', 'text/xml']) {
    assert.ok(!isPage(new FakeHead(200, { 'content-type': type })), type);
  }
  assert.ok(!isPage(new FakeHead()));
  assert.ok(!isPage(new FakeHead(200, { 'content-type': ['text/html', 'text/plain'] })));
});
