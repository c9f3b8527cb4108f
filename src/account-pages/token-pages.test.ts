/** The pages of API tokens over HTTP, as a browser without script sees them. */
import assert from 'node:assert/strict';
import { after, afterEach, before, mock, test } from 'node:test';
import {
  type AccountSite,
  mailedLink,
  onExpress,
  startAccountSite,
} from '../../test/support/account-site.ts';
import { PASSWORD } from '../../test/support/accounts.ts';
import { DpopProgram } from '../../test/support/dpop-program.ts';
import { type Page, Visitor } from '../../test/support/visitor.ts';

const NEW = '/account/tokens/new';
const READ = { 'scope-files:read': 'yes', life: '30d' };

let site: AccountSite;

before(async () => {
  site = await startAccountSite(onExpress, { scopes: ['files:read', 'files:write'] });
});

after(() => site.stop());
afterEach(() => mock.timers.reset());

test('shows a token once, kept by no cache, and it opens what its scope says', async () => {
  const ann = await member('ann@example.com');
  const made = await ann.submit(NEW, NEW, { name: 'Nightly backup', ...READ });
  assert.equal(made.status, 200);
  assert.match(made.headers.get('cache-control') ?? '', /no-store/);
  const token = tokenOn(made);
  const list = await ann.get('/account/tokens');
  assert.match(list.text, /Nightly backup[^]*May: files:read[^]*made just now, never used, expires/);
  assert.ok(!list.text.includes(token));
  assert.equal((await opens(token)).status, 200);
  assert.match((await ann.get('/account/tokens')).text, /last used[^]*just now[^]* from 203\.0\.113\./);
});

test('v5.0.0-16.2.5 no event, mail or line of the history holds a token, and each of them tells of it', async () => {
  const bob = await member('bob@example.com');
  const name = 'see https://evil.example';
  const made = await bob.submit(NEW, NEW, { name, ...READ });
  const token = tokenOn(made);
  await opens(token);
  await site.accounts.settled();
  const mail = site.mail.mails.find(
    ({ to, subject }) => to === 'bob@example.com' && subject.includes('token'),
  );
  assert.match(mail?.text ?? '', /begins with bwk_\w{4}\.[^]*files:read[^]*\/account\/tokens/);
  assert.ok(!mail?.text.includes(name), 'its maker had a sentence mailed');
  const account = await bob.get('/account');
  assert.match(account.text, /API token made[^]*see https:\/\/evil\.example/);
  assert.ok(site.events.some(({ event }) => event === 'authn_token_created'));
  for (const text of [JSON.stringify(site.events), mail?.text ?? '', account.text]) {
    assert.ok(!text.includes(token));
  }
});

test('a token that is to be bound is bound to the key of its first use, and its owner sees that', async () => {
  const nina = await member('nina@example.com');
  const made = await nina.submit(NEW, NEW, { name: 'bound', ...READ, bind: 'yes' });
  assert.match(made.text, /Authorization: DPoP/);
  assert.match(made.text, /<code>DPoP<\/code> goes with it: the proof/);
  const token = tokenOn(made);
  assert.match((await nina.get('/account/tokens')).text, /Will work only with the key/);
  assert.equal((await opens(token)).status, 401);
  const program = new DpopProgram();
  const call = async (nonce?: string): Promise<Page> => {
    const dpop = program.proof({ token, now: Date.now(), url: new URL('/files', site.url).href, nonce });
    const headers = { authorization: `DPoP ${token}`, dpop, accept: 'application/json' };
    return await new Visitor(site.url).get('/files', headers);
  };
  const nonce = (await call()).headers.get('dpop-nonce') ?? undefined;
  assert.equal((await call(nonce)).status, 200);
  assert.match((await nina.get('/account/tokens')).text, /Works only with the key of its program/);
  const plain = await nina.submit(NEW, NEW, { name: 'not bound', ...READ });
  assert.match(plain.text, /Authorization: Bearer/);
});

test('revokes one token at once, and then all', async () => {
  const cleo = await member('cleo@example.com');
  const tokens: string[] = [];
  for (const name of ['first', 'second', 'third'])
    tokens.push(tokenOn(await cleo.submit(NEW, NEW, { name, ...READ })));
  // The newest stands first.
  assert.equal((await cleo.submit('/account/tokens', '/account/tokens/revoke')).location, '/account/tokens');
  assert.deepEqual(await statuses(tokens), [200, 200, 401]);
  await cleo.submit('/account/tokens', '/account/tokens/revoke-all');
  assert.deepEqual(await statuses(tokens), [401, 401, 401]);
  const { text } = await cleo.get('/account');
  assert.match(text, /API token revoked[^]*all, 2[^]*API token revoked[^]*third/);
});

test('v5.0.0-8.2.2 nobody revokes the token of someone else', async () => {
  const dora = await member('dora@example.com');
  const token = tokenOn(await dora.submit(NEW, NEW, { name: 'hers', ...READ }));
  const id = /name="token" value="([^"]+)"/.exec((await dora.get('/account/tokens')).text)?.[1] ?? '';
  const eve = await member('eve@example.com');
  await eve.submit(NEW, NEW, { name: 'own', ...READ });
  await eve.submit('/account/tokens', '/account/tokens/revoke', { token: id });
  assert.equal((await opens(token)).status, 200);
  assert.match((await eve.get('/account/tokens')).text, /own/);
});

