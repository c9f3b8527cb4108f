/** A browser that is closed and opened again: its session cookie is gone, and the session that it was of lives on. */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { createClient } from 'redis';
import { FakeAccounts, PASSWORD, type Person } from '../../../test/support/accounts.ts';
import { postgresStates } from '../../../test/support/postgres-states.ts';
import { RedisServer } from '../../../test/support/redis.ts';
import { hasCode } from '../../../test/support/sessions.ts';
import { fromBase32 } from '../../../test/support/base32.ts';
import { STAY_COOKIE } from '../../identity/mfa/browser-cookie.ts';
import { oneTimeCode, timeStep } from '../../identity/mfa/totp-code.ts';
import type { SessionSettings } from '../../controls/sessions/session.options.ts';
import { joinStates } from '../../stores/joined.ts';
import { memory } from '../../stores/memory/state.ts';
import type { State } from '../../stores/ports/state.ts';
import { redis } from '../../stores/redis/state.ts';
import { sqlite } from '../../stores/sqlite/state.ts';

const EMAIL = 'ann@example.com';
const MINUTE = 60_000;
const DAY = 24 * 60 * MINUTE;
const ONE = { perAccount: 1, whenFull: 'refuse' } as const;

const pg = postgresStates('reopened');
const folder = mkdtempSync(join(tmpdir(), 'bulwark-reopened-'));
let server: RedisServer;
let client: ReturnType<typeof createClient>;
let shared: State;
let made = 0;
const opened: State[] = [];

before(async () => {
  server = await RedisServer.start();
  client = createClient({ url: server.url });
  await client.connect();
  shared = await redis(client);
});
after(async () => {
  for (const state of opened) await state.close();
  await shared.close();
  client.destroy();
  await server.stop();
  rmSync(folder, { recursive: true, force: true });
});

const STATES: Readonly<Record<string, () => State | Promise<State>>> = {
  memory,
  SQLite: () => {
    const state = sqlite(join(folder, `${++made}`));
    opened.push(state);
    return state;
  },
  PostgreSQL: () => pg.open(),
  'Redis and memory': async () => {
    // It counts the mails to an address too.
    await client.flushAll();
    return joinStates({ shared, records: memory() });
  },
};

for (const [store, open] of Object.entries(STATES)) {
  describe(`a browser that is opened again, in ${store}`, () => {
    test('takes the place of its own session, where there is room for one', async () => {
      const { site, ann, account } = await staying(await open(), ONE);
      for (const _ of [1, 2]) {
        site.now += MINUTE;
        ann.closeBrowser();
        assert.equal(await resume(site, ann), 'signed in');
        assert.equal(await ann.who(), account.id);
        assert.equal((await site.site.sessions.list(account.id)).length, 1);
      }
      assert.ok(!site.events.some(({ event }) => event === 'session_limit_reached'));
      // Nobody else gets in by it.
      await assert.rejects(site.person('192.0.2.20').signIn(EMAIL), hasCode('ERR_BULWARK_SESSIONS_FULL'));
    });

    for (const [room, session] of Object.entries({ one: ONE, any: {} })) {
      test(`in two processes at once, with room for ${room}: one session is left, and a browser that has it`, async () => {
        const { site, ann, account } = await staying(await open(), session);
        const other = new FakeAccounts({ staySignedIn: '30d' }, site.state, { session });
        for (const isOver of [false, true]) {
          site.now += isOver ? DAY : MINUTE;
          other.now = site.now;
          ann.closeBrowser();
          const tab = ann.copy(other);
          assert.deepEqual(
            await Promise.all([resume(site, ann), resume(other, tab)]),
            ['signed in', 'signed in'],
            isOver ? 'over' : 'alive',
          );
          assert.equal((await site.site.sessions.list(account.id)).length, 1);
          const who = [await ann.who(), await tab.who()];
          assert.deepEqual(
            who.filter((one) => one !== undefined),
            [account.id],
          );
          if (who[0] === undefined) assert.equal(await resume(site, ann), 'signed in');
        }
        const events = [...site.events, ...other.events];
        assert.ok(!events.some(({ event }) => /limit_reached|token_reuse/.test(event)));
      });
    }

    for (const isOver of [false, true])
      test(`in six tabs at once, its session ${isOver ? 'over' : 'alive'}: no other browser makes room for it`, async () => {
        const session = { perAccount: 2, whenFull: 'end-oldest', idle: 60 * MINUTE } as const;
        const { site, ann, account } = await staying(await open(), session);
        site.now += isOver ? DAY : MINUTE;
        const phone = site.person('192.0.2.20');
        await phone.signIn(EMAIL);
        site.now += MINUTE;
        assert.deepEqual(await sixTabs(site, ann, session), Array(6).fill('signed in'));
        assert.equal(await phone.who(), account.id);
        assert.equal((await site.site.sessions.list(account.id)).length, 2);
      });

    test('in six tabs at once, it is not refused its own place', async () => {
      const { site, ann, account } = await staying(await open(), ONE);
      site.now += MINUTE;
      assert.deepEqual(await sixTabs(site, ann, ONE), Array(6).fill('signed in'));
      assert.equal((await site.site.sessions.list(account.id)).length, 1);
    });

    test('where two others have all the room, one of them ends for its tabs, the oldest', async () => {
      const session = { perAccount: 2, whenFull: 'end-oldest', idle: 60 * MINUTE } as const;
      const { site, ann, account } = await staying(await open(), session);
      site.now += DAY;
      const [phone, laptop] = [site.person('192.0.2.20'), site.person('192.0.2.30')];
      await phone.signIn(EMAIL);
      site.now += MINUTE;
      await laptop.signIn(EMAIL);
      site.now += MINUTE;
      assert.deepEqual(await sixTabs(site, ann, session), Array(6).fill('signed in'));
      assert.deepEqual([await phone.who(), await laptop.who()], [undefined, account.id]);
      assert.equal((await site.site.sessions.list(account.id)).length, 2);
    });
  });
}

