import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setImmediate } from 'node:timers/promises';
import type { AnswerHead } from '../upstream/answer-head.ts';
import { UpstreamFault } from '../upstream/fault.ts';
import { HeldAnswer, type Onward, SeenAnswer } from './watched-answer.ts';

const HEAD: AnswerHead = {
  status: 200,
  reason: 'OK',
  rawHeaders: [],
  framing: { kind: 'chunked' },
  persistent: true,
  keepAlive: undefined,
};

/** Notes what arrives, in order. */
class Client implements Onward {
  readonly got: string[] = [];
  readonly call = {
    pause: () => void this.got.push('pause'),
    resume: () => void this.got.push('resume'),
    abort: () => undefined,
  };
  information(): void {
    this.got.push('information');
  }
  head({ status }: AnswerHead): void {
    this.got.push(`head ${status}`);
  }
  data(bytes: Buffer): void {
    this.got.push(bytes.length > 20 ? `data ${bytes.length}` : `data ${bytes.toString()}`);
  }
  trailers(): void {
    this.got.push('trailers');
  }
  end(): void {
    this.got.push('end');
  }
  upgraded(): void {
    this.got.push('upgraded');
  }
  failed({ kind }: UpstreamFault): void {
    this.got.push(`failed ${kind}`);
  }
}

function held(readsBody = true): { client: Client; answer: HeldAnswer; judged: string[]; done: () => void } {
  const client = new Client();
  const judged: string[] = [];
  const waiting = Promise.withResolvers<void>();
  const answer = new HeldAnswer(client, {
    readsBody: () => readsBody,
    judge: async (_head, body) => {
      judged.push(Buffer.concat(body).toString());
      await waiting.promise;
    },
  });
  return { client, answer, judged, done: () => waiting.resolve() };
}

test('nothing of an answer goes on before it is judged, and then all of it in order', async () => {
  const { client, answer, judged, done } = held();
  answer.head(HEAD);
  answer.data(Buffer.from('one'), false);
  assert.deepEqual([client.got, judged], [[], []]);
  answer.trailers([]);
  answer.end(true);
  assert.deepEqual([client.got, judged], [['pause'], ['one']]);
  done();
  await setImmediate();
  assert.deepEqual(client.got, ['pause', 'resume', 'head 200', 'data one', 'trailers', 'end']);
});

test('a long answer is judged by its beginning, and what comes meanwhile is not lost', async () => {
  const { client, answer, judged, done } = held();
  answer.head(HEAD);
  for (let piece = 0; piece < 3; piece += 1) answer.data(Buffer.alloc(40_000, 'x'), false);
  assert.equal(judged[0]?.length, 80_000);
  done();
  await setImmediate();
  answer.data(Buffer.from('last'), false);
  answer.end(true);
  assert.deepEqual(client.got.slice(2), [
    'head 200',
    'data 40000',
    'data 40000',
    'data 40000',
    'data last',
    'end',
  ]);
  assert.equal(judged.length, 1);
});

test('an answer whose body says nothing is judged by its head', async () => {
  const { client, answer, judged, done } = held(false);
  answer.head(HEAD);
  assert.deepEqual(judged, ['']);
  answer.data(Buffer.from('event'), false);
  done();
  await setImmediate();
  assert.deepEqual(client.got, ['pause', 'resume', 'head 200', 'data event']);
});

test('an answer that is cut is cut for the client too, and none is judged where none came', async () => {
  const cut = held();
  cut.answer.head(HEAD);
  cut.answer.data(Buffer.from('some'), false);
  cut.answer.failed(new UpstreamFault('cut', 'it broke'));
  cut.done();
  await setImmediate();
  assert.deepEqual(cut.client.got.slice(2), ['head 200', 'data some', 'failed cut']);
  const none = held();
  none.answer.failed(new UpstreamFault('connect', 'nobody'));
  assert.deepEqual([none.client.got.at(-1), none.judged], ['failed connect', []]);
});

test('an answer that is only seen goes on at once, and is forgotten where it is long or cut', () => {
  const seen: string[] = [];
  const of = (wants: boolean): { client: Client; answer: SeenAnswer } => {
    const client = new Client();
    const see = (_head: AnswerHead, body: readonly Buffer[]): void =>
      void seen.push(Buffer.concat(body).toString());
    return { client, answer: new SeenAnswer(client, () => wants, see) };
  };
  for (const wants of [true, false]) {
    const { client, answer } = of(wants);
    answer.head(HEAD);
    answer.data(Buffer.from('page'), false);
    assert.deepEqual(client.got, ['head 200', 'data page']);
    answer.end(true);
  }
  const long = of(true).answer;
  long.head(HEAD);
  for (let piece = 0; piece < 30; piece += 1) long.data(Buffer.alloc(10_000), false);
  long.end(true);
  const cut = of(true).answer;
  cut.head(HEAD);
  cut.data(Buffer.from('page'), false);
  cut.failed(new UpstreamFault('cut', 'it broke'));
  assert.deepEqual(seen, ['page']);
});
