import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { PolicyError } from '../../core/errors.ts';
import { readErrorPages } from './error-pages.ts';

const folder = mkdtempSync(join(tmpdir(), 'bulwark-pages-'));
after(() => rmSync(folder, { recursive: true }));

function file(name: string, text: string | Buffer): string {
  const path = join(folder, name);
  writeFileSync(path, text);
  return path;
}

/** What is wrong with these files, as the start says it. */
function problemsOf(files: Record<string, string>): string {
  try {
    readErrorPages(files);
  } catch (error) {
    assert.ok(error instanceof PolicyError);
    return error.message;
  }
  return '';
}

test('a page of a status goes before that of its class, and others have none', () => {
  const pages = readErrorPages({ 503: file('a', 'down'), '5xx': file('b', 'broken') });
  assert.equal(pages?.(503, 'id', 'n'), 'down');
  assert.equal(pages?.(502, 'id', 'n'), 'broken');
  assert.equal(pages?.(403, 'id', 'n'), undefined);
  assert.equal(readErrorPages({}), undefined);
});

test('what is put in is escaped, each time it stands there', () => {
  const pages = readErrorPages({
    '4xx': file(
      'c',
      '<p id="{{requestId}}">{{ status }}: {{requestId}}</p><style nonce="{{nonce}}"></style>',
    ),
  });
  assert.equal(
    pages?.(404, `"><script>'&`, 'abc'),
    '<p id="&quot;&gt;&lt;script&gt;&#39;&amp;">404: &quot;&gt;&lt;script&gt;&#39;&amp;</p><style nonce="abc"></style>',
  );
  // What was put in is never read for a placeholder.
  assert.match(pages?.(404, '{{nonce}}', 'abc') ?? '', /\{\{nonce\}\}/);
});

test('the start refuses every file that is missing, too large, no text, or has a placeholder that nobody fills', () => {
  const said = problemsOf({
    500: join(folder, 'none'),
    501: folder,
    502: file('d', 'x'.repeat(65_537)),
    503: file('e', Buffer.from([0x68, 0xff, 0xfe])),
    504: file('f', 'ask {{requestID}}'),
  });
  for (const [status, reason] of [
    [500, 'there is no file'],
    [501, 'there is no file'],
    [502, 'over 64 KB'],
    [503, 'no UTF-8'],
    [504, 'it has {{requestID}}'],
  ] as const)
    assert.match(said, new RegExp(`errorPages\\['${status}'\\][^]*?${reason.replace(/[{}]/g, '\\$&')}`));
  assert.equal(problemsOf({ 502: file('g', 'x'.repeat(65_536)) }), '');
});
