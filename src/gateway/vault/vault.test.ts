/** The vault on stores of both kinds, without a server: requests and answers in any order. */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, test } from 'node:test';
import { sketchExchange } from '../../../test/support/exchange.ts';
import { acrossNetwork, START } from '../../../test/support/sessions.ts';
import { hashSessionId } from '../../controls/sessions/session-cookie.ts';
import { sessionOptions } from '../../controls/sessions/session.options.ts';
import { BulwarkError } from '../../core/errors.ts';
import type { Exchange } from '../../core/exchange.ts';
import { ForwardLines } from '../../core/forward-head.ts';
import { defaultsOf } from '../../core/options.ts';
import type { Verdict } from '../../core/verdict.ts';
import { memory } from '../../stores/memory/state.ts';
import type { SessionStore } from '../../stores/ports/sessions.ts';
import { sqlite } from '../../stores/sqlite/state.ts';
import { CookieNames } from './cookie-names.ts';
import { VAULT_COOKIE } from './handle.ts';
import { Vault } from './vault.ts';

const MINUTE = 60_000;
const SIGNED_IN = `session=${Buffer.from('{"user":"ann"}').toString('base64url')}.aSyH1w.signature`;
const GONE = 'session=; Max-Age=0; Path=/';

/** A gateway, and the one browser before it. */
class Site {
  now = START;
  readonly events: string[] = [];
  readonly store: SessionStore;
  readonly vault: Vault;
  jar = new Map<string, string>();

  constructor(store: SessionStore, names: readonly string[] = ['session', 'remember_token']) {
    this.store = store;
    this.vault = new Vault({
      names: new CookieNames(names),
      store,
      settings: defaultsOf(sessionOptions),
      audit: ({ name }) => this.events.push(name),
      clock: () => this.now,
    });
  }

  get handle(): string | undefined {
    return this.jar.get(VAULT_COOKIE);
  }

  /** Begins a request with the cookies of this moment. */
  async begin(path = '/', cookies: ReadonlyMap<string, string> = this.jar): Promise<Visit> {
    const cookie = [...cookies].map(([name, value]) => `${name}=${value}`).join('; ');
    const headers: Record<string, string> = cookie === '' ? {} : { cookie };
    const exchange = sketchExchange({ target: path, headers, now: this.now });
    exchange.rawPath = path;
    const verdict = await this.vault.guard.onRequest?.(exchange);
    const lines = new ForwardLines(exchange.request.rawHeaders);
    this.vault.guard.onForward?.(exchange, lines);
    return { exchange, verdict, sent: lines.get('cookie') };
  }

  /** Answers one. Returns the Set-Cookie lines of the application that went on. */
  async answer({ exchange }: Visit, ...lines: readonly string[]): Promise<readonly string[]> {
    const raw = lines.flatMap((line) => ['Set-Cookie', line]);
    const left = await this.vault.take(exchange, ['Content-Type', 'text/html', ...raw]);
    for (const [, line] of exchange.extraHeaders) {
      const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(line) ?? [];
      if (value === '') this.jar.delete(name);
      else this.jar.set(name, value);
    }
    return left.slice(2).filter((_, at) => at % 2 === 1);
  }

  async visit(...lines: readonly string[]): Promise<readonly string[]> {
    return this.answer(await this.begin(), ...lines);
  }

  async sent(path = '/', cookies: ReadonlyMap<string, string> = this.jar): Promise<string | undefined> {
    return (await this.begin(path, cookies)).sent;
  }
}

interface Visit {
  readonly exchange: Exchange;
  readonly verdict: Verdict;
  readonly sent: string | undefined;
}

const folder = mkdtempSync(join(tmpdir(), 'bulwark-vault-'));
const database = sqlite(folder);
after(async () => {
  await database.close();
  rmSync(folder, { recursive: true });
});

const STORES: Readonly<Record<string, () => SessionStore>> = {
  memory: () => memory().sessions,
  SQLite: () => database.sessions,
  'a store across a network': () => acrossNetwork(memory().sessions),
};

