import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { sketchExchange } from '../../../test/support/exchange.ts';
import { until } from '../../../test/support/until.ts';
import type { AnswerHead } from '../upstream/answer-head.ts';
import { Pages } from './pages.ts';

const NOW = Date.parse('2026-01-01T00:00:00Z');

function headOf(status: number, type: string, coding?: string): AnswerHead {
  const rawHeaders = ['Content-Type', type, ...(coding === undefined ? [] : ['Content-Encoding', coding])];
  return {
    status,
    reason: '',
    rawHeaders,
    framing: { kind: 'chunked' },
    persistent: false,
    keepAlive: undefined,
  };
}

/** One that learns, and is ready to. */
async function learning(t: TestContext): Promise<(head: AnswerHead, now?: number) => boolean> {
  const folder = mkdtempSync(join(tmpdir(), 'bulwark-pages-'));
  const faults: unknown[] = [];
  const pages = new Pages({ seen: join(folder, 'pages.sqlite'), onFault: (error) => faults.push(error) });
  t.after(() => {
    pages.close();
    rmSync(folder, { recursive: true, force: true });
    assert.deepEqual(faults, []);
  });
  const reads = (head: AnswerHead, now = NOW): boolean =>
    pages.readerFor(sketchExchange({ now }), head) !== undefined;
  // In a second of their own.
  await until('it learns', () => reads(headOf(200, 'text/html'), NOW - 60_000));
  return reads;
}

test('no more than twenty pages of a second are read, and twenty of the next', async (t) => {
  const reads = await learning(t);
  for (const second of [NOW, NOW + 1_000]) {
    const read = Array.from({ length: 30 }, (_, at) => reads(headOf(200, 'text/html'), second + at));
    assert.deepEqual(read, [...Array<boolean>(20).fill(true), ...Array<boolean>(10).fill(false)]);
  }
});

test('what is no page, is packed, or tells of a fault of the application is not read', async (t) => {
  const reads = await learning(t);
  for (const [head, isRead] of [
    [headOf(200, 'text/html; charset=utf-8'), true],
    [headOf(404, 'text/html'), true],
    [headOf(500, 'text/html'), false],
    [headOf(200, 'application/json'), false],
    [headOf(200, 'text/html', 'gzip'), false],
    [headOf(200, 'text/html; charset=nobody-has-it'), false],
  ] as const)
    assert.equal(reads(head), isRead, JSON.stringify(head));
});
