import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Certificate } from '../certificate.ts';
import { readWindow, renewalTime, waitAfter } from './renewal.ts';

const DAY = 86_400_000;
const certificate: Certificate = {
  cert: '',
  key: '',
  notBefore: 0,
  notAfter: 90 * DAY,
  fingerprint: '',
  covers: () => true,
};

test('without a word of the authority a certificate is renewed with a third of its life left', () => {
  assert.equal(renewalTime(certificate, undefined, 0.5), 60 * DAY);
});

test('within the window of an authority each certificate has a moment of its own', () => {
  const window = { start: 10 * DAY, end: 12 * DAY };
  assert.deepEqual(
    [0, 0.5, 1].map((random) => renewalTime(certificate, window, random)),
    [10 * DAY, 11 * DAY, 12 * DAY],
  );
});

test('after a failure it waits a minute, then twice as long each time, and at most six hours', () => {
  assert.deepEqual([1, 2, 3, 20].map(waitAfter), [60_000, 120_000, 240_000, 6 * 3_600_000]);
});

test('what is no window is none', () => {
  const start = '2026-11-30T00:00:00Z';
  const end = '2026-12-01T00:00:00Z';
  assert.deepEqual(readWindow({ suggestedWindow: { start, end } }), {
    start: Date.parse(start),
    end: Date.parse(end),
  });
  for (const answer of [
    undefined,
    null,
    {},
    'x',
    { suggestedWindow: {} },
    { suggestedWindow: { start: end, end: start } },
  ])
    assert.equal(readWindow(answer), undefined);
});
