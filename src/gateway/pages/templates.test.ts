import assert from 'node:assert/strict';
import { test } from 'node:test';
import { hashSource } from './page-code.ts';
import { readTemplate } from './templates.ts';

async function sources(template: string): Promise<readonly (string | undefined)[]> {
  return (await readTemplate('a.html', template)).map(({ source }) => source);
}

test('a script without an expression in it has its hash, wherever expressions stand around it', async () => {
  assert.deepEqual(
    await sources(`{% extends "base.html" %}{% if a <b and "<script>" %}
      <script>one()</script>{# <script>comment()</script> #}{{ "<style>" }}
      <p class="{{ "a>b" }}"></p><style>p{}</style>{% endif %}`),
    [hashSource('one()'), hashSource('p{}')],
  );
});

test('what has an expression, a tag or a comment of the template in it has none', async () => {
  assert.deepEqual(
    await sources(
      '<script>a({{ b }})</script><script>{% if a %}b(){% endif %}</script><script>{# a #}</script><script>{{ a }}</script>',
    ),
    [undefined, undefined, undefined, undefined],
  );
});

test('what has the nonce, or is a file, asks for no hash', async () => {
  assert.deepEqual(
    await sources('<script nonce="{{ nonce }}">a()</script><script src="{{ url_for("static") }}"></script>'),
    [],
  );
});

test('an expression that is not closed, and a template of nothing else, are read to their end', async () => {
  assert.deepEqual(await sources('<script>a()</script>{{'), [hashSource('a()')]);
  assert.deepEqual(await sources('{{'.repeat(10_000)), []);
});

test('templates of EJS and Handlebars are read as those of Jinja are', async () => {
  assert.deepEqual(
    await sources(
      '<% if (a < b) { %><script>one()</script><% } %><script>a(<%= b %>)</script>{{#if a}}<script>two()</script>{{/if}}',
    ),
    [hashSource('one()'), undefined, hashSource('two()')],
  );
});
