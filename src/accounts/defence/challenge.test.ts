import assert from 'node:assert/strict';
import { test } from 'node:test';
import { FakeAccounts, type Person } from '../../../test/support/accounts.ts';
import { doWork } from '../../../test/support/work.ts';
import { memory } from '../../stores/memory/state.ts';
import type { CounterStore } from '../../stores/ports/counters.ts';
import type { State } from '../../stores/ports/state.ts';
import type {
  Challenge,
  ChallengeAnswer,
  ChallengedForm,
  ChallengeVerdict,
  FormChallenge,
} from './challenge.ts';

const EMAIL = 'ann@example.com';
const NOBODY = 'nobody@example.com';
const WRONG = 'not this one, surely';
const NOTHING: ChallengeAnswer = { challenge: '', proof: '', pause: '' };
/** Those of the tests; a policy has 13. */
const BITS = 8;

test('nobody is suspect from the start, and nothing is asked of them', async () => {
  const site = new FakeAccounts({ challenge: 'suspect' });
  const person = site.person();
  for (const form of ['sign-in', 'register', 'reset'] as const) {
    assert.equal(await asked(site, person, form), undefined);
    assert.equal(await asked(site, person, form, EMAIL), undefined);
    assert.deepEqual(await take(site, person, form, EMAIL), { ok: true });
  }
});

test('of the third wrong password in a day the next is asked for more, and each three double it', async () => {
  const site = new FakeAccounts({ challenge: 'suspect' });
  await site.member(EMAIL);
  const bits: (number | undefined)[] = [];
  for (let guess = 0; guess < 18; guess += 1) {
    const challenge = await asked(site, site.person(`10.0.0.${guess % 2}`), 'sign-in', EMAIL);
    bits.push(challenge?.work.bits);
    await site.person(`10.0.0.${guess % 2}`).signIn(EMAIL, WRONG);
    // Longer than the longest pause between two: each of them is looked at. In two hours one is forgotten.
    site.now += 16 * 60_000;
  }
  const NONE = undefined;
  assert.deepEqual(bits.slice(0, 7), [NONE, NONE, NONE, 8, 8, 8, 9]);
  assert.equal(Math.max(...bits.filter((one) => one !== NONE)), BITS + 3);
  // Bounded: neither a browser works for an hour, nor does anyone wait for one.
  const last = await asked(site, site.person('10.0.0.9'), 'sign-in', EMAIL);
  assert.deepEqual([last?.work.bits, last?.pause.leftMs], [BITS + 3, 240_000]);
  site.now += 24 * 60 * 60_000;
  assert.equal(await asked(site, site.person('10.0.0.9'), 'sign-in', EMAIL), undefined);
});

test('who is slow is counted too: a name or a mail each half hour, and the same names again', async () => {
  const site = new FakeAccounts({ challenge: 'suspect' });
  const slow = site.person('10.0.0.1');
  const again = site.person('10.0.0.2');
  const mails = site.person('10.0.0.3');
  const counts = { slow: 0, again: 0, mails: 0 };
  for (let round = 0; round < 48; round += 1) {
    const shown = [
      await asked(site, slow, 'sign-in'),
      await asked(site, again, 'sign-in'),
      await asked(site, mails, 'register'),
    ];
    counts.slow += shown[0] === undefined ? 0 : 1;
    counts.again += shown[1] === undefined ? 0 : 1;
    counts.mails += shown[2] === undefined ? 0 : 1;
    await slow.signIn(`slow${round}@example.com`, WRONG);
    if (round % 12 === 0)
      for (let name = 0; name < 20; name += 1) await again.signIn(`n${name}@example.com`, WRONG);
    if (shown[2] === undefined) await take(site, mails, 'register', `m${round}@example.com`);
    site.now += 30 * 60_000;
  }
  assert.ok(counts.slow > 30, `${counts.slow} of 48`);
  assert.ok(counts.again > 30, `${counts.again} of 48`);
  assert.ok(counts.mails > 10, `${counts.mails} of 48`);
});

test('what a name is asked does not tell that its owner was there', async () => {
  const site = new FakeAccounts({ challenge: 'suspect' });
  await site.member(EMAIL);
  for (let guess = 0; guess < 4; guess += 1) await site.person('10.0.0.1').signIn(EMAIL, WRONG);
  const before = await asked(site, site.person('10.0.0.2'), 'sign-in', EMAIL);
  assert.equal(await site.person('192.0.2.77').signIn(EMAIL), 'signed in');
  const after = await asked(site, site.person('10.0.0.2'), 'sign-in', EMAIL);
  assert.ok(before !== undefined);
  assert.equal(after?.work.bits, before.work.bits);
});

