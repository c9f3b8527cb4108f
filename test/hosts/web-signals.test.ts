/** Who hears of a client that leaves or a session that ends, on `bulwark/web`, and for how long. */
import assert from 'node:assert/strict';
import { setImmediate, setTimeout as later } from 'node:timers/promises';
import { describe, test } from 'node:test';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { bulwark, type WebProtector } from '../../src/adapters/web.ts';
import { LAYER_PARTS } from '../../src/core/layer-parts.ts';
import { signedIn } from '../../src/testing/signed-in.ts';
import { testPolicy } from './hosts.ts';

function make(): WebProtector {
  return bulwark(testPolicy([]), { peer: () => '192.0.2.7' });
}

function at(path: string, init: RequestInit = {}): Request {
  return new Request(`https://example.com${path}`, init);
}

describe('signals', () => {
  test('a handler hears of a client that leaves, and of a session that ends', async () => {
    const layer = make();
    const gone = new AbortController();
    let reason: unknown;
    const handler = layer.handler(async (request) => {
      const { signal } = bulwark.of(request);
      signal.addEventListener('abort', () => (reason = (signal.reason as { code?: unknown }).code));
      gone.abort();
      await setImmediate();
      return new Response('x');
    });
    await handler(at('/', { signal: gone.signal }));
    assert.equal(reason, 'ERR_BULWARK_CLIENT_GONE');
    await layer.close();
  });

  test('nobody is followed any more once the answer was read', async () => {
    const layer = make();
    let aborted = false;
    const gone = new AbortController();
    const handler = layer.handler((request) => {
      bulwark.of(request).signal.addEventListener('abort', () => (aborted = true));
      return new Response('all of it');
    });
    const response = await handler(at('/', { signal: gone.signal }));
    assert.equal(await response.text(), 'all of it');
    gone.abort();
    assert.equal(aborted, false);
    await layer.close();
  });
});

describe('who is followed', () => {
  const piece = new Uint8Array(10);
  const ENDS: Readonly<
    Record<
      string,
      { answer: (look: () => unknown) => Response; take: (response: Response) => unknown; method?: string }
    >
  > = {
    'its reader leaves': {
      answer: (look) => {
        look();
        return new Response(new ReadableStream({ pull: (controller) => controller.enqueue(piece) }));
      },
      take: async ({ body }) => {
        const reader = body?.getReader();
        await reader?.read();
        await reader?.cancel();
      },
    },
    'its source fails': {
      answer: (look) => {
        look();
        return new Response(new ReadableStream({ pull: (controller) => controller.error(new Error('x')) }));
      },
      take: async (response) => assert.rejects(response.text()),
    },
    'it is the answer to HEAD, which nobody reads': {
      answer: (look) => {
        look();
        return new Response('x');
      },
      take: () => undefined,
      method: 'HEAD',
    },
    'nobody reads it, cancels it or has it any more': {
      answer: (look) => {
        look();
        return new Response(new ReadableStream({ pull: (controller) => controller.enqueue(piece) }));
      },
      take: () => undefined,
    },
    'the body itself asked, and was read': {
      answer: (look) =>
        new Response(
          new ReadableStream(
            {
              pull: (controller) => {
                look();
                controller.close();
              },
            },
            { highWaterMark: 0 },
          ),
        ),
      take: async (response) => response.text(),
    },
    'somebody asked after the end': {
      answer: (look) => {
        setTimeout(look, 5);
        return new Response('x');
      },
      take: async (response) => {
        await response.text();
        await later(10);
      },
    },
  };
  for (const [name, { answer, take, method = 'GET' }] of Object.entries(ENDS))
    test(`is so no longer than the answer: ${name}`, async () => {
      const layer = make();
      const { headers } = await signedIn(layer, { account: 'ann' });
      const { sessions } = layer[LAYER_PARTS];
      const follow = sessions.follow.bind(sessions);
      let [asked, followed] = [0, new Set<object>()];
      sessions.follow = (exchange) => {
        const stop = follow(exchange);
        followed.add(exchange);
        return () => {
          followed.delete(exchange);
          stop();
        };
      };
      const handler = layer.handler((request) =>
        answer(() => {
          asked += 1;
          return bulwark.of(request).signal;
        }),
      );
      for (const who of [headers, {}]) await take(await handler(at('/', { method, headers: who })));
      assert.equal(asked, 2);
      // A bound of turns: what is collected is told of in one of them.
      for (let turn = 0; followed.size > 0 && turn < 100; turn += 1) {
        collectGarbage();
        await setImmediate();
      }
      assert.equal(followed.size, 0);
      await layer.close();
    });
});

function collectGarbage(): void {
  setFlagsFromString('--expose-gc');
  (runInNewContext('gc') as () => void)();
}
