import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { growth, LINEAR_AT_MOST, repeated } from '../../../test/support/growth.ts';
import { signInForms } from './page-forms.ts';

test('finds the form with a password, its address and its fields', () => {
  const html = `<!doctype html><form action=/search><input name=q></form>
    <FORM method="post" action="/log-in?next=%2F&amp;a=1"><input type=hidden name=token value='x>y'>
    <label>Name<input name="user&#91;email]" TYPE=email autocomplete="section-a username"></label>
    <input type=text name=company><input type='password' name='user[password]' /></form>`;
  assert.deepEqual(signInForms(html), [
    { method: 'POST', action: '/log-in?next=%2F&a=1', account: 'user[email]', password: 'user[password]' },
  ]);
});

test('the field before the password is the account where no other says that it is', () => {
  const [form] = signInForms(
    '<form method=post><input name=a><input type=tel name=b><input type=password name=c><input name=d>',
  );
  assert.deepEqual([form?.account, form?.password, form?.action], ['b', 'c', '']);
  assert.equal(signInForms('<form method=post><input type=password name=c>')[0]?.account, undefined);
});

test('a form that chooses a password, sends it in an address, or has none is no sign-in', () => {
  for (const inputs of [
    '<form method=post><input name=a><input type=password name=b><input type=password name=c>',
    '<form method=post><input type=password name=b autocomplete=new-password>',
    '<form><input name=a><input type=password name=b>',
    '<form method=post><input name=a>',
    '<form method=post></form><input type=password name=b>',
    '<form method=post><input type=password>',
  ])
    assert.deepEqual(signInForms(inputs), [], inputs);
});

test('what is text and no markup is not taken for a form', () => {
  const form = '<form method=post><input name=a><input type=password name=b></form>';
  for (const html of [
    `<!-- ${form} -->`,
    `<script>'${form}'</script>`,
    `<textarea>${form}</textarea>`,
    `<title>${form}</title>`,
    `<template>${form}</template>`,
    `<p title="${form}">`,
    form.replaceAll('<', '&lt;'),
  ])
    assert.deepEqual(signInForms(html), [], html);
  assert.equal(signInForms(`<!-- a --><script>1</script><!-->${form}<!-- -->`).length, 0);
  assert.equal(signInForms(`<!-- a --><script>1 < 2</script>${form}`).length, 1);
});

test('answers whatever the page is, in a time that grows as the page does', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (text) =>
      Array.isArray(signInForms(`<form method=post ${text}`)),
    ),
  );
  const pages = [
    '<',
    '<a ',
    '<form>',
    '<!--',
    '<script>',
    "<a b='",
    '<a b="c" ',
    '<input =',
    '&#1;',
    '<a\t\t',
    '</script',
    '<title><',
  ];
  for (const page of pages) {
    const ratio = growth((size) => repeated(page, size), signInForms, 16 * 1024);
    assert.ok(ratio < LINEAR_AT_MOST, `${page} ${ratio}`);
  }
});