test('what is mistyped in a browser that the account knows makes nobody suspect', async () => {
  const site = new FakeAccounts({ challenge: 'suspect' });
  const { person } = await site.member(EMAIL);
  for (let guess = 0; guess < 4; guess += 1) await person.signIn(EMAIL, WRONG);
  assert.equal(await asked(site, site.person('10.0.0.1'), 'sign-in', EMAIL), undefined);
});

test('a browser that some account knows is shown an empty form that asks nothing, and is judged by what it sends', async () => {
  const site = new FakeAccounts({ challenge: 'always' });
  const { person } = await site.member(EMAIL);
  assert.equal(await asked(site, person, 'sign-in'), undefined);
  assert.equal(reasonOf(await take(site, person, 'sign-in', NOBODY)), 'asked');
  assert.notEqual(await asked(site, site.person(), 'sign-in'), undefined);
});

test('v5.0.0-6.3.8 of a name without an account the same is asked as of one that has one', async () => {
  const site = new FakeAccounts({ challenge: 'suspect', attempts: '60/minute' });
  await site.member(EMAIL);
  const seen = async (email: string, net: string): Promise<readonly unknown[]> => {
    const bits: unknown[] = [];
    for (let guess = 0; guess < 12; guess += 1) {
      const person = site.person(`${net}.${guess}`);
      const verdict = await take(site, person, 'sign-in', email);
      bits.push(verdict.ok ? 'not asked' : verdict.next.work.bits, await person.signIn(email, WRONG));
      site.now += guess === 10 ? 60 * 60_000 : 60_000;
    }
    return bits;
  };
  const known = await seen(EMAIL, '10.1.0');
  assert.deepEqual(await seen(NOBODY, '10.2.0'), known);
  assert.ok(known.includes('not asked') && known.includes(BITS) && known.includes(BITS + 2));
});

test('a right password in between does not hide that one name is tried from many addresses', async () => {
  const site = new FakeAccounts({ challenge: 'suspect' });
  await site.member(EMAIL);
  for (let guess = 0; guess < 5; guess += 1) {
    assert.equal(await site.person(`10.0.0.${guess}`).signIn(EMAIL, WRONG), 'credentials');
    assert.equal(await site.person('192.0.2.5').signIn(EMAIL), 'signed in');
    site.now += 30_000;
  }
  assert.equal((await asked(site, site.person('10.0.1.1'), 'sign-in', EMAIL))?.work.bits, BITS + 1);
  assert.equal(await asked(site, site.person('10.0.1.1'), 'sign-in', NOBODY), undefined);
});

test('one address that tries many names is asked for every name, and others are not', async () => {
  const site = new FakeAccounts({ challenge: 'suspect' });
  const thief = site.person('10.0.0.1');
  const levels: unknown[] = [];
  for (let guess = 0; guess < 21; guess += 1) {
    levels.push((await asked(site, thief, 'sign-in'))?.work.bits);
    await thief.signIn(`p${guess}@example.com`, WRONG);
  }
  assert.deepEqual(levels.slice(0, 6), [...Array.from({ length: 5 }, () => undefined), BITS]);
  assert.deepEqual([levels[10], levels[15], levels[20]], [BITS + 1, BITS + 2, BITS + 3]);
  for (const form of ['sign-in', 'register', 'reset'] as const)
    assert.equal(reasonOf(await take(site, thief, form, EMAIL)), 'asked');
  assert.deepEqual(await take(site, site.person('10.0.0.2'), 'sign-in', EMAIL), { ok: true });
});

test('one address that has many mails sent is asked, at registration and reset together', async () => {
  const site = new FakeAccounts({ challenge: 'suspect' });
  const person = site.person('10.0.0.1');
  for (let mail = 0; mail < 5; mail += 1) {
    const form = mail % 2 === 0 ? 'register' : 'reset';
    assert.deepEqual(await take(site, person, form, `p${mail}@example.com`), { ok: true });
  }
  assert.equal(reasonOf(await take(site, person, 'register', EMAIL)), 'asked');
  // What was refused is no mail, and makes nobody more suspect.
  for (let refused = 0; refused < 30; refused += 1) await take(site, person, 'reset', EMAIL);
  assert.equal((await asked(site, person, 'reset'))?.work.bits, BITS);
});

