import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { type RunningProgram, startProgram, temporaryDirectory } from './testing/running.ts';
import { Visitor } from '../../test/support/visitor.ts';

const PASSWORD = 'four quiet words in a row';
const directory = temporaryDirectory();
let program: RunningProgram;
let people = 0;

before(async () => {
  program = await startProgram(directory.path, { STRONGROOM_TRUSTED_PROXIES: '127.0.0.1' });
});
after(async () => {
  await program.stop();
  directory.remove();
});

function visitor(userAgent?: string): Visitor {
  return new Visitor(program.url, userAgent);
}

/** Someone with an account, signed in. */
async function member(): Promise<{ person: Visitor; email: string }> {
  const person = visitor();
  people += 1;
  const email = `member${people}@example.com`;
  assert.equal((await person.register(email, PASSWORD)).location, '/notes');
  return { person, email };
}

/** A page without what differs from one answer to the next in any case. */
function plain(text: string, address: string): string {
  // Marks of one page, as its nonce is.
  const marks = /nonce="[^"]*"|name="once" value="[^"]*"/g;
  return text.replaceAll(address, '').replaceAll(marks, '');
}

test('v5.0.0-7.6.2 a visitor gets every public page, and no cookie', async () => {
  const person = visitor();
  for (const path of ['/', '/login', '/register', '/register/sent', '/reset', '/signed-out', '/healthz']) {
    assert.equal((await person.get(path)).status, 200, path);
  }
  assert.deepEqual(person.cookies, []);
});

test('v5.0.0-3.4.3 pages name one nonce in policy and script, and a fresh one each time', async () => {
  const nonces = new Set<string>();
  for (const page of [await visitor().get('/'), await visitor().get('/')]) {
    const policy = page.headers.get('content-security-policy') ?? '';
    const nonce = /script-src [^;]*'nonce-([\w+/=-]+)'/.exec(policy)?.[1] ?? '';
    assert.match(policy, /default-src 'none'/);
    assert.ok(page.text.includes(`nonce="${nonce}"`));
    nonces.add(nonce);
  }
  assert.equal(nonces.size, 2);
});

test('registering leads to the notes, and signing in back to the page that was asked for', async () => {
  assert.equal((await visitor().register('anna@example.com', PASSWORD)).location, '/notes');
  const person = visitor();
  const turnedAway = await person.get('/account');
  assert.deepEqual([turnedAway.status, turnedAway.location], [303, '/login?next=%2Faccount']);
  const page = await person.submit('/login?next=%2Faccount', '/login', {
    email: ' ANNA@example.com ',
    password: PASSWORD,
  });
  assert.deepEqual([page.status, page.location], [303, '/account']);
  assert.match((await person.get('/account')).text, /anna@example\.com/);
});

test('signing in never leads to another site', async () => {
  await visitor().register('careful@example.com', PASSWORD);
  const person = visitor();
  const fields = { email: 'careful@example.com', password: PASSWORD, next: '//evil.example/' };
  assert.equal((await person.post('/login', fields)).location, '/notes');
  assert.equal((await person.get('/login?next=https://evil.example')).location, '/notes');
});

test('v5.0.0-7.2.4 signing in again gives a new session and ends the old one', async () => {
  const { person, email } = await member();
  const old = person.cookies.join('; ');
  const page = await person.post('/login', { email, password: PASSWORD });
  assert.equal(page.status, 303);
  assert.notEqual(person.cookies.join('; '), old);
  assert.equal((await visitor().get('/api/me', { cookie: old })).status, 401);
});

test('v5.0.0-6.3.8 a wrong password and an unknown address get the same answer', async () => {
  const { email } = await member();
  const wrong = await visitor().signIn(email, 'not the password at all');
  const unknown = await visitor().signIn('nobody@example.com', 'not the password at all');
  const malformed = await visitor().post('/login', { email: 'nobody', password: 'not the password at all' });
  assert.deepEqual([wrong.status, unknown.status, malformed.status], [401, 401, 401]);
  assert.match(wrong.text, /role="alert"[^]*site-footer/);
  assert.ok(wrong.text.includes(`value="${email}"`));
  assert.equal(plain(unknown.text, 'nobody@example.com'), plain(wrong.text, email));
});

test('v5.0.0-6.3.8 registering a taken address gets the answer of a free one, and changes nothing', async () => {
  const { email } = await member();
  const taken = await visitor().submit('/register', '/register', { email });
  const free = await visitor().submit('/register', '/register', { email: 'somebody.else@example.com' });
  assert.deepEqual([taken.status, taken.location, taken.text], [free.status, free.location, free.text]);
  assert.equal((await visitor().signIn(email, PASSWORD)).status, 303);
});