test('v5.0.0-7.5.3 making one asks for a fresh sign-in, looking and revoking do not', async () => {
  const fred = await member('fred@example.com');
  await fred.submit(NEW, NEW, { name: 'before lunch', ...READ });
  const form = await fred.get(NEW);
  mock.timers.enable({ apis: ['Date'], now: Date.now() + 16 * 60_000 });
  assert.match((await fred.get(NEW)).location ?? '', /^\/login\/again\?/);
  const fields = { ...hiddenIn(form, NEW), name: 'after lunch', ...READ };
  assert.match((await fred.post(NEW, fields)).location ?? '', /^\/login\/again\?held=/);
  assert.equal((await fred.submit('/account/tokens', '/account/tokens/revoke')).status, 303);
  assert.match((await fred.get('/account/tokens')).text, /No tokens yet/);
});

test('a form that was kept while its sender proved who they are is shown again as it was, to be sent once more', async () => {
  const gus = await member('gus@example.com');
  const form = await gus.get(NEW);
  mock.timers.enable({ apis: ['Date'], now: Date.now() + 16 * 60_000 });
  const led = await gus.post(NEW, { ...hiddenIn(form, NEW), name: 'kept', ...READ });
  const proved = await gus.submit(led.location ?? '', '/login/again', { password: PASSWORD });
  const again = await gus.submit(proved.location ?? '', NEW);
  assert.equal(again.status, 422);
  assert.match(again.text, /value="kept"[^]*name="scope-files:read"\s+value="yes"\s+checked/);
});

test('a form that is sent twice makes one token, and either answer shows it', async () => {
  const hal = await member('hal@example.com');
  const form = await hal.get(NEW);
  const fields = { ...hiddenIn(form, NEW), name: 'once', ...READ };
  const both = await Promise.all([hal.post(NEW, fields), hal.post(NEW, fields)]);
  assert.deepEqual(
    both.map(({ status }) => status),
    [200, 200],
  );
  assert.equal((await hal.get('/account/tokens')).text.match(/class="device"/g)?.length, 1);
});

test('says what is wrong with a wish, beside its field, and keeps what was typed', async () => {
  const ida = await member('ida@example.com');
  const wish = async (fields: Record<string, string>): Promise<Page> => await ida.submit(NEW, NEW, fields);
  const nothing = await wish({ name: ' ', life: '30d' });
  assert.equal(nothing.status, 422);
  assert.match(nothing.text, /href="#name"[^]*href="#scopes"/);
  assert.match((await wish({ name: 'x'.repeat(65), ...READ })).text, /at most 64 characters/);
  for (const life of ['366d', '9999d', 'never', '']) {
    assert.match((await wish({ name: 'long', ...READ, life })).text, /href="#life"/, life);
  }
  const unknown = await wish({ name: 'root', 'scope-admin': 'yes', life: '30d' });
  assert.match(unknown.text, /href="#scopes"[^]*value="root"/);
  assert.match((await ida.get('/account/tokens')).text, /No tokens yet/);
});

test('there is an end to how many', async () => {
  const jo = await member('jo@example.com');
  for (let count = 0; count < 20; count += 1) await jo.submit(NEW, NEW, { name: `token ${count}`, ...READ });
  const over = await jo.submit(NEW, NEW, { name: 'one more', ...READ });
  assert.equal(over.status, 422);
  assert.match(over.text, /You have 20 tokens/);
});

test('a name is shown as text, whatever is in it', async () => {
  const kim = await member('kim@example.com');
  const made = await kim.submit(NEW, NEW, { name: '"><script>alert(1)</script>', ...READ });
  for (const { text } of [made, await kim.get('/account/tokens'), await kim.get('/account')]) {
    assert.doesNotMatch(text, /<script>alert/);
    assert.match(text, /&lt;script&gt;alert/);
  }
});

test('a post of another site, and one without its token, make and revoke nothing', async () => {
  const lea = await member('lea@example.com');
  const fields = { ...hiddenIn(await lea.get(NEW), NEW), name: 'forged', ...READ };
  assert.equal((await lea.post(NEW, fields, { 'sec-fetch-site': 'cross-site' })).status, 403);
  assert.match((await lea.get('/account/tokens')).text, /No tokens yet/);
});

test('an application that hands in no tokens keeps these addresses, and what is posted to them', async () => {
  const other = await startAccountSite();
  try {
    const mia = await member('mia@example.com', other);
    assert.equal((await mia.get('/account/tokens')).status, 404);
    assert.doesNotMatch((await mia.get('/account')).text, /API tokens/);
    assert.equal((await mia.post(NEW, { mine: 'still' })).text, '{"mine":"still"}');
  } finally {
    await other.stop();
  }
});

async function member(email: string, at: AccountSite = site): Promise<Visitor> {
  const visitor = new Visitor(at.url);
  await visitor.submit('/register', '/register', { email });
  await visitor.submit(await mailedLink(at, email), '/register/confirm', { password: PASSWORD });
  return visitor;
}

function tokenOn({ text }: Page): string {
  const token = />\s*(bwk_\w+)<\/textarea>/.exec(text)?.[1];
  assert.ok(token !== undefined, text);
  return token;
}

function hiddenIn({ text }: Page, action: string): Record<string, string> {
  const form = (text.match(/<form [^]*?<\/form>/g) ?? []).find((one) => one.includes(` action="${action}"`));
  const fields = (form ?? '').matchAll(/<input type="hidden" name="([^"]*)" value="([^"]*)"/g);
  return Object.fromEntries([...fields].map((match) => [match[1] ?? '', match[2] ?? '']));
}

async function opens(token: string): Promise<Page> {
  return await new Visitor(site.url).get('/files', { authorization: `Bearer ${token}` });
}

async function statuses(tokens: readonly string[]): Promise<readonly number[]> {
  const pages = await Promise.all(tokens.map((token) => opens(token)));
  return pages.map(({ status }) => status);
}