for (const [name, storeOf] of Object.entries(STORES)) {
  describe(`the vault on ${name}`, () => {
    const siteOf = (names?: readonly string[]): Site => new Site(storeOf(), names);

    test('keeps what is named, lets the rest by, and gives it back in the place of the handle', async () => {
      const site = siteOf();
      assert.deepEqual(await site.visit('theme=dark', `${SIGNED_IN}; Path=/; HttpOnly`), ['theme=dark']);
      site.jar.set('theme', 'dark');
      assert.match(site.handle ?? '', /^[\w-]{43}$/);
      assert.equal(await site.sent(), `${SIGNED_IN}; theme=dark`);
      assert.deepEqual(site.events, ['session_created']);
    });

    test('nothing is kept for a visitor to whom nothing was given', async () => {
      const site = siteOf();
      const before = await site.store.count();
      await site.visit('theme=dark');
      await site.visit(GONE);
      assert.deepEqual([await site.store.count(), site.handle], [before, undefined]);
    });

    test('what a browser sends under a name that is kept here goes nowhere, with a handle and without', async () => {
      const site = siteOf();
      await site.visit(SIGNED_IN);
      const planted = new Map([...site.jar, ['session', 'planted'], ['Session', 'x'], ['a', '1']]);
      assert.equal(await site.sent('/', planted), `${SIGNED_IN}; a=1`);
      assert.equal(await site.sent('/', new Map([['session', 'planted']])), undefined);
      assert.equal(await site.sent('/', new Map([[VAULT_COOKIE, 'planted']])), undefined);
    });

    test('an application cannot set the handle', async () => {
      const site = siteOf();
      assert.deepEqual(await site.visit(`${VAULT_COOKIE}=x; Path=/; Secure`, '__host-VAULT=y'), []);
      assert.equal(site.handle, undefined);
    });

    test('a sign-out ends it for every copy, also for a request that was under way', async () => {
      const site = siteOf();
      await site.visit(SIGNED_IN);
      const copy = site.jar;
      const slow = await site.begin('/', new Map(copy));
      await site.visit(GONE);
      assert.deepEqual([site.handle, await site.sent('/', new Map(copy))], [undefined, undefined]);
      await site.answer(slow, SIGNED_IN);
      assert.equal(site.handle, undefined);
      assert.deepEqual(site.events, ['session_created', 'session_expired']);
    });

    test('of two answers to one visitor the newer request counts, in whatever order they come', async () => {
      const site = siteOf();
      await site.visit(`session=${'x'.repeat(200)}`);
      const older = await site.begin();
      site.now += 1;
      const newer = await site.begin();
      await site.answer(newer, `session=${'n'.repeat(200)}`);
      await site.answer(older, `session=${'o'.repeat(200)}`);
      assert.equal(await site.sent(), `session=${'n'.repeat(200)}`);
    });

    test('two answers at once lose nothing of each other', async () => {
      const site = siteOf();
      await site.visit(`session=${'x'.repeat(200)}`, `remember_token=${'y'.repeat(200)}`);
      const visits = [await site.begin(), await site.begin()] as const;
      await Promise.all([
        site.answer(visits[0], `session=${'1'.repeat(200)}`),
        site.answer(visits[1], `remember_token=${'2'.repeat(200)}`),
      ]);
      assert.equal(await site.sent(), `session=${'1'.repeat(200)}; remember_token=${'2'.repeat(200)}`);
    });

    test('another user has another handle; a page under way under the old one changes nothing', async () => {
      const site = siteOf();
      await site.visit(`session=${'x'.repeat(200)}`);
      const before = new Map(site.jar);
      const slow = await site.begin();
      await site.visit(SIGNED_IN);
      const handle = site.handle;
      assert.notEqual(handle, before.get(VAULT_COOKIE));
      assert.equal(await site.sent('/', before), undefined);
      await site.answer(slow, `session=${'z'.repeat(200)}`);
      // It left under the old handle, and arrives late: what it is given must not take the new one away.
      const late = await site.begin('/', before);
      await site.answer(late, `session=${'z'.repeat(200)}`);
      assert.deepEqual([site.handle, await site.sent()], [handle, SIGNED_IN]);
    });

    test('who signs in under an old handle, whose successor never arrived, gets a new one', async () => {
      const site = siteOf();
      await site.visit(`session=${'x'.repeat(200)}`);
      const lost = new Map(site.jar);
      await site.visit(SIGNED_IN);
      site.jar = lost;
      await site.visit(SIGNED_IN);
      assert.equal(await site.sent(), SIGNED_IN);
    });

    test('one cookie of several that goes takes the handle with it, and leaves the rest under another', async () => {
      const site = siteOf();
      await site.visit(SIGNED_IN, 'remember_token=ann|abc');
      const copy = new Map(site.jar);
      await site.visit(GONE);
      assert.equal(await site.sent('/', copy), undefined);
      assert.equal(await site.sent(), 'remember_token=ann|abc');
    });

    test('it ends where it lies idle, and at its end, which another id does not move', async () => {
      const site = siteOf();
      await site.visit('session=one');
      site.now += 29 * MINUTE;
      assert.equal(await site.sent(), 'session=one');
      site.now += 30 * MINUTE;
      assert.equal(await site.sent(), undefined);
      site.jar.clear();
      await site.visit('session=0');
      const started = site.now;
      while (site.now < started + 12 * 60 * MINUTE - 20 * MINUTE) {
        site.now += 20 * MINUTE;
        await site.visit(`session=${site.now}`);
      }
      assert.ok((await site.sent())?.startsWith('session='));
      site.now = started + 12 * 60 * MINUTE;
      assert.equal(await site.sent(), undefined);
    });

    test('a handle is no session id, and a session id no handle', async () => {
      const site = siteOf();
      await site.visit(SIGNED_IN);
      assert.equal(await site.store.find(hashSessionId(site.handle ?? ''), site.now), undefined);
    });

    test('an entry that was moved to the row of another handle opens nothing', async () => {
      const site = siteOf();
      await site.visit(SIGNED_IN);
      const [record] = await site.store.list('ann', site.now);
      assert.ok(record);
      await site.visit(GONE);
      await site.visit('session=eve');
      const [eve] = [new Map(site.jar)];
      const found = await site.begin();
      assert.equal(found.sent, 'session=eve');
      const idHash = (await hashesOf(site, found.exchange)) ?? '';
      assert.ok(await site.store.update(idHash, 1, { data: record.data }, site.now));
      assert.equal(await site.sent('/', eve), undefined);
    });
  });
}

