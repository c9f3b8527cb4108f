import assert from 'node:assert/strict';
import { test } from 'node:test';
import { cutForLog, MOST_LOGGED } from './log-text.ts';

test('leaves what is short, and what is not there', () => {
  assert.equal(cutForLog(undefined), undefined);
  assert.equal(cutForLog(''), '');
  assert.equal(cutForLog('/'.repeat(MOST_LOGGED)), '/'.repeat(MOST_LOGGED));
});

test('cuts what is long, and says so', () => {
  assert.equal(cutForLog('/'.repeat(16_000)), `${'/'.repeat(MOST_LOGGED)}...`);
  assert.equal(cutForLog('a'.repeat(16_000)), 'aaaaaaaa...');
});

test('leaves 8 characters of a word that the cut goes through, wherever it lies', () => {
  const token = `bwk_${'a1B2'.repeat(8)}_abcdef`;
  for (let before = 0; before < MOST_LOGGED; before += 1) {
    const logged = cutForLog(`${'/'.repeat(before)}${token}/${'/'.repeat(MOST_LOGGED)}`);
    assert.ok(logged.length <= MOST_LOGGED + 3);
    assert.ok(logged.includes(token) || !logged.includes(token.slice(0, 9)), logged);
  }
});
