import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { growth, LINEAR_AT_MOST, repeated } from '../../test/support/growth.ts';
import type { Answer } from './answer.ts';
import { formsOf, linksOf, resourcesOf, tagsOf } from './seen-page.ts';

function page(body: string): Answer {
  return { method: 'GET', url: 'https://a.example/in/here?x=1', status: 200, rawHeaders: [], body };
}

test('reads links with their base, and none out of scripts, comments or quotes', () => {
  const hrefs = (body: string): readonly string[] => linksOf(page(body)).map(({ href }) => href);
  assert.deepEqual(hrefs(`<a href="/x?a=1&amp;b=&#50;">x</a><A class=y HREF=there>`), [
    'https://a.example/x?a=1&b=2',
    'https://a.example/in/there',
  ]);
  assert.deepEqual(hrefs('<base href="https://b.example/c/"><a href=d>'), ['https://b.example/c/d']);
  assert.deepEqual(
    hrefs(`<!-- <a href=/no> --><script>'<a href=/no>'</script><p title="<a href=/no>"><a href='/yes'>`),
    ['https://a.example/yes'],
  );
  assert.deepEqual(hrefs('<a href="javascript:x"><a href="mailto:a@b"><a><a href="http://[">'), []);
});

test('reads a form with what a browser would send of it', () => {
  const [form, other] = formsOf(
    page(`<form method=POST action=/go><input name=a value="1&quot;"><input type=checkbox name=b><input type=checkbox name=c checked>
      <select name=d><option value=1><option value=2></select><textarea name=e><input name=no></textarea><button name=f value=1>Go</button></form>
      <form><input name=q></form>`),
  );
  assert.equal(form?.method, 'POST');
  assert.equal(form.action.href, 'https://a.example/go');
  assert.deepEqual(
    form.fields.map(({ name, value, type }) => `${name}=${value} ${type}`),
    ['a=1" text', 'c=on checkbox', 'd=1 select', 'e= textarea', 'f=1 submit'],
  );
  assert.deepEqual([other?.method, other?.action.href], ['GET', 'https://a.example/in/here?x=1']);
});

test('reads what is loaded, by kind', () => {
  const found = resourcesOf(
    page(
      '<script src=a.js integrity=sha384-x></script><link rel=stylesheet href=/s.css><link rel=icon href=i><img src=//b.example/p><iframe src=f>',
    ),
  );
  assert.deepEqual(
    found.map(({ kind, url, integrity }) => `${kind} ${url.href} ${integrity ?? ''}`.trim()),
    [
      'script https://a.example/in/a.js sha384-x',
      'style https://a.example/s.css',
      'media https://b.example/p',
      'frame https://a.example/in/f',
    ],
  );
});

test('no text throws, and none takes longer than its length', () => {
  fc.assert(
    fc.property(
      fc.string({
        unit: fc.constantFrom('<', '>', '"', "'", '=', 'a', ' ', '!', '-', '/', '&', '#', ';', 'form'),
      }),
      (body) => {
        tagsOf(body);
        formsOf(page(body));
      },
    ),
  );
  for (const piece of [
    '<a ',
    '<a href="',
    "<a b='",
    '<!--',
    '<script>',
    '<a x=1 ',
    '&#1;',
    '<form><input name=a>',
  ]) {
    const factor = growth((size) => page(repeated(piece, size)), formsOf, 16 * 1024);
    assert.ok(factor < LINEAR_AT_MOST, `${piece} ${factor}`);
  }
});