/** The name of an entry in its store: seen as the store is asked for it. */
async function hashesOf(site: Site, { request }: Exchange): Promise<string | undefined> {
  let asked: string | undefined;
  const spied: SessionStore = {
    ...site.store,
    use: (idHash) => {
      asked = idHash;
      return undefined;
    },
  };
  const twin = new Site(spied);
  await twin.vault.guard.onRequest?.(sketchExchange({ headers: { cookie: String(request.headers.cookie) } }));
  return asked;
}

test('a store that is gone refuses who brings a handle, serves who brings none, and an answer is withheld', async () => {
  const { sessions } = memory();
  const site = new Site(sessions);
  await site.visit(SIGNED_IN);
  const live = await site.begin();
  for (const gone of [
    (): never => {
      throw new BulwarkError('ERR_BULWARK_STORE', 'gone');
    },
    async (): Promise<never> => {
      throw new BulwarkError('ERR_BULWARK_STORE', 'gone');
    },
  ]) {
    const names = ['find', 'create', 'use', 'update', 'replace', 'revoke'] as const;
    for (const method of names) Object.assign(sessions, { [method]: gone });
    assert.equal((await site.begin()).verdict?.status, 503);
    const visitor = await site.begin('/', new Map([['session', 'x']]));
    assert.deepEqual([visitor.verdict, visitor.sent], [undefined, undefined]);
    assert.deepEqual(await site.answer(visitor, 'theme=dark'), ['theme=dark']);
    for (const visit of [visitor, live])
      for (const line of [SIGNED_IN, 'session=other']) await assert.rejects(site.answer(visit, line), /gone/);
    await assert.rejects(site.answer(live, GONE), /gone/);
  }
});