test('a second factor that is asked for first ends it as well, and what was done before it goes along', async () => {
  const { site, ann, account } = await staying(memory(), ONE);
  const { secret } = await site.accounts.factors.totp.enrol(account.id, EMAIL);
  const bytes = fromBase32(secret.replaceAll(' ', ''));
  const code = (): string => oneTimeCode(bytes, timeStep((site.now += 30_000)));
  await ann.visit((visit) => site.accounts.factors.totp.confirm(visit, account.id, code()));
  ann.closeBrowser();
  await ann.visit(({ session }) => session.set('cart', ['tea']));
  assert.equal(await resume(site, ann), 'second factor');
  const visitor = ann.sessionId;
  assert.ok((await ann.visit((visit) => site.accounts.signIn.withCode(visit, code(), false))).ok);
  assert.notEqual(ann.sessionId, visitor);
  assert.deepEqual(await ann.visit(({ session }) => session.get('cart')), ['tea']);
  assert.equal(await site.state.sessions.count(), 1, 'nor is the session of the visitor left');
});

test('an answer that is lost leaves no session behind', async () => {
  const { site, ann, account } = await staying(memory(), ONE);
  site.now += MINUTE;
  ann.closeBrowser();
  const lost = ann.copy();
  assert.equal(await resume(site, lost), 'signed in');
  site.now += MINUTE;
  assert.equal(await resume(site, ann), 'signed in');
  assert.equal(await ann.who(), account.id);
  assert.equal((await site.site.sessions.list(account.id)).length, 1);
  assert.ok(!site.events.some(({ event }) => event === 'authn_token_reuse'));
});

test('a copy of its cookie that is used while its session lives is found when the owner comes next', async () => {
  const { site, ann } = await staying(memory());
  site.now += MINUTE;
  const thief = ann.copy(site, '192.0.2.66');
  thief.closeBrowser();
  assert.equal(await resume(site, thief), 'signed in');
  assert.ok(await thief.who());
  assert.equal(await ann.who(), undefined);
  site.now += MINUTE;
  assert.equal(await resume(site, ann), 'nobody');
  assert.equal(await thief.who(), undefined);
  assert.ok(site.events.some(({ event }) => event === 'authn_token_reuse'));
});

test('what a list of devices ends is no other session of the browser at hand, and the log tells of what ended', async () => {
  const { site, ann, account } = await staying(memory());
  await site.person('192.0.2.20').signIn(EMAIL);
  for (const _ of [1, 2]) {
    site.now += MINUTE;
    ann.closeBrowser();
    await resume(site, ann);
  }
  const devices = await ann.visit(({ session }) => session.list());
  assert.deepEqual(devices.map(({ current }) => current).toSorted(), [false, true]);
  for (const { current, idHash } of devices)
    if (!current) await ann.visit(({ session }) => session.revoke(idHash));
  ann.closeBrowser();
  assert.equal(await resume(site, ann), 'signed in');
  const ended = site.events.filter(({ details }) => /lost the cookie/.test(String(details['reason'])));
  assert.deepEqual(
    ended.map(({ event, details }) => [event, details['account']]),
    [1, 2, 3].map(() => ['session_expired', account.id]),
  );
});

for (const [what, leave] of Object.entries({
  'signs out': (site: FakeAccounts, ann: Person) => ann.visit((visit) => site.accounts.stays?.endHere(visit)),
  'is signed in to by another person': (_site: FakeAccounts, ann: Person) => ann.signIn('bob@example.com'),
})) {
  test(`the session whose cookie it lost ends where it ${what}`, async () => {
    const { site, ann, account } = await staying(memory());
    await site.register(site.person('192.0.2.40'), 'bob@example.com');
    const mine = ann.cookie(STAY_COOKIE);
    assert.ok(mine);
    ann.closeBrowser();
    await leave(site, ann);
    const left = (await site.site.sessions.list(account.id)).filter(({ stay }) => stay !== undefined);
    assert.deepEqual(left, []);
  });
}

async function staying(
  state: State,
  session: Partial<SessionSettings> = {},
): Promise<{ site: FakeAccounts; ann: Person; account: { readonly id: string } }> {
  const site = new FakeAccounts({ staySignedIn: '30d' }, state, { session });
  const { account, person: ann } = await site.member(EMAIL);
  await ann.visit((visit) => visit.session.signOut());
  const typed = { email: EMAIL, password: PASSWORD, stay: true };
  assert.ok((await ann.visit((visit) => site.accounts.signIn.withPassword(visit, typed))).ok);
  return { site, ann, account };
}

/** A browser that is opened again with six tabs, which two processes answer. */
async function sixTabs(
  site: FakeAccounts,
  ann: Person,
  session: Partial<SessionSettings>,
): Promise<string[]> {
  const other = new FakeAccounts({ staySignedIn: '30d' }, site.state, { session });
  other.now = site.now;
  ann.closeBrowser();
  const copies = [other, site, other, site, other].map((process) => [process, ann.copy(process)] as const);
  return Promise.all([resume(site, ann), ...copies.map(([process, tab]) => resume(process, tab))]);
}

async function resume(site: FakeAccounts, person: Person): Promise<string> {
  const verdict = await person.visit((visit) => site.accounts.signIn.resume(visit));
  if (verdict === undefined) return 'nobody';
  if (!verdict.ok) return verdict.reason;
  return verdict.done ? 'signed in' : 'second factor';
}