test('tells what is wrong with a registration, and keeps the address', async () => {
  const page = await visitor().submit('/register', '/register', { email: 'anna' });
  assert.equal(page.status, 422);
  assert.match(page.text, /<title>Error: [^<]* · Strongroom<[^]*href="#email"/);
  assert.match(page.text, /id="email"[^>]*value="anna"[^>]*aria-invalid="true"/);
});

test('fields that come twice or as a list are no address and no password', async () => {
  const twice = new URLSearchParams([
    ['email', 'a@example.com'],
    ['email', 'b@example.com'],
    ['password[]', PASSWORD],
  ]);
  assert.equal((await visitor().post('/register', twice)).status, 422);
  assert.equal((await visitor().post('/login', twice)).status, 401);
});

test('v5.0.0-6.3.1 the sixth try at one account within a minute is refused, from whatever address', async () => {
  const { email } = await member();
  const statuses: number[] = [];
  for (let attempt = 0; attempt < 6; attempt += 1) {
    statuses.push((await visitor().post('/login', { email, password: 'not the password at all' })).status);
  }
  assert.deepEqual(statuses, [401, 401, 401, 401, 401, 429]);
});

test('v5.0.0-1.2.1 a note is shown as it was typed, markup and all, and only to its owner', async () => {
  const { person } = await member();
  const text = `<script>alert(1)</script> & "quotes" 'too'`;
  const saved = await person.submit('/notes', '/notes', { text });
  assert.deepEqual([saved.status, saved.location], [303, '/notes']);
  const page = await person.get('/notes');
  assert.ok(
    page.text.includes('&lt;script&gt;alert(1)&lt;/script&gt; &amp; &quot;quotes&quot; &#39;too&#39;'),
  );
  assert.ok(!page.text.includes('<script>alert'));
  const { person: other } = await member();
  assert.ok(!(await other.get('/notes')).text.includes('alert(1)'));
});

test('says once that a note was saved', async () => {
  const { person } = await member();
  await person.submit('/notes', '/notes', { text: 'one' });
  assert.match((await person.get('/notes')).text, /role="status">Note saved\./);
  assert.doesNotMatch((await person.get('/notes')).text, /role="status"/);
});

test('refuses an empty note and gives a long one back', async () => {
  const { person } = await member();
  assert.equal((await person.submit('/notes', '/notes', { text: ' ' })).status, 422);
  const long = await person.submit('/notes', '/notes', { text: 'x'.repeat(4001) });
  assert.equal(long.status, 422);
  assert.ok(long.text.includes('x'.repeat(4001)));
});

test('v5.0.0-8.2.2 deletes a note for its owner, and is 404 for everyone else', async () => {
  const { person } = await member();
  await person.submit('/notes', '/notes', { text: 'precious' });
  const action = /action="(\/notes\/[\w-]+\/delete)"/.exec((await person.get('/notes')).text)?.[1] ?? '';
  const { person: thief } = await member();
  const stolen = await thief.post(action, {});
  assert.equal(stolen.status, 404);
  assert.match(stolen.text, /There is no such page/);
  assert.match((await person.get('/notes')).text, /precious/);
  assert.equal((await person.submit('/notes', action)).location, '/notes');
  assert.match((await person.get('/notes')).text, /Note deleted\.[^]*Nothing here yet/);
});

test('v5.0.0-3.5.1 no other site posts a note, with or without a token', async () => {
  const { person } = await member();
  const page = await person.get('/notes');
  const _csrf = /name="_csrf" value="([^"]+)"/.exec(page.text)?.[1] ?? '';
  assert.match(_csrf, /^[\w-]{43}$/);
  assert.equal(
    (await person.post('/notes', { text: 'x', _csrf }, { 'sec-fetch-site': 'cross-site' })).status,
    403,
  );
  assert.equal((await person.post('/notes', { text: 'x' }, { origin: 'https://evil.example' })).status, 403);
  // A browser that says nothing of where it comes from needs the token.
  assert.equal((await person.post('/notes', { text: 'x' }, {})).status, 403);
  assert.equal((await person.post('/notes', { text: 'x', _csrf }, {})).status, 303);
});

