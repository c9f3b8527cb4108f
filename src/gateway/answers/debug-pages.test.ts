import assert from 'node:assert/strict';
import { test } from 'node:test';
import { brotliCompressSync, deflateSync, gzipSync } from 'node:zlib';
import { sketchExchange } from '../../../test/support/exchange.ts';
import type { Mode } from '../../core/guard.ts';
import type { Refusal } from '../../core/verdict.ts';
import type { AnswerHead, Framing } from '../upstream/answer-head.ts';
import { UpstreamFault } from '../upstream/fault.ts';
import { DebugPageSink, type ReplaceableSink } from './debug-pages.ts';

const DEBUGGER = '<!doctype html><title>RuntimeError // Werkzeug Debugger</title>';
const HTML = 'text/html; charset=utf-8';

/** What reaches a client, in order. */
class Client implements ReplaceableSink {
  readonly exchange: ReplaceableSink['exchange'];
  readonly heard: string[] = [];
  refusal: Refusal | undefined;

  constructor(target: string) {
    this.exchange = sketchExchange({ target });
    this.exchange.query = target.split('?')[1] ?? '';
  }

  information(): void {
    this.heard.push('information');
  }
  head({ status }: AnswerHead): void {
    this.heard.push(`head ${status}`);
  }
  data(bytes: Buffer, isLast: boolean): void {
    this.heard.push(`${String(bytes)}${isLast ? ' (last)' : ''}`);
  }
  trailers(): void {
    this.heard.push('trailers');
  }
  end(): void {
    this.heard.push('end');
  }
  upgraded(): void {
    this.heard.push('upgraded');
  }
  failed({ kind }: UpstreamFault): void {
    this.heard.push(`failed ${kind}`);
  }
  replace(refusal: Refusal): void {
    this.heard.push(`replaced ${refusal.status}`);
    this.refusal = refusal;
  }
  observe(guard: string, refusal: Refusal): void {
    this.heard.push(`observed ${guard} ${refusal.status}`);
  }
}

function sinkOf(
  mode: Mode = 'enforce',
  target = '/',
): { readonly client: Client; readonly sink: DebugPageSink } {
  const client = new Client(target);
  return { client, sink: new DebugPageSink(mode, client, client) };
}

function headOf(
  status: number,
  type: string | undefined,
  more: readonly string[] = [],
  framing: Framing = { kind: 'chunked' },
): AnswerHead {
  const rawHeaders = [...(type === undefined ? [] : ['Content-Type', type]), ...more];
  return { status, reason: '', rawHeaders, framing, persistent: true, keepAlive: undefined };
}

test('a page for developers is replaced, however it comes: in pieces, coded, or without an end', () => {
  for (const [coding, body] of [
    [undefined, Buffer.from(DEBUGGER)],
    ['gzip', gzipSync(DEBUGGER)],
    ['deflate', deflateSync(DEBUGGER)],
    ['br', brotliCompressSync(DEBUGGER)],
  ] as const)
    for (const step of [1, 7, body.length]) {
      const { client, sink } = sinkOf();
      sink.head(headOf(500, HTML, coding === undefined ? [] : ['Content-Encoding', coding]));
      for (let at = 0; at < body.length; at += step) sink.data(body.subarray(at, at + step), false);
      sink.end(true);
      sink.trailers([]);
      assert.deepEqual(client.heard, ['replaced 500'], `${coding} ${step}`);
    }
  const { client, sink } = sinkOf();
  sink.head(headOf(500, HTML));
  sink.data(Buffer.from(DEBUGGER + 'x'.repeat(20_000)), false);
  assert.deepEqual(client.heard, ['replaced 500']);
  sink.failed(new UpstreamFault('cut', 'cut'));
  assert.deepEqual(client.heard, ['replaced 500']);
});

test('its status stays where it is one of an error, and is a 404 where it is none', () => {
  for (const [status, seen] of [
    [200, 404],
    [400, 400],
    [403, 403],
    [404, 404],
    [500, 500],
  ] as const) {
    const { client, sink } = sinkOf();
    sink.head(headOf(status, HTML));
    sink.data(Buffer.from(DEBUGGER), true);
    assert.equal(client.refusal?.status, seen);
    assert.equal(client.refusal?.event?.kind.level, 'critical');
  }
});

test('an error that is none of these goes on whole and in order, and a cut one is cut', () => {
  const { client, sink } = sinkOf();
  sink.information(headOf(103, undefined));
  sink.head(headOf(404, HTML));
  sink.data(Buffer.from('not '), false);
  sink.data(Buffer.from('here'), false);
  assert.deepEqual(client.heard, ['information']);
  sink.trailers([]);
  sink.end(true);
  assert.deepEqual(client.heard, ['information', 'head 404', 'not here', 'trailers', 'end']);
  const cut = sinkOf();
  cut.sink.head(headOf(404, HTML));
  cut.sink.data(Buffer.from('not '), false);
  cut.sink.failed(new UpstreamFault('cut', 'cut'));
  assert.deepEqual(cut.client.heard, ['head 404', 'not ', 'failed cut']);
});

test('a long error is held back no further than its beginning, and a page no further than its first piece', () => {
  const long = sinkOf();
  long.sink.head(headOf(500, HTML));
  long.sink.data(Buffer.alloc(16_384, 'x'), false);
  assert.equal(long.client.heard.length, 2);
  const slow = sinkOf();
  slow.sink.head(headOf(200, HTML));
  assert.deepEqual(slow.client.heard, []);
  slow.sink.data(Buffer.from('<p>'), false);
  slow.sink.data(Buffer.from('more'), false);
  assert.deepEqual(slow.client.heard, ['head 200', '<p>', 'more']);
});

test('what is no page is never held back: events, files, answers without a body', () => {
  for (const head of [
    headOf(200, 'text/event-stream'),
    headOf(200, 'application/octet-stream'),
    headOf(500, 'application/json'),
    headOf(304, HTML, [], { kind: 'none' }),
    headOf(200, undefined),
  ]) {
    const { client, sink } = sinkOf();
    sink.head(head);
    assert.deepEqual(client.heard, [`head ${head.status}`]);
  }
});

test('files of the debugger tell that there is one, and a file by such a name of the application does not', () => {
  const file = headOf(200, 'text/javascript', ['Content-Disposition', 'inline; filename=debugger.js']);
  const asked = sinkOf('enforce', '/?__debugger__=yes&cmd=resource&f=debugger.js');
  asked.sink.head(file);
  asked.sink.data(Buffer.from('x'), true);
  asked.sink.end(true);
  assert.deepEqual(asked.client.heard, ['replaced 404']);
  const own = sinkOf('enforce', '/files/debugger.js');
  own.sink.head(file);
  assert.deepEqual(own.client.heard, ['head 200']);
});

test('observed it is told and goes on', () => {
  const { client, sink } = sinkOf('observe');
  sink.head(headOf(500, HTML));
  sink.data(Buffer.from(DEBUGGER), true);
  sink.end(true);
  assert.deepEqual(client.heard, ['observed debug-pages 500', 'head 500', `${DEBUGGER} (last)`, 'end']);
});

test('a body that inflates without end is no such page, and costs no more than the bound', () => {
  const { client, sink } = sinkOf();
  sink.head(headOf(404, HTML, ['Content-Encoding', 'gzip']));
  sink.data(gzipSync(Buffer.alloc(8_000_000)), true);
  assert.equal(client.heard[0], 'head 404');
});
