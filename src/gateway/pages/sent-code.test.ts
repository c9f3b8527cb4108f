import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { growth, LINEAR_AT_MOST, repeated } from '../../../test/support/growth.ts';
import { loadHtmlTokens } from './html-tokens.ts';
import { openingOf, SentReader } from './sent-code.ts';

const tokens = await loadHtmlTokens();

async function openings(text: string, pieces = 1): Promise<readonly string[]> {
  const reader = new SentReader(tokens);
  const bytes = Buffer.from(text);
  const step = Math.max(1, Math.ceil(bytes.length / pieces));
  for (let at = 0; at < bytes.length; at += step) reader.push(bytes.subarray(at, at + step));
  return await reader.openings();
}

const CODE = 'window.stored = "by a visitor";';
const MARKUP = `<p>hello</p><script type=module> ${CODE} </script>`;

test('knows a script in whatever form it was sent, and however it was cut on its way', async () => {
  for (const text of [
    MARKUP,
    `/search?q=${encodeURIComponent(MARKUP)}`,
    new URLSearchParams({ a: 'b', text: MARKUP }).toString(),
    JSON.stringify({ text: MARKUP }),
    JSON.stringify({ text: MARKUP }).replaceAll('<', String.raw`\u003C`),
    MARKUP.replace('script', 'SCRIPT'),
    `${'x'.repeat(5000)}${MARKUP}${'y'.repeat(5000)}`,
  ])
    for (const pieces of [1, 2, 7, text.length])
      assert.ok((await openings(text, pieces)).includes(openingOf(CODE)), `${pieces}: ${text.slice(0, 60)}`);
});

test('a script that is not closed is known where enough of it is there, and fits nothing else where it is not', async () => {
  const long = 'x = 1;'.repeat(20);
  assert.deepEqual(await openings(`<script>${long}`), [openingOf(long)]);
  assert.deepEqual(await openings('<script>x'), []);
  assert.deepEqual(await openings('a plain text, 1 < 2, script'), []);
});

test('keeps a bounded number of them, and never throws', async () => {
  const many = Array.from({ length: 1000 }, (_, at) => `<script>code(${at})</script>`).join('');
  assert.ok((await openings(many, 30)).length <= 8 * 80);
  await fc.assert(
    fc.asyncProperty(
      fc.string({ unit: 'binary' }),
      async (text) => void (await openings(`<script>${text}%`, 3)),
    ),
  );
});

test('is linear in a request', () => {
  for (const piece of ['<script', '%3cscript>', '<', 'a'])
    assert.ok(
      growth(
        (size) => Buffer.from(repeated(piece, size)),
        (bytes) => new SentReader(tokens).push(bytes),
        20_000,
      ) <= LINEAR_AT_MOST,
      piece,
    );
});
