import assert from 'node:assert/strict';
import { test } from 'node:test';
import { contextOf } from '../../test/support/check-site.ts';
import { shownText } from './shown-text.ts';

/** As servers hand a value back: in an address, a form, a page, a script. */
const WAYS: Readonly<Record<string, (value: string) => string>> = {
  plain: (value) => value,
  component: encodeURIComponent,
  'component, small letters': (value) =>
    encodeURIComponent(value).replaceAll(/%[0-9A-F]{2}/g, (one) => one.toLowerCase()),
  form: (value) => new URLSearchParams({ a: value }).toString(),
  address: (value) => new URL(`http://a.example/?a=${value.replaceAll(/[#&]/g, encodeURIComponent)}`).search,
  page: (value) =>
    value
      .replaceAll('&', '&amp;')
      .replaceAll('<', '&lt;')
      .replaceAll('>', '&gt;')
      .replaceAll('"', '&#34;')
      .replaceAll("'", '&#39;'),
  json: (value) => JSON.stringify(value),
  'json in a page': (value) =>
    JSON.stringify(value).replaceAll(
      /[<>&'\u0080-\uffff]/g,
      (one) => `\\u${one.charCodeAt(0).toString(16).padStart(4, '0')}`,
    ),
};

test('what is secret stands in no report, however short it is and however a server spells it', () => {
  for (const secret of ['x7', 'Hunter2', 'Hunter2 & <p@ss>+"q"', "a'b/c#d", 'p\u00e4ss w\u00f6rd']) {
    const { secrets, hide } = contextOf(() => ({}));
    hide(secret);
    for (const [name, way] of Object.entries(WAYS)) {
      const shown = shownText(`before ${way(secret)} behind`, secrets);
      assert.match(shown, /^before ["?a=]*\.\.\."? behind$/, `${name}: ${shown}`);
    }
  }
});

test('of two secrets, one within the other, the longer is cut whole', () => {
  assert.equal(
    shownText('is pass-and-more, or .', new Set(['pass', 'pass-and-more', '.'])),
    'is ..., or ...',
  );
});

test('a short cookie is a word, and hides nothing', async () => {
  const { secrets, visit } = contextOf(() => ({ headers: ['Set-Cookie', 'theme=dark'] }));
  await visit().ask();
  assert.deepEqual([...secrets], []);
});