test('looking counts nothing, stores nothing, and does not make anybody suspect', async () => {
  const state = memory();
  const site = new FakeAccounts({ challenge: 'suspect' }, state);
  const person = site.person();
  for (let wrong = 0; wrong < 4; wrong += 1) await person.signIn(EMAIL, WRONG);
  const [before, count] = [await asked(site, person, 'sign-in', EMAIL), await state.counters.count()];
  assert.ok(before !== undefined);
  for (let look = 0; look < 50; look += 1) {
    await asked(site, person, 'sign-in', EMAIL);
    await asked(site, person, 'reset', NOBODY);
    await take(site, person, 'sign-in', EMAIL);
  }
  assert.equal(await state.counters.count(), count);
  assert.equal((await asked(site, person, 'sign-in', EMAIL))?.work.bits, before.work.bits);
  assert.equal(await person.signIn(EMAIL, WRONG), 'credentials');
});

for (const challenge of ['suspect', 'always'] as const) {
  test(`a browser that the account knows is never asked, strangers are, with '${challenge}'`, async () => {
    const site = new FakeAccounts({ challenge });
    const { person } = await site.member(EMAIL);
    await site.register(site.person('192.0.2.9'), 'eve@example.com');
    for (let guess = 0; guess < 30; guess += 1) {
      await site.person(`10.0.0.${guess}`).signIn(EMAIL, WRONG);
      // From the very address of the owner, too: a household shares one.
      await site.person().signIn(`p${guess}@example.com`, WRONG);
      site.now += 1000;
    }
    for (const form of ['sign-in', 'register', 'reset'] as const)
      assert.deepEqual(await take(site, person, form, EMAIL), { ok: true }, form);
    assert.equal(await asked(site, person, 'sign-in', EMAIL), undefined);
    // Known to Ann, and a stranger to Eve.
    assert.equal(reasonOf(await take(site, person, 'sign-in', 'eve@example.com')), 'asked');
    assert.equal(reasonOf(await take(site, site.person('10.0.0.99'), 'sign-in', EMAIL)), 'asked');
  });
}

test('guesses of a name ask nothing of whoever has a mail sent to it', async () => {
  const site = new FakeAccounts({ challenge: 'suspect' });
  await site.member(EMAIL);
  for (let guess = 0; guess < 12; guess += 1) await site.person(`10.0.0.${guess}`).signIn(EMAIL, WRONG);
  const owner = site.person('192.0.2.77');
  assert.ok((await asked(site, owner, 'sign-in', EMAIL)) !== undefined);
  assert.deepEqual(await take(site, owner, 'reset', EMAIL), { ok: true });
});

test('with always, everyone is asked; with off, there is nothing to ask', async () => {
  const always = new FakeAccounts({ challenge: 'always' });
  for (const form of ['sign-in', 'register', 'reset'] as const) {
    const challenge = await asked(always, always.person(), form);
    assert.deepEqual([challenge?.work.bits, challenge?.pause.leftMs], [BITS, 30_000]);
    assert.equal(reasonOf(await take(always, always.person(), form, EMAIL)), 'asked');
  }
  assert.equal(new FakeAccounts().accounts.challenge, undefined);
  assert.equal(new FakeAccounts({ challenge: 'off' }).accounts.challenge, undefined);
  assert.throws(() => new FakeAccounts({ challenge: 'on' as 'off' }), { name: 'PolicyError' });
});

test('work is taken once; then, and where it is too old, the form has a fresh challenge', async () => {
  const site = new FakeAccounts({ challenge: 'always' });
  const person = site.person();
  const answer = await solved(await asked(site, person, 'sign-in'));
  assert.deepEqual(await take(site, person, 'sign-in', EMAIL, answer), { ok: true });
  const again = await take(site, person, 'sign-in', EMAIL, answer);
  assert.equal(reasonOf(again), 'stale');
  assert.ok(!again.ok);
  assert.deepEqual(await take(site, person, 'sign-in', EMAIL, await solved(again.next)), { ok: true });

  const { pause: _none, ...late } = await solved(await asked(site, person, 'sign-in'));
  site.now += 10 * 60_000;
  assert.equal(reasonOf(await take(site, person, 'sign-in', EMAIL, { ...late, pause: 'x' })), 'stale');
  for (const [form, who] of [
    ['reset', person],
    ['sign-in', site.person('10.0.0.1')],
  ] as const) {
    const other = await solved(await asked(site, person, 'sign-in'));
    assert.equal(reasonOf(await take(site, who, form, EMAIL, other)), 'stale');
  }
});

