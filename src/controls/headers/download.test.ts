import assert from 'node:assert/strict';
import { test } from 'node:test';
import { FakeHead, sketchExchange } from '../../../test/support/exchange.ts';
import type { RouteRules } from '../../core/route-rules.ts';
import { saveDownload } from './download.ts';

function disposition(own: string | undefined, rules: RouteRules = { download: true }, status = 200): unknown {
  const exchange = sketchExchange();
  exchange.rules = rules;
  const head = new FakeHead(status, own === undefined ? {} : { 'content-disposition': own });
  saveDownload(exchange, head);
  return head.getHeader('content-disposition');
}

test('v5.0.0-3.2.1 (in part) what a route gives to take home is saved, under the name that it has', () => {
  assert.equal(disposition(undefined), 'attachment');
  assert.equal(disposition('inline'), 'attachment');
  assert.equal(disposition('inline; filename="a;b.svg"'), 'attachment; filename="a;b.svg"');
  assert.equal(disposition("attachment; filename*=UTF-8''a.svg"), "attachment; filename*=UTF-8''a.svg");
  assert.equal(disposition('inline', { download: true }, 206), 'attachment');
});

test('on other routes, and where it answers with no file, nothing changes', () => {
  assert.equal(disposition('inline', {}), 'inline');
  assert.equal(disposition('inline', { download: false }), 'inline');
  assert.equal(disposition(undefined, { download: true }, 404), undefined);
});
