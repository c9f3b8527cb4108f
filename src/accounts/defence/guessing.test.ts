import assert from 'node:assert/strict';
import { test } from 'node:test';
import { FakeAccounts, PASSWORD } from '../../../test/support/accounts.ts';

const EMAIL = 'ann@example.com';
const WRONG = 'not this one, surely';
const HOUR = 60 * 60_000;

test('a thousand guesses from a thousand addresses on one account: its owner on a known browser still gets in', async () => {
  const site = new FakeAccounts();
  const { person } = await site.member(EMAIL);
  for (let guess = 0; guess < 1000; guess += 1) {
    await site.person(`10.0.${guess >> 8}.${guess & 255}`).signIn(EMAIL, WRONG);
    site.now += 1000;
  }
  assert.equal(await person.signIn(EMAIL), 'signed in');
  // A stranger with the right password, at this moment, waits.
  assert.equal(await site.person('10.9.9.9').signIn(EMAIL), 'wait');
});

test('v5.0.0-6.3.1 at most a hundred wrong passwords in a row: then only a reset lets new browsers in', async () => {
  const site = new FakeAccounts();
  const { person } = await site.member(EMAIL);
  for (let guess = 0; guess < 100; guess += 1) {
    assert.equal(await site.person().signIn(EMAIL, WRONG), 'credentials', `guess ${guess}`);
    site.now += HOUR;
  }
  assert.equal(await site.person().signIn(EMAIL), 'credentials');
  site.now += HOUR;
  assert.equal(await person.signIn(EMAIL), 'signed in');
  assert.equal(await site.person().signIn(EMAIL), 'credentials');
  await site.accounts.settled();
  assert.equal(site.mails.filter(({ subject }) => subject.includes('guessing')).length, 1);
  assert.equal(site.events.filter(({ event }) => event === 'authn_login_lock').length, 1);

  site.now += HOUR;
  const NEW = 'five words that are new';
  await person.visit((visit) => site.accounts.reset.ask(visit, EMAIL));
  const token = await site.mailedToken('reset');
  const verdict = await site.person().visit((visit) => site.accounts.reset.finish(visit, token, NEW));
  assert.deepEqual(verdict, { ok: true });
  assert.equal(await site.person().signIn(EMAIL, NEW), 'signed in');
});

test('a clock that is set back a day leaves a pause as long as it was, and one more for the limit', async () => {
  const site = new FakeAccounts({ failures: 50, attempts: '60/minute' });
  await site.member(EMAIL);
  // Five cost nothing, and the pause behind the sixth is two seconds.
  for (let guess = 0; guess < 6; guess += 1) {
    assert.equal(await site.person().signIn(EMAIL, WRONG), 'credentials', `guess ${guess}`);
    site.now += 1000;
  }
  site.now -= 24 * HOUR;
  for (let pause = 0; pause < 2; pause += 1) {
    assert.equal(await site.person().signIn(EMAIL), 'wait');
    site.now += 2000;
  }
  assert.equal(await site.person().signIn(EMAIL), 'signed in');
});

test('a password that was not looked at, as the queue was full or the client went, is not counted as wrong', async () => {
  const site = new FakeAccounts({ failures: 10, attempts: '60/minute' });
  await site.member(EMAIL);
  const person = site.person();
  for (let attempt = 0; attempt < 20; attempt += 1) {
    const gone = person.visit((visit) =>
      site.accounts.signIn.withPassword(
        { ...visit, signal: AbortSignal.abort() },
        { email: EMAIL, password: PASSWORD },
      ),
    );
    await assert.rejects(gone);
  }
  assert.equal(await person.signIn(EMAIL), 'signed in');
});

test('what was guessed of a name before it had an account is no burden to whoever makes it', async () => {
  const site = new FakeAccounts({ attempts: '60/minute' });
  for (let guess = 0; guess < 10; guess += 1) {
    await site.person().signIn(EMAIL, WRONG);
    site.now += 5 * 60_000;
  }
  assert.equal(await site.person().signIn(EMAIL), 'credentials');
  await site.member(EMAIL);
  assert.equal(await site.person().signIn(EMAIL), 'signed in');
});