test('of many simultaneous answers with one proof exactly one is taken', async () => {
  const site = new FakeAccounts({ challenge: 'always' });
  const person = site.person();
  const answer = await solved(await asked(site, person, 'sign-in'));
  const verdicts = await Promise.all(
    Array.from({ length: 10 }, () => take(site, person, 'sign-in', EMAIL, answer)),
  );
  assert.equal(verdicts.filter(({ ok }) => ok).length, 1);
});

test('work that was made easy is not taken once more is asked', async () => {
  const site = new FakeAccounts({ challenge: 'suspect', attempts: '60/minute' });
  for (let guess = 0; guess < 3; guess += 1) await site.person(`10.0.0.${guess}`).signIn(EMAIL, WRONG);
  const stranger = site.person('10.0.1.1');
  const easy = await solved(await asked(site, stranger, 'sign-in', EMAIL));
  for (let guess = 3; guess < 6; guess += 1) {
    await site.person(`10.0.0.${guess}`).signIn(EMAIL, WRONG);
    site.now += 3000;
  }
  const verdict = await take(site, stranger, 'sign-in', EMAIL, easy);
  assert.ok(!verdict.ok);
  assert.deepEqual([verdict.reason, verdict.next.work.bits], ['stale', BITS + 1]);
  assert.deepEqual(await take(site, stranger, 'sign-in', EMAIL, await solved(verdict.next)), { ok: true });
});

test('without script a pause does, once it is over; who left the page open has waited already', async () => {
  const site = new FakeAccounts({ challenge: 'always' });
  const person = site.person();
  const first = await asked(site, person, 'reset');
  const pause = first?.pause.token ?? '';
  site.now += 12_000;
  const early = await take(site, person, 'reset', EMAIL, { ...NOTHING, pause });
  assert.ok(!early.ok);
  assert.deepEqual([early.reason, early.next.pause], ['early', { token: pause, leftMs: 18_000 }]);
  site.now += 18_000;
  assert.deepEqual(await take(site, person, 'reset', EMAIL, { ...NOTHING, pause }), { ok: true });

  const open = await solved(await asked(site, person, 'reset'));
  site.now += 11 * 60_000;
  assert.deepEqual(await take(site, person, 'reset', EMAIL, open), { ok: true });
});

test('each refusal is one event, by its reason, and no event holds an answer or an address', async () => {
  const site = new FakeAccounts({ challenge: 'always' });
  const person = site.person();
  const answer = await solved(await asked(site, person, 'reset'));
  await take(site, person, 'reset', EMAIL);
  await take(site, person, 'reset', EMAIL, answer);
  await take(site, person, 'reset', EMAIL, answer);
  await take(site, person, 'reset', EMAIL, { ...answer, proof: '' });
  const told = site.events.filter(({ event }) => event === 'excess_rate_limit_exceeded');
  assert.deepEqual(
    told.map(({ details }) => String(details['reason']).split(': ')[1]),
    ['asked', 'stale', 'early'],
  );
  assert.ok(![EMAIL, ...Object.values(answer)].some((secret) => JSON.stringify(told).includes(secret)));
});

test('where the store is gone, no form is let through', async () => {
  const state = memory();
  const gone = { ...state, counters: down(state.counters) } as State;
  const site = new FakeAccounts({ challenge: 'suspect' }, gone);
  await assert.rejects(take(site, site.person(), 'sign-in', EMAIL), /gone/);
});

function down(counters: CounterStore): CounterStore {
  return {
    take: (...asking) => counters.take(...asking),
    debit: (...asking) => counters.debit(...asking),
    debt: () => {
      throw new Error('gone');
    },
    sweep: (now) => counters.sweep(now),
    count: () => counters.count(),
  };
}

function challengeOf({ accounts }: FakeAccounts): Challenge {
  assert.ok(accounts.challenge !== undefined);
  return accounts.challenge;
}

function asked(
  site: FakeAccounts,
  person: Person,
  form: ChallengedForm,
  email?: string,
): Promise<FormChallenge | undefined> {
  return person.visit((visit) => challengeOf(site).ask(visit, form, email));
}

function take(
  site: FakeAccounts,
  person: Person,
  form: ChallengedForm,
  email: string,
  answer = NOTHING,
): Promise<ChallengeVerdict> {
  return person.visit((visit) => challengeOf(site).take(visit, form, email, answer));
}

async function solved(challenge: FormChallenge | undefined): Promise<ChallengeAnswer> {
  assert.ok(challenge !== undefined);
  const { work, pause } = challenge;
  return { challenge: work.challenge, proof: await doWork(work), pause: pause.token };
}

function reasonOf(verdict: ChallengeVerdict): string {
  return verdict.ok ? 'ok' : verdict.reason;
}
