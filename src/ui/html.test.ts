import assert from 'node:assert/strict';
import { test } from 'node:test';
import { html, trusted } from './html.ts';

test('v5.0.0-1.2.1 escapes every value, in text and in attributes, but for HTML itself', () => {
  const evil = `<script>"'&`;
  assert.equal(html`<p title="${evil}">${evil}</p>`.text.includes('<script'), false);
  assert.equal(html`${'&<>"\''}`.text, '&amp;&lt;&gt;&quot;&#39;');
  assert.equal(html`${[html`<b>${'<'}</b>`, html`<i>b</i>`]}`.text, '<b>&lt;</b><i>b</i>');
  assert.equal(html`${trusted('<b>')}${undefined}${false}${0}`.text, '<b>0');
});
