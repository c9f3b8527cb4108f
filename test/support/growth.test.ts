import assert from 'node:assert/strict';
import { test } from 'node:test';
import { growth, LINEAR_AT_MOST } from './growth.ts';

const textOf = (size: number): string => 'a'.repeat(size);

test('work in proportion is told from work by the square of it', () => {
  let seen = 0;
  const once = (text: string): void => {
    for (let at = 0; at < text.length; at += 1) seen += text.charCodeAt(at);
  };
  const squared = (text: string): void => {
    for (let from = 0; from < text.length; from += 8) once(text.slice(from));
  };
  assert.ok(growth(textOf, once, 4096) < LINEAR_AT_MOST);
  assert.ok(growth(textOf, squared, 1024) > LINEAR_AT_MOST);
  assert.ok(seen > 0);
});