test('v5.0.0-7.5.2 (in part) lists the devices of an account, and one of them signs another out, at once', async () => {
  const { person, email } = await member();
  const phone = visitor('Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) Version/18.0 Safari/604.1');
  await phone.signIn(email, PASSWORD);
  const page = await person.get('/account');
  assert.match(page.text, /Firefox on Linux <span class="badge">This device[^]*Safari on iPhone/);
  assert.equal((await person.submit('/account', '/account/sessions/revoke')).location, '/account');
  assert.equal((await phone.get('/api/me')).status, 401);
  assert.equal((await phone.get('/notes')).location, '/login?next=%2Fnotes');
  assert.equal((await person.get('/api/me')).status, 200);
});

test('signs out everywhere else with one button', async () => {
  const { person, email } = await member();
  const others = [visitor(), visitor()];
  for (const other of others) await other.signIn(email, PASSWORD);
  await person.submit('/account', '/account/sessions/revoke-others');
  for (const other of others) assert.equal((await other.get('/api/me')).status, 401);
  assert.match((await person.get('/account')).text, /You are signed in nowhere else/);
});

test('v5.0.0-8.2.2 nobody ends a session of another account', async () => {
  const { person, email } = await member();
  await visitor().signIn(email, PASSWORD);
  const session = /name="session"\s+value="([\w-]{43})"/.exec((await person.get('/account')).text)?.[1] ?? '';
  assert.match(session, /./);
  const { person: thief } = await member();
  await thief.post('/account/sessions/revoke', { session });
  assert.match((await person.get('/account')).text, /Sign out everywhere else/);
});

test('v5.0.0-7.4.1 after signing out the cookie opens nothing any more', async () => {
  const { person } = await member();
  const cookie = person.cookies.join('; ');
  assert.match(cookie, /./);
  const page = await person.submit('/account', '/logout');
  assert.deepEqual([page.status, page.location], [303, '/signed-out']);
  assert.ok(person.cookies.every((one) => !one.includes('sid=')));
  assert.equal((await visitor().get('/api/me', { cookie })).status, 401);
});

test('v5.0.0-7.4.4 every page of someone signed in has the way out', async () => {
  const { person } = await member();
  for (const path of ['/', '/notes', '/account', '/no-such-page']) {
    assert.match((await person.get(path)).text, /action="\/logout"/, path);
  }
});

test('v5.0.0-14.3.2 what depends on who asks is kept by no cache, what does not is kept for a year', async () => {
  const { person } = await member();
  for (const path of ['/', '/notes', '/account', '/api/me']) {
    assert.match((await person.get(path)).headers.get('cache-control') ?? '', /no-store/, path);
  }
  const css = /href="(\/static\/strongroom\.css\?v=[\w-]+)"/.exec((await person.get('/')).text)?.[1] ?? '';
  const answer = await visitor().get(css);
  assert.equal(answer.status, 200);
  assert.match(answer.headers.get('cache-control') ?? '', /max-age=31536000, immutable/);
});

test('those who are signed in are not asked to sign in or register again', async () => {
  const { person } = await member();
  for (const path of ['/login', '/register']) {
    assert.equal((await person.get(path)).location, '/notes', path);
  }
});

test('/api/me tells who is signed in, and a program that is not gets a plain 401', async () => {
  const { person, email } = await member();
  const me = JSON.parse((await person.get('/api/me', { accept: 'application/json' })).text) as object;
  assert.deepEqual(Object.keys(me).sort(), ['createdAt', 'email', 'id', 'roles', 'signedInAt']);
  assert.equal((me as { email: string }).email, email);
  const refused = await visitor().get('/api/me', { accept: 'application/json' });
  assert.equal(refused.status, 401);
  assert.match(refused.headers.get('content-type') ?? '', /application\/problem\+json/);
});

test('a page that does not exist is 404 in the look of the others', async () => {
  for (const path of ['/no-such-page', '/static/no-such-file.css', '/static/', '/views/layout.eta']) {
    const page = await visitor().get(path);
    assert.equal(page.status, 404, path);
    assert.match(page.text, /There is no such page[^]*Go to the start page/);
  }
});

test("a form that cannot be read is the sender's fault, and tells nothing of ours", async () => {
  const many = new URLSearchParams('f=x&'.repeat(50));
  const { person } = await member();
  const page = await person.post('/notes', many);
  assert.equal(page.status, 413);
  assert.doesNotMatch(page.text, /node_modules|at \w+ \(/);
});

test('v5.0.0-8.2.1 (in part) the console is there for operators with a second factor, and for no client', async () => {
  assert.equal((await visitor().get('/admin')).location, '/login?next=%2Fadmin');
  const { person } = await member();
  const { status, text } = await person.get('/admin');
  assert.equal(status, 403);
  assert.doesNotMatch(text, /Refusals by guard/);
});
