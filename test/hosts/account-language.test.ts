/** Which language somebody reads: that of the policy, or of several the one that their browser asks for, on every host. */
import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import express from 'express';
import { accountPages } from '../../src/adapters/account-pages.ts';
import { bulwark } from '../../src/adapters/express.ts';
import { type AccountHost, type AccountSite, mailedLink, startAccountSite } from '../support/account-site.ts';
import { PASSWORD } from '../support/accounts.ts';
import { type Page, Visitor } from '../support/visitor.ts';
import type { AccountsOptions } from '../../src/accounts/accounts.ts';
import { ACCOUNT_HOSTS } from './account-hosts.ts';

const EMAIL = 'ann@example.com';

async function started(
  t: TestContext,
  host: AccountHost | undefined,
  accounts: AccountsOptions,
): Promise<AccountSite> {
  const site = await startAccountSite(host, { accounts });
  t.after(() => site.stop());
  return site;
}

/** Title, language of the document and of the answer, and what it depends on. */
function facts({ text, headers }: Page): readonly (string | null | undefined)[] {
  const lang = /<html lang="([^"]*)" dir="ltr">/.exec(text)?.[1];
  return [/<title>(.*)<\/title>/.exec(text)?.[1], lang, headers.get('content-language'), headers.get('vary')];
}

for (const [name, host] of Object.entries(ACCOUNT_HOSTS)) {
  test(`a browser gets the language that it asks for, of those of the policy, on ${name}`, async (t) => {
    const site = await started(t, host, { language: ['en', 'de'] });
    const visitor = new Visitor(site.url);
    const ask = (path: string, language: string): Promise<Page> =>
      visitor.get(path, { 'accept-language': language });
    const english = ['Sign in - Example', 'en', 'en', 'Accept-Language'];
    const german = ['Anmelden - Example', 'de', 'de', 'Accept-Language'];
    assert.deepEqual(facts(await ask('/login', 'de-AT,de;q=0.9,en;q=0.5')), german);
    assert.deepEqual(facts(await ask('/login', 'fr')), english);
    assert.deepEqual(facts(await visitor.get('/login')), english);
    assert.deepEqual(facts(await ask('/login', 'en,de')), english);
    // Of errors, by the layer.
    const broken = 'Diese Anfrage war nicht zu verstehen';
    assert.deepEqual(facts(await ask('/a%00b', 'de')), [broken, 'de', 'de', 'Accept-Language']);
    assert.equal(facts(await ask('/a%00b', 'en'))[1], 'en');
    const program = await visitor.get('/a%00b', { accept: 'application/json', 'accept-language': 'de' });
    assert.equal(
      (JSON.parse(program.text) as { title: string }).title,
      'The request could not be understood',
    );
    assert.equal(program.headers.get('vary'), null);
  });

  test(`where there is one language, no header is asked and no answer depends on one, on ${name}`, async (t) => {
    const site = await started(t, host, { language: 'de' });
    const visitor = new Visitor(site.url);
    const page = await visitor.get('/login', { 'accept-language': 'en' });
    assert.deepEqual(facts(page), ['Anmelden - Example', 'de', 'de', null]);
  });
}

test('mails are in the language of who asks for them, and what an owner is told in the first', async (t) => {
  const site = await started(t, undefined, { language: ['de', 'en'] });
  const english = { 'accept-language': 'en', 'sec-fetch-site': 'same-origin' };
  const visitor = new Visitor(site.url);
  await visitor.post('/register', { email: EMAIL }, english);
  const link = await mailedLink(site, EMAIL);
  await visitor.submit(link, '/register/confirm', { password: PASSWORD });
  await new Visitor(site.url).post('/login', { email: EMAIL, password: PASSWORD }, english);
  await site.accounts.settled();
  const subjects = site.mail.mails.map(({ subject }) => subject);
  assert.ok(subjects.includes('Confirm your address for Example'), subjects.join());
  assert.ok(subjects.includes('Eine neue Anmeldung bei Ihrem Konto (Example)'), subjects.join());
});

test('sentences of the application are text, wherever they stand', async (t) => {
  const words = { 'signIn.title': '<b>Hello</b>', 'signIn.noAccount': '<i>{create}' };
  const site = await started(t, undefined, { words });
  const { text } = await new Visitor(site.url).get('/login');
  assert.ok(text.includes('<h1>&lt;b&gt;Hello&lt;/b&gt;</h1>'));
  assert.ok(text.includes('&lt;i&gt;<a href="/register">Create one</a>'));
});

test('what the application says an answer depends on stays, and its layout is told the language', async (t) => {
  const host: AccountHost = (policy, prepare) => {
    const layer = bulwark(policy);
    prepare(layer);
    const app = express();
    app.use(layer);
    app.use((_request, response, next) => {
      response.setHeader('Vary', 'Accept-Encoding');
      next();
    });
    const layout = (page: object): string => JSON.stringify(page);
    app.use(accountPages(layer, { layout }));
    return { layer, server: layer.createServer(app) };
  };
  const site = await started(t, host, { language: ['en', 'de'] });
  const page = await new Visitor(site.url).get('/login', { 'accept-language': 'de' });
  assert.equal(page.headers.get('vary'), 'Accept-Encoding, Accept-Language');
  const { language, direction, signOutLabel } = JSON.parse(page.text) as Record<string, string>;
  assert.deepEqual([language, direction, signOutLabel], ['de', 'ltr', 'Abmelden']);
});
