/** What the account pages ask of suspect clients: work of the browser or a pause, on every host to the same answers. */
import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { type AccountHost, type AccountSite, mailedLink, startAccountSite } from '../support/account-site.ts';
import { PASSWORD } from '../support/accounts.ts';
import { type Page, Visitor } from '../support/visitor.ts';
import { doWork, workOn } from '../support/work.ts';
import { ACCOUNT_HOSTS } from './account-hosts.ts';

const EMAIL = 'ann@example.com';
const WRONG = 'not this one, surely';
const SCRIPT = '/account/proof-of-work.js';

interface Timed extends AccountSite {
  /** Lets time pass, for accounts. */
  readonly pass: (ms: number) => void;
}

async function withSite(
  t: TestContext,
  host: AccountHost,
  when: 'off' | 'suspect' | 'always' | undefined,
): Promise<Timed> {
  let passed = 0;
  const site = await startAccountSite(host, {
    clock: () => Date.now() + passed,
    ...(when !== undefined && { challenge: { when }, accounts: { attempts: '60/minute' as const } }),
  });
  t.after(() => site.stop());
  return { ...site, pass: (ms) => void (passed += ms) };
}

for (const [name, host] of Object.entries(ACCOUNT_HOSTS)) {
  test(`who guessed is asked for work, keeps what they typed, and gets in by it, on ${name}`, async (t) => {
    const site = await withSite(t, host, 'suspect');
    await new Visitor(site.url).register(EMAIL, PASSWORD);
    const stranger = new Visitor(site.url);
    assert.equal(workOn((await stranger.get('/login?next=%2Fsecret')).text), undefined);
    let page: Page | undefined;
    for (let guess = 0; guess < 3; guess += 1) {
      page = await stranger.submit('/login', '/login', { email: EMAIL, password: WRONG });
      assert.equal(page.status, 401);
    }
    // The page of the third wrong one brings what the next is asked for.
    assert.ok(workOn(page?.text ?? '') !== undefined);
    const form = { email: EMAIL, password: PASSWORD, next: '/secret' };
    const without = await stranger.post('/login', form);
    assert.equal(without.status, 422);
    assert.match(without.text, /<title>Error: Sign in - Example<\/title>/);
    assert.match(without.text, /role="alert"[^]*checked before it is taken/);
    assert.match(without.text, /name="email"[^>]*value="ann@example.com"/);
    assert.match(without.text, /name="next" value="\/secret"/);
    assert.ok(!without.text.includes(PASSWORD));
    assert.equal((await stranger.get('/secret')).status, 303);

    const answer = await answered(without);
    const signedIn = await stranger.post('/login', { ...form, ...answer });
    assert.deepEqual([signedIn.status, signedIn.location], [303, '/secret']);
    // Of the browser it is known now, nothing is asked.
    assert.equal((await stranger.post('/login', { ...form, password: WRONG })).status, 401);
  });

  test(`an answer counts once, and a form that comes back has a fresh one, on ${name}`, async (t) => {
    const site = await withSite(t, host, 'always');
    const visitor = new Visitor(site.url);
    const answer = await answered(await visitor.get('/login'));
    const form = { email: EMAIL, password: WRONG };
    const first = await visitor.post('/login', { ...form, ...answer });
    assert.equal(first.status, 401);
    const used = await visitor.post('/login', { ...form, ...answer });
    assert.equal(used.status, 422);
    assert.match(used.text, /open for too long, or was sent before/);
    const fresh = await answered(used);
    assert.notEqual(fresh.challenge, answer.challenge);
    const { pause: _none, ...late } = fresh;
    site.pass(10 * 60_000);
    const expired = await visitor.post('/login', { ...form, ...late, pause: 'none' });
    assert.equal(expired.status, 422);
    assert.equal((await visitor.post('/login', { ...form, ...(await answered(expired)) })).status, 401);
    // Twice the same field is none, and the form goes on with its pause.
    const once = { ...form, ...(await answered(await visitor.get('/login'))) };
    const twice = new URLSearchParams([...Object.entries(once), ['proof', once['proof' as 'email']]]);
    assert.equal((await visitor.post('/login', twice)).status, 429);
  });

  test(`without script a form is taken after a pause, one of a client at a time, on ${name}`, async (t) => {
    const site = await withSite(t, host, 'always');
    const visitor = new Visitor(site.url);
    const [page, hoarded] = [await visitor.get('/login'), await visitor.get('/login')];
    assert.match(page.text, /Without script, this form is taken\s+30\s+seconds\s+from\s+now/);
    const form = { email: EMAIL, password: WRONG, ...fieldsOf(page) };
    site.pass(10_000);
    const early = await visitor.post('/login', form);
    assert.equal(early.status, 429);
    assert.match(early.text, /sent too early. Wait (?:20|19) seconds/);
    assert.match(early.headers.get('retry-after') ?? '', /^(?:20|19)$/);
    // What was waited is not lost.
    assert.equal(fieldsOf(early)['pause'], form['pause' as keyof typeof form]);
    site.pass(20_000);
    assert.equal((await visitor.post('/login', { ...form, ...fieldsOf(early) })).status, 401);
    const second = await visitor.post('/login', { ...form, ...fieldsOf(hoarded) });
    assert.equal(second.status, 429);
    assert.match(second.text, /Wait (?:30|29) seconds/);
  });

  test(`what is refused is not counted as a guess, and no password is looked at, on ${name}`, async (t) => {
    const site = await withSite(t, host, 'always');
    const owner = new Visitor(site.url);
    await registerByWork(site, owner, EMAIL);
    const stranger = new Visitor(site.url);
    const passwords = t.mock.method(site.accounts.signIn, 'withPassword');
    const form = { email: EMAIL, password: PASSWORD };
    for (let refused = 0; refused < 12; refused += 1)
      assert.equal((await stranger.post('/login', form)).status, 422);
    assert.equal(passwords.mock.callCount(), 0);
    const answer = await answered(await stranger.get('/login'));
    assert.equal((await stranger.post('/login', { ...form, ...answer })).status, 303);
  });

  test(`no mail goes out for a registration or a reset that brought nothing, on ${name}`, async (t) => {
    const site = await withSite(t, host, 'always');
    for (const [mails, path] of ['/register', '/reset'].entries()) {
      const visitor = new Visitor(site.url);
      const refused = await visitor.post(path, { email: EMAIL });
      assert.equal(refused.status, 422, path);
      assert.match(refused.text, /name="email"[^>]*value="ann@example.com"/);
      await site.accounts.settled();
      assert.equal(site.mail.mails.length, mails);
      const done = await visitor.post(path, { email: EMAIL, ...(await answered(refused)) });
      assert.deepEqual([done.status, done.location], [303, `${path}/sent`]);
      // A wrong address takes another answer: it is looked at behind the first.
      const typo = await visitor.post(path, { email: 'ann', ...(await answered(await visitor.get(path))) });
      assert.equal(typo.status, 422);
      assert.match(typo.text, /Enter an email address in full/);
      assert.ok(workOn(typo.text) !== undefined);
    }
    await site.accounts.settled();
    assert.equal(site.mail.mails.length, 1);
  });

  test(`the script is served to everyone, and kept by browsers, on ${name}`, async (t) => {
    const site = await withSite(t, host, 'always');
    const visitor = new Visitor(site.url);
    for (const signedIn of [false, true]) {
      if (signedIn) await registerByWork(site, visitor, EMAIL);
      const script = await visitor.get(SCRIPT);
      assert.equal(script.status, 200);
      assert.equal(script.headers.get('content-type'), 'text/javascript; charset=utf-8');
      assert.equal(script.headers.get('cache-control'), 'public, max-age=600');
      assert.match(script.text, /data-proof-of-work/);
      const head = await visitor.head(SCRIPT);
      assert.deepEqual([head.status, head.text], [200, '']);
    }
    const page = await new Visitor(site.url).get('/login');
    const nonce = /'nonce-([^']+)'/.exec(page.headers.get('content-security-policy') ?? '')?.[1] ?? '';
    assert.ok(nonce !== '' && page.text.includes(`<script type="module" nonce="${nonce}" src="${SCRIPT}">`));
    assert.equal((await visitor.get(`${SCRIPT}/`)).status, 404);
  });

  test(`where nothing is asked, pages are what they were, and nothing is looked up for it, on ${name}`, async (t) => {
    for (const challenge of [undefined, 'off'] as const) {
      const site = await withSite(t, host, challenge);
      const visitor = new Visitor(site.url);
      for (const path of ['/login', '/register', '/reset']) {
        const { text } = await visitor.get(path);
        assert.doesNotMatch(text, /proof|pause|challenge|Without script/);
      }
      assert.equal((await visitor.get(SCRIPT)).status, 404);
      assert.ok(!site.accounts.challenge);
    }
  });
}

/** Hidden fields of the form that is checked. */
function fieldsOf({ text }: Page): Record<string, string> {
  const form = /<form [^>]*data-proof-of-work[^]*?<\/form>/.exec(text)?.[0] ?? '';
  const hidden = form.matchAll(/<input type="hidden" name="(challenge|proof|pause)" value="([^"]*)"/g);
  return Object.fromEntries([...hidden].map(([, name = '', value = '']) => [name, value]));
}

/** The hidden fields as a browser with script sends them. */
async function answered(page: Page): Promise<Record<string, string>> {
  const work = workOn(page.text);
  assert.ok(work !== undefined, `nothing is asked (${page.status})`);
  return { ...fieldsOf(page), proof: await doWork(work) };
}

async function registerByWork(site: AccountSite, visitor: Visitor, email: string): Promise<void> {
  const asked = await visitor.post('/register', {
    email,
    ...(await answered(await visitor.get('/register'))),
  });
  assert.equal(asked.location, '/register/sent');
  const link = await mailedLink(site, email);
  assert.equal((await visitor.submit(link, '/register/confirm', { password: PASSWORD })).status, 303);
}
