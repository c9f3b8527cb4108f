import assert from 'node:assert/strict';
import { test } from 'node:test';
import { plainLayout } from './layout.ts';

const page = {
  title: 'Account',
  body: '<h1>Account</h1>',
  nonce: 'n',
  csrfToken: 't',
  path: '/account',
  signOut: '/logout',
  signOutLabel: 'Sign out',
  home: '/start',
  homeLabel: 'Start page',
  language: 'en',
  direction: 'ltr' as const,
};

test('whoever is signed in can sign out from every page of the plain look, and nobody else is asked to', () => {
  const layout = plainLayout('Shop');
  assert.match(
    layout({ ...page, signedIn: true }),
    /<form[^>]* action="\/logout"[^>]*>[^<]*<input[^>]* value="t"/,
  );
  assert.doesNotMatch(layout({ ...page, signedIn: false }), /logout/);
});

test('each page of the plain look says whose it is, and leads to where the application begins', () => {
  const text = plainLayout('Shop <1>')({ ...page, signedIn: false });
  assert.match(
    text,
    /<a class="home" href="\/start"\s*><bdi>Shop &lt;1&gt;<\/bdi><span[^>]*> - Start page<\/span><\/a/,
  );
});
