/** What a file that is not there costs, beside one that is somebody else's: by what is asked, and not by a clock. */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { ask, sessionCookieOf } from '../../src/testing/wire.ts';
import { memory } from '../../src/stores/memory/state.ts';
import type { State } from '../../src/stores/ports/state.ts';
import { sqlite } from '../../src/stores/sqlite/state.ts';
import { FILE_HOSTS } from './file-hosts.ts';

const OWN = { 'sec-fetch-site': 'same-origin' };
const UNKNOWN = 'x'.repeat(22);

/** What it is, with each call of a method noted by its name. */
function noting<T extends object>(target: T, calls: string[], name = ''): T {
  return new Proxy(target, {
    get(of, key) {
      const value: unknown = Reflect.get(of, key, of);
      const path = `${name}.${String(key)}`;
      if (typeof value === 'function') {
        return (...given: unknown[]): unknown => {
          calls.push(path);
          return Reflect.apply(value, of, given);
        };
      }
      return typeof value === 'object' && value !== null ? noting(value, calls, path) : value;
    },
  });
}

async function takesTheSame(state: State): Promise<void> {
  const calls: string[] = [];
  const host = await (FILE_HOSTS['node:http'] ?? assert.fail())({ state: noting(state, calls) });
  const { port, uploads } = host;
  try {
    const signIn = async (account: string): Promise<Record<string, string>> => {
      const answer = await ask(port, { method: 'POST', target: `/sign-in?account=${account}`, headers: OWN });
      return { ...OWN, cookie: sessionCookieOf(answer) ?? '' };
    };
    const [ann, bob] = [await signIn('ann'), await signIn('bob')];
    const type = 'multipart/form-data; boundary=b';
    const body = '--b\r\nContent-Disposition: form-data; name="f"; filename="a.txt"\r\n\r\ntext\r\n--b--\r\n';
    await ask(port, { method: 'POST', target: '/files', headers: { ...ann, 'content-type': type }, body });
    const [file] = (await uploads.list('ann')).items;
    const id = file?.id ?? assert.fail('no file');
    const shared = await uploads.share('ann', id, { link: 'once' });
    assert.ok(shared.ok);

    const ways: Readonly<Record<string, (id: string) => Promise<unknown>>> = {
      'a download': async (asked) => (await ask(port, { target: `/files/${asked}`, headers: bob })).status,
      'a part of one': async (asked) =>
        (await ask(port, { target: `/files/${asked}`, headers: { ...bob, range: 'bytes=0-1' } })).status,
      'a look': (asked) => uploads.find('bob', asked),
      'a removal': (asked) => uploads.remove('bob', asked),
      'a share': (asked) => uploads.share('bob', asked, { with: 'eve' }),
      'its shares': (asked) => uploads.shares('bob', asked),
      'a share taken back': (asked) => uploads.revoke('bob', asked, shared.share.id),
    };
    for (const [what, run] of Object.entries(ways)) {
      const asked: [calls: readonly string[], answer: unknown][] = [];
      for (const one of [UNKNOWN, id]) {
        calls.length = 0;
        const answer = await run(one);
        asked.push([[...calls], answer]);
      }
      const [unknown, forbidden] = asked;
      assert.deepEqual(forbidden?.[1], unknown?.[1], `${what}: the answers differ`);
      assert.deepEqual(forbidden?.[0], unknown?.[0], `${what}: the calls differ`);
      assert.ok((unknown?.[0].length ?? 0) > 0, `${what} asks nobody`);
    }
    // It was there all along.
    assert.equal((await ask(port, { target: `/files/${id}`, headers: ann })).body, 'text');
  } finally {
    await host.stop();
  }
}

test('v5.0.0-8.2.2 (in part) a file of somebody else is asked for by the same calls of the store as one that is not there', async () => {
  await takesTheSame(memory());
});

test('likewise where rows lie in SQLite', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'bulwark-unknown-'));
  try {
    await takesTheSame(sqlite(folder));
  } finally {
    rmSync(folder, { recursive: true });
  }
});
