/** What a guard of the application answers may hold what a stranger sent: it closes the door at worst, and ends no process. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { eventOf } from '../../src/core/events.ts';
import type { OwnGuard } from '../../src/policy/own-guards.ts';
import { ask } from '../../src/testing/wire.ts';
import { WITH_WEB } from './every-host.ts';

const MOVED = { status: 303, type: 'moved', title: 'It is elsewhere', detail: 'Look there.' } as const;
const SEEN = {
  name: 'guest_seen',
  level: 'info',
  meaning: 'A guest came.',
  details: { at: 'any' },
} as const;
const UNREADABLE = {
  get at(): never {
    throw new Error('cannot be read');
  },
};

/** Of no type that compiles, as an application in JavaScript has them, or with values that types say nothing of. */
const UNFIT: Readonly<Record<string, Omit<OwnGuard, 'name'> | Readonly<Record<string, unknown>>>> = {
  'a header with a line end': {
    onRequest: () => ({ ...MOVED, headers: [['Location', '/a\r\nSet-Cookie: b=c']] }),
  },
  'a header with a letter that no head has': {
    onRequest: () => ({ ...MOVED, headers: [['Location', '/\u20ac']] }),
  },
  'a header whose name is none': { onRequest: () => ({ ...MOVED, headers: [['Not a name', 'b']] }) },
  'headers that are no list': { onRequest: () => ({ ...MOVED, headers: { location: '/' } }) },
  'an event that cannot be read': { onRequest: () => ({ ...MOVED, event: eventOf(SEEN, UNREADABLE) }) },
  'the same, over the answer': { onAnswer: () => ({ ...MOVED, event: eventOf(SEEN, UNREADABLE) }) },
  'a header with a line end, over the answer': {
    onAnswer: () => ({ ...MOVED, headers: [['Location', '/a\r\nb: c']] }),
  },
  'a promise that fails, over the answer': { onAnswer: () => Promise.reject(new Error('late')) },
};

/** Who asks next must be answered, and no error is anybody's but the request's. */
async function withoutAnError(use: () => Promise<void>): Promise<void> {
  const errors: unknown[] = [];
  const note = (error: unknown): void => void errors.push(error);
  process.on('uncaughtException', note).on('unhandledRejection', note);
  try {
    await use();
    await new Promise(setImmediate);
    assert.deepEqual(errors, []);
  } finally {
    process.off('uncaughtException', note).off('unhandledRejection', note);
  }
}

for (const [name, host] of Object.entries(WITH_WEB)) {
  test(`${name}: an answer of a guard that cannot be sent is a 500, and the next request has its own`, async () => {
    await withoutAnError(async () => {
      for (const [what, hooks] of Object.entries(UNFIT)) {
        for (const mode of ['enforce', 'observe'] as const) {
          const guard = { name: 'guests', mode, events: [SEEN], ...hooks } as OwnGuard;
          const { port, stop } = await host({ guards: [{ after: 'session', guard }] });
          try {
            for (const _ of [1, 2]) {
              const { status, headers } = await ask(port, { target: '/json' });
              assert.equal(status, mode === 'enforce' ? 500 : 200, `${what}, ${mode}`);
              assert.ok(!headers.some(([line]) => line === 'location' || line === 'b'), what);
            }
          } finally {
            await stop();
          }
        }
      }
    });
  });

  test(`${name}: a promise where a hook has to answer at once is told, and ends no process`, async () => {
    await withoutAnError(async () => {
      const onResponse = async (): Promise<void> => await Promise.reject(new Error('late'));
      const guard = { name: 'guests', onResponse } as unknown as OwnGuard;
      const { port, events, stop } = await host({ guards: [{ after: 'session', guard }] });
      try {
        assert.equal((await ask(port, { target: '/json' })).status, 200);
        const told = events.find(({ event, guard: by }) => event === 'sys_crash' && by === 'guests');
        assert.match(JSON.stringify(told), /with a promise in onResponse/);
      } finally {
        await stop();
      }
    });
  });
}