test('a right password before the hundredth wrong one begins the count anew', async () => {
  const site = new FakeAccounts();
  await site.member(EMAIL);
  for (let round = 0; round < 2; round += 1) {
    for (let guess = 0; guess < 99; guess += 1) {
      await site.person().signIn(EMAIL, WRONG);
      site.now += HOUR;
    }
    assert.equal(await site.person().signIn(EMAIL), 'signed in', `round ${round}`);
  }
});

test('pauses grow: four wrong ones for free, then a second, doubled each time up to a quarter of an hour', async () => {
  const site = new FakeAccounts({ attempts: '60/minute' });
  await site.member(EMAIL);
  const waits: number[] = [];
  for (let guess = 0; guess < 20; guess += 1) {
    const verdict = await site
      .person()
      .visit((visit) => site.accounts.signIn.withPassword(visit, { email: EMAIL, password: WRONG }));
    if (!verdict.ok && verdict.reason === 'wait') {
      waits.push(verdict.retryAfterMs);
      site.now += verdict.retryAfterMs;
      guess -= 1;
    }
    if (waits.length === 12) break;
  }
  assert.deepEqual(
    waits.map((ms) => ms / 1000),
    [1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 900, 900],
  );
});

test('a name without an account waits as one that has one, before and after an hour of quiet', async () => {
  const site = new FakeAccounts();
  await site.member(EMAIL);
  const seen = async (email: string): Promise<readonly string[]> => {
    const outcomes: string[] = [];
    for (let guess = 0; guess < 12; guess += 1) outcomes.push(await site.person().signIn(email, WRONG));
    site.now += HOUR;
    for (let guess = 0; guess < 12; guess += 1) outcomes.push(await site.person().signIn(email, WRONG));
    site.now += HOUR - 1;
    for (let guess = 0; guess < 12; guess += 1) outcomes.push(await site.person().signIn(email, WRONG));
    return outcomes;
  };
  const known = await seen(EMAIL);
  assert.deepEqual(await seen('nobody@example.com'), known);
  assert.ok(known.includes('wait') && known.includes('credentials'));
});

test('guesses that come all at once are counted before any of them is looked at', async () => {
  const site = new FakeAccounts({ attempts: '60/minute' });
  await site.member(EMAIL);
  const guesses = Array.from({ length: 30 }, () => site.person().signIn(EMAIL, WRONG));
  const outcomes = await Promise.all(guesses);
  assert.ok(outcomes.filter((outcome) => outcome === 'credentials').length <= 5, outcomes.join());
});

test('someone who guesses on a known browser is counted there, and locks out nobody else', async () => {
  const site = new FakeAccounts();
  const { person } = await site.member(EMAIL);
  for (let guess = 0; guess < 6; guess += 1) await person.signIn(EMAIL, WRONG);
  assert.equal(await person.signIn(EMAIL), 'wait');
  assert.equal(await site.person('192.0.2.50').signIn(EMAIL), 'signed in');
});

test('many addresses on one account, and one address on many accounts, are told once an hour', async () => {
  const site = new FakeAccounts({ attempts: '60/minute' });
  await site.member(EMAIL);
  const told = (): readonly unknown[] =>
    site.events
      .filter(({ event }) => event === 'authn_login_fail_max')
      .map(({ details }) => details['reason']);
  for (let guess = 0; guess < 30; guess += 1) {
    await site.person(`10.0.0.${guess}`).signIn(EMAIL, WRONG);
    site.now += 60_000;
  }
  assert.deepEqual(told(), ['wrong passwords for one account from many addresses']);
  for (let guess = 0; guess < 40; guess += 1)
    await site.person('10.1.1.1').signIn(`p${guess}@example.com`, WRONG);
  assert.deepEqual(told().slice(1), ['wrong passwords for many accounts from one address']);
});

test('the present password cannot be guessed from a session that was left open', async () => {
  const site = new FakeAccounts();
  const { person } = await site.member(EMAIL);
  const outcomes: string[] = [];
  for (let guess = 0; guess < 8; guess += 1) {
    const verdict = await person.visit(async (visit) => {
      const own = await site.accounts.current(visit);
      assert.ok(own !== undefined);
      return site.accounts.credentials.changePassword(visit, own, { current: WRONG, next: PASSWORD });
    });
    outcomes.push(verdict.ok ? 'changed' : verdict.reason);
  }
  assert.deepEqual(outcomes.slice(0, 5), ['current', 'current', 'current', 'current', 'current']);
  assert.deepEqual(outcomes.slice(5), ['wait', 'wait', 'wait']);
});
