import assert from 'node:assert/strict';
import { test } from 'node:test';
import { answerLines, trailerLines } from './answer-lines.ts';

test('what belongs to the connection of the upstream stays there', () => {
  const lines = [
    'Connection',
    'X-Hop, close',
    'X-Hop',
    '1',
    'Keep-Alive',
    'timeout=5',
    'Transfer-Encoding',
    'chunked',
    'Trailer',
    'X',
    'A',
    '1',
    'a',
    '2',
  ];
  assert.deepEqual(answerLines(lines, false), ['A', '1', 'a', '2']);
});

test('Connection cannot take away what the guards look at', () => {
  const lines = ['Connection', 'Set-Cookie, Content-Type', 'Set-Cookie', 'a=1', 'Content-Type', 'text/html'];
  assert.deepEqual(answerLines(lines, false), lines.slice(2));
});

test('of two dates the first goes on, and of two lengths one, where there is a body', () => {
  const lines = ['Date', 'one', 'Content-Length', '5', 'date', 'two', 'content-length', '5'];
  assert.deepEqual(answerLines(lines, true), ['Date', 'one', 'Content-Length', '5']);
  assert.deepEqual(answerLines(lines, false), ['Date', 'one']);
});

test('nothing comes behind a body that had to be said before it', () => {
  const trailers = [
    'X-Sum',
    '1',
    'Set-Cookie',
    'a=1',
    'Content-Length',
    '5',
    'Location',
    '/',
    'content-type',
    'text/html',
  ];
  assert.deepEqual(trailerLines(trailers), [['X-Sum', '1']]);
});
