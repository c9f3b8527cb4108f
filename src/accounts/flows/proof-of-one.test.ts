/**
 * A proof that is asked of one person is taken of that person only (WebAuthn 7.2, step 6; better-auth#8071): whoever
 * walks up to a browser that asks "Is it still you?" must not make it theirs, with the form that waits in it.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type AccountSite, startAccountSite } from '../../../test/support/account-site.ts';
import { FakeAccounts, PASSWORD, type Person } from '../../../test/support/accounts.ts';
import { SoftAuthenticator } from '../../../test/support/authenticator.ts';
import { fromBase32 } from '../../../test/support/base32.ts';
import { Visitor } from '../../../test/support/visitor.ts';
import { oneTimeCode, timeStep } from '../../identity/mfa/totp-code.ts';
import type { AccountVisit } from '../context.ts';
import type { Occasion, SignInVerdict } from './sign-in.ts';

const ANN = 'ann@example.com';
const BOB = 'bob@example.com';

test('asked whether it is still her, takes nobody elses password, and counts it as no proof', async () => {
  const site = new FakeAccounts();
  const { person, account } = await site.member(ANN);
  await site.member(BOB, 'three other words and one');
  const typed = { email: BOB, password: 'three other words and one' };
  const before = await person.visit(({ session }) => session.principal);
  site.now += 60_000;
  assert.equal(await withPassword(site, person, typed, 'again'), 'credentials');
  assert.deepEqual(await person.visit(({ session }) => session.principal), before);
  assert.equal(await withPassword(site, person, { email: ANN, password: PASSWORD }, 'again'), 'done');
  assert.equal(await person.who(), account.id);
});

test('asked whether it is still her, takes nobody elses passkey, by whichever options it was made', async () => {
  const site = new FakeAccounts();
  const { person, account } = await site.member(ANN);
  const own = await addPasskey(site, person, account.id);
  const bob = await site.member(BOB);
  const other = await addPasskey(site, bob.person, bob.account.id);
  const { passkeys } = site.accounts.factors;
  for (const options of [
    (visit: AccountVisit) => passkeys.secondFactorOptions(visit, account.id),
    () => passkeys.signInOptions(),
  ]) {
    for (const userHandle of [undefined, own.userHandle, null]) {
      const seen = await person.visit(async (visit) => {
        const response = other.get(
          (await options(visit)) ?? {},
          userHandle === undefined ? {} : { userHandle },
        );
        return await withOwnPasskey(site, visit, account.id, response);
      });
      assert.equal(seen, 'factor');
      assert.equal(await person.who(), account.id);
    }
  }
  const right = await person.visit(async (visit) =>
    withOwnPasskey(
      site,
      visit,
      account.id,
      own.get((await passkeys.secondFactorOptions(visit, account.id)) ?? {}),
    ),
  );
  assert.equal(right, 'done');
  assert.equal(await person.who(), account.id);
});

test('a second step that was begun for her is ended by nobody else, and not once somebody else is signed in', async () => {
  const site = new FakeAccounts();
  const { person, account } = await site.member(ANN);
  const code = await addApp(site, person, account.id);
  const bob = await site.member(BOB);
  const bobsCode = await addApp(site, bob.person, bob.account.id);
  const own = { email: ANN, password: PASSWORD };
  assert.equal(await withPassword(site, person, own, 'again'), 'second step');
  assert.equal(await withCode(site, person, bobsCode()), 'factor');
  assert.equal(await person.who(), account.id);
  assert.equal(await withPassword(site, person, own, 'again'), 'second step');
  await person.visit(({ session }) => session.signIn({ account: bob.account.id }));
  assert.equal(await withCode(site, person, code()), 'expired');
  assert.equal(await person.who(), bob.account.id);
});

test('the page asks for the passkeys of whoever is signed in, refuses that of another, and the browser stays hers', async (t) => {
  const site = await startAccountSite();
  t.after(() => site.stop());
  const [ann, bob] = [new Visitor(site.url), new Visitor(site.url)];
  await ann.register(ANN, PASSWORD);
  await bob.register(BOB, PASSWORD);
  assert.doesNotMatch((await ann.get('/login/again')).text, /data-passkey/, 'she has none to ask for');
  const [own, other] = [passkeyOn(site), passkeyOn(site)];
  for (const [person, device] of [
    [ann, own],
    [bob, other],
  ] as const) {
    const options = await posted(site, person, '/account/passkeys/options', {});
    const made = { response: device.create(options.body), name: 'Key' };
    assert.equal((await posted(site, person, '/account/passkeys', made)).status, 200);
  }
  const { text } = await ann.get('/login/again');
  const [, path = ''] =
    /data-passkey="verify"\s+data-options="[^"]*"\s+data-verify="([^"]*)"/.exec(text) ?? [];
  assert.equal(path, '/login/again/passkey');
  assert.doesNotMatch(text, /data-passkey="sign-in"/);
  const options = await posted(site, ann, `${path}/options`, {});
  assert.deepEqual(
    (options.body['allowCredentials'] as { id: string }[]).map(({ id }) => id),
    [own.id],
  );
  const foreign = { response: other.get(options.body), next: '/secret' };
  assert.deepEqual(await posted(site, ann, path, foreign), { status: 401, body: { reason: 'factor' } });
  assert.match((await ann.get('/account')).text, /ann@example\.com/);
  const anew = await posted(site, ann, `${path}/options`, {});
  const right = { response: own.get(anew.body), next: '/secret' };
  assert.deepEqual(await posted(site, ann, path, right), { status: 200, body: { next: '/secret' } });
  assert.match((await ann.get('/account')).text, /ann@example\.com/);
});

test('a code that a page asked of her is not taken for somebody else who began in another tab', async (t) => {
  const site = await startAccountSite();
  t.after(() => site.stop());
  const browser = new Visitor(site.url);
  const codes: (() => string)[] = [];
  for (const email of [ANN, BOB]) {
    await new Visitor(site.url).register(email, PASSWORD);
    const { id = '' } = (await site.accounts.findByEmail(email)) ?? {};
    const { secret } = await site.accounts.factors.totp.enrol(id, email);
    const bytes = fromBase32(secret.replaceAll(' ', ''));
    const now = timeStep(Date.now());
    const visit = { audit: () => undefined };
    assert.ok((await site.accounts.factors.totp.confirm(visit, id, oneTimeCode(bytes, now - 1))).ok);
    codes.push(() => oneTimeCode(bytes, timeStep(Date.now())));
  }
  await browser.signIn(ANN, PASSWORD);
  const hidden = (await browser.get('/login/code')).text;
  const account = /name="account"\s+value="([^"]*)"/.exec(hidden)?.[1] ?? '';
  await browser.signIn(BOB, PASSWORD);
  const csrf = /name="_csrf"\s+value="([^"]*)"/.exec((await browser.get('/login/code')).text)?.[1] ?? '';
  const answer = await browser.post('/login/code', { account, code: codes[1]?.() ?? '', _csrf: csrf });
  assert.deepEqual([answer.status, answer.location], [303, '/login']);
  assert.equal((await browser.get('/account')).location?.startsWith('/login'), true);
});

async function withPassword(
  site: FakeAccounts,
  person: Person,
  typed: { readonly email: string; readonly password: string },
  occasion: Occasion,
): Promise<string> {
  return outcome(await person.visit((visit) => site.accounts.signIn.withPassword(visit, typed, occasion)));
}

async function withCode(site: FakeAccounts, person: Person, code: string): Promise<string> {
  return outcome(await person.visit((visit) => site.accounts.signIn.withCode(visit, code, false)));
}

async function withOwnPasskey(
  site: FakeAccounts,
  visit: AccountVisit,
  account: string,
  response: unknown,
): Promise<string> {
  const record = await site.state.accounts?.find(account);
  assert.ok(record !== undefined);
  return outcome(await site.accounts.signIn.withOwnPasskey(visit, record, response));
}

function outcome(verdict: SignInVerdict): string {
  if (!verdict.ok) return verdict.reason;
  return verdict.done ? 'done' : 'second step';
}

async function addPasskey(site: FakeAccounts, person: Person, account: string): Promise<SoftAuthenticator> {
  const device = new SoftAuthenticator();
  const { passkeys } = site.accounts.factors;
  await person.visit(async (visit) => {
    const options = await passkeys.registrationOptions(visit, { account, name: account });
    assert.ok((await passkeys.register(visit, account, device.create(options), 'Key')).ok);
  });
  return device;
}

/** The code of the moment; each call moves to the next one. */
async function addApp(site: FakeAccounts, person: Person, account: string): Promise<() => string> {
  const { totp } = site.accounts.factors;
  const bytes = fromBase32((await totp.enrol(account, account)).secret.replaceAll(' ', ''));
  const code = (): string => {
    site.now += 30_000;
    return oneTimeCode(bytes, timeStep(site.now));
  };
  assert.ok((await person.visit((visit) => totp.confirm(visit, account, code()))).ok);
  return code;
}

function passkeyOn({ url }: AccountSite): SoftAuthenticator {
  return new SoftAuthenticator({ origin: url });
}

async function posted(
  { url }: AccountSite,
  person: Visitor,
  path: string,
  body: unknown,
): Promise<{ readonly status: number; readonly body: Record<string, unknown> }> {
  const headers = {
    cookie: person.cookies.join('; '),
    'content-type': 'application/json',
    origin: url,
    'sec-fetch-site': 'same-origin',
  };
  const answer = await fetch(url + path, { method: 'POST', headers, body: JSON.stringify(body) });
  person.keep(answer.headers.getSetCookie());
  return { status: answer.status, body: (await answer.json()) as Record<string, unknown> };
}
