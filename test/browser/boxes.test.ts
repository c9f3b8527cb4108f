/**
 * No two boxes meet on any account page, in the plain layout and in Strongroom's, nor on any page of Strongroom's own: in
 * four widths, light and dark. Recovery codes lay over each other on every screen wider than a phone.
 */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { after, before, describe, test } from 'node:test';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import { oneTimeCode, timeStep } from '../../src/identity/mfa/totp-code.ts';
import { listAccountPages } from '../../src/account-pages/account-pages.ts';
import { startProgram, temporaryDirectory } from '../../examples/strongroom/testing/running.ts';
import { type AccountSite, onExpress, startAccountSite } from '../support/account-site.ts';
import { fromBase32 } from '../support/base32.ts';
import { OpenIdProvider } from '../support/openid-provider.ts';
import { providerAt } from '../support/sign-in-providers.ts';
import { Visitor } from '../support/visitor.ts';
import { assertNoBoxesMeet } from './boxes.ts';
import { startChromium } from './chromium.ts';
import { pictureForGuide, shoot } from './keyboard.ts';

const EMAIL = 'somebody.with.a.rather.long.name@a-department.example.com';
const PASSWORD = 'four quiet words in a row';

interface Site {
  readonly name: string;
  readonly url: string;
  readonly home: string;
  readonly stop: () => Promise<void>;
  /** Of everything: tokens and providers too. */
  readonly whole: AccountSite | undefined;
}

const SITES: Readonly<Record<string, () => Promise<Site>>> = {
  'in the plain layout': async () => {
    const provider = await OpenIdProvider.start();
    const site = await startAccountSite(onExpress, {
      scopes: ['files:read', 'files:write-everything-there-is'],
      providers: { home: providerAt(provider.issuer) },
      challenge: { when: 'always' },
      accounts: { deleteAfter: '7d' },
    });
    const stop = async (): Promise<void> => {
      await site.stop();
      provider.stop();
    };
    return { name: 'plain', url: site.url, home: '/secret', stop, whole: site };
  },
  'in Strongroom': async () => {
    const data = temporaryDirectory();
    const program = await startProgram(data.path);
    const stop = async (): Promise<void> => {
      await program.stop();
      data.remove();
    };
    return { name: 'strongroom', url: program.url, home: '/notes', stop, whole: undefined };
  },
};

for (const [where, start] of Object.entries(SITES)) {
  describe(`no two boxes meet ${where}`, () => {
    let site: Site;
    let browser: Browser;
    let context: BrowserContext;
    let page: Page;
    const seen = new Set<string>();
    /** Recovery codes that are left. */
    let codes: string[] = [];

    before(async () => {
      site = await start();
      browser = await startChromium();
      context = await browser.newContext();
      page = await context.newPage();
      page.on('response', (response) => {
        const request = response.request();
        if (request.isNavigationRequest()) seen.add(`${request.method()} ${new URL(request.url()).pathname}`);
      });
    });
    after(async () => {
      await browser?.close();
      await site?.stop();
    });

    const look = async (name: string): Promise<void> => {
      await assertNoBoxesMeet(page, name);
    };
    const open = async (path: string, name = path): Promise<void> => {
      await page.goto(site.url + path);
      await look(name);
    };
    const press = async (name: string | RegExp): Promise<void> => {
      const main = page.locator('main');
      const button = main.getByRole('button', { name, exact: true });
      const link = main.getByRole('link', { name, exact: true });
      await Promise.all([page.waitForNavigation(), button.or(link).first().click()]);
    };
    const link = (): Promise<string> => new Visitor(site.url).mailedLink(EMAIL);

    test('for visitors', async () => {
      for (const path of [
        '/',
        '/login',
        '/register',
        '/reset',
        '/register/sent',
        '/reset/sent',
        '/reset/done',
        '/signed-out',
      ])
        if (path !== '/' || site.name === 'strongroom') await open(path);
      await page.goto(`${site.url}/login`);
      if (site.whole !== undefined) await pictureForGuide(page, 'account-sign-in', 800);
      for (const path of ['/register/confirm', '/reset/confirm', '/account/email/confirm'])
        await open(`${path}?token=none`, `${path}, dead`);
      await page.goto(`${site.url}/register`);
      await page.getByLabel('Email').fill(EMAIL);
      await press('Send me the link');
      await look('mail sent');
      const path = await link();
      await open('/dev/mail');
      await open(path, 'choose a password');
      await page.getByLabel('Password', { exact: true }).fill('short');
      await press('Create account');
      await look('choose a password, refused');
      await page.getByLabel('Password', { exact: true }).fill(PASSWORD);
      await press('Create account');
      await page.waitForURL(site.url + site.home);
    });

    test('for whoever is signed in', async () => {
      if (site.name === 'strongroom') {
        await open('/notes', 'no notes');
        await page.getByLabel('New note').fill(`One line, and a word of ${'o'.repeat(200)}rdinary length`);
        await press('Save note');
        await look('notes');
        await page.locator('summary').click();
        await look('notes, to be deleted');
        await open('/notes/none', 'no such page');
      }
      for (const path of [
        '/account',
        '/account/password',
        '/account/email',
        '/account/email/sent',
        '/login/again',
        '/account/passkeys/new',
      ])
        await open(path);
      await page.goto(`${site.url}/account/password`);
      await page.getByLabel('Present password').fill('not this one, surely');
      await page.getByLabel('New password', { exact: true }).fill('short');
      await press('Change password');
      await look('change password, refused');
      await open('/login/again?need=mfa', 'needs a second step');
    });

    test('for whoever sets up a second step', async () => {
      await page.goto(`${site.url}/account`);
      await press('Set up an authenticator app');
      await look('authenticator app');
      const secret = (await page.locator('code.secret').textContent())?.replaceAll(' ', '') ?? '';
      await page.getByLabel('Code').fill('000000');
      await press('Turn it on');
      await look('authenticator app, refused');
      await page.getByLabel('Code').fill(oneTimeCode(fromBase32(secret), timeStep(Date.now())));
      await press('Turn it on');
      assert.equal(await page.locator('.codes code').count(), 10);
      await look('recovery codes');
      await shoot(page, `${site.name}-recovery-codes`);
      if (site.whole !== undefined) await pictureForGuide(page, 'account-recovery-codes');
      await keepsCodes();
      await open('/account', 'account with a second step');
      await press('Make new recovery codes');
      await look('new recovery codes');
      codes = await page.locator('.codes code').allTextContents();
      await context.clearCookies({ name: '__Host-sid' });
      await page.goto(`${site.url}/login`);
      await page.getByLabel('Email').fill(EMAIL);
      await page.getByLabel('Password', { exact: true }).fill('not this one, surely');
      await page.getByRole('button', { name: 'Sign in', exact: true }).click();
      await page.getByRole('alert').waitFor();
      await look('sign-in, refused');
      await page.getByLabel('Password', { exact: true }).fill(PASSWORD);
      await press('Sign in');
      await page.waitForURL(/\/login\/code/);
      await look('second step');
      await page.getByLabel('Code').fill('000000');
      await press('Continue');
      await look('second step, refused');
      await page.getByLabel('Code').fill(codes.pop() ?? '');
      await press('Continue');
      await page.waitForURL(site.url + site.home);
    });

    test('for whoever has tokens and accounts elsewhere', async (t) => {
      if (site.whole === undefined) return t.diagnostic('Strongroom has neither');
      await open('/account/tokens', 'no tokens');
      for (const name of ['Nightly backup of everything there is to be backed up here', 'Reports']) {
        await open('/account/tokens/new');
        await page.getByLabel('Name').fill(' ');
        await press('Make the token');
        await look('token, refused');
        await page.getByLabel('Name').fill(name);
        await page.getByRole('checkbox').first().check();
        await page.getByRole('checkbox').last().check();
        await press('Make the token');
        await page.locator('textarea').waitFor();
        await look('token');
      }
      await shoot(page, 'token-made-wide');
      await open('/account/tokens', 'tokens');
      await page.locator('summary').click();
      await look('tokens, revoke all');
      await page.goto(`${site.url}/account`);
      await press('Link Home');
      await page.waitForURL(/#identities/);
      await look('account with all of it');
      await page.goto(`${site.url}/account`);
      await pictureForGuide(page, 'account', 1000);
      await open('/login/again', 'again, with others');
      await press('Sign in at Home again');
      await page.getByRole('heading', { name: 'No sign-in with Home' }).waitFor();
      await look('no sign-in with others');
      return undefined;
    });

    test('for whoever leaves, and thinks again', async (t) => {
      if (site.whole === undefined) return t.diagnostic('Strongroom removes no accounts');
      await page.goto(`${site.url}/account`);
      await press('Delete the account');
      await look('removal, to be sure of');
      await press('Delete the account');
      await look('removal, asked for');
      await page.goto(`${site.url}/login`);
      await page.getByLabel('Email').fill(EMAIL);
      await page.getByLabel('Password', { exact: true }).fill(PASSWORD);
      await press('Sign in');
      await page.getByLabel('Code').fill(codes.pop() ?? '');
      await press('Continue');
      await page.getByRole('heading', { name: 'Keep your account?' }).waitFor();
      await look('removal, to be taken back');
      await press('Keep the account');
      return undefined;
    });

    test('for whoever comes by mail', async () => {
      await context.clearCookies();
      await page.goto(`${site.url}/reset`);
      await page.getByLabel('Email').fill(EMAIL);
      await press('Send me the link');
      await open(await link(), 'choose a new password');
      const pages =
        site.whole === undefined
          ? []
          : listAccountPages({ accounts: site.whole.accounts, home: '/', base: '' });
      // Scripts and what they ask for are no pages, the rest leads on, and what goes on to the application is its own.
      const others = /\.js$|^GET \/(?:login\/with\/|login\/continue|login\/passkey\/|\.well-known\/)/;
      const missed = pages.filter((one) => one.startsWith('GET ') && !others.test(one) && !seen.has(one));
      assert.deepEqual(missed, []);
    });

    /** The codes can be copied, printed, and had as a file. */
    async function keepsCodes(): Promise<void> {
      const codes = await page.locator('.codes code').allTextContents();
      const [download] = await Promise.all([
        page.waitForEvent('download'),
        page.getByRole('link', { name: 'Download the recovery codes' }).click(),
      ]);
      assert.equal(download.suggestedFilename(), 'recovery-codes.txt');
      const file = readFileSync(await download.path(), 'utf8');
      assert.deepEqual(file.split('\r\n').slice(3, -1), codes);
      assert.ok(file.includes(EMAIL));
      await page.evaluate('globalThis.print = () => { document.title = "printed"; }');
      await page.getByRole('button', { name: 'Print the recovery codes' }).click();
      assert.equal(await page.title(), 'printed');
      await page.getByRole('button', { name: 'Copy the recovery codes' }).click();
      await page.getByText('Copied.').waitFor();
      const paper = await context.newPage();
      await paper.setContent('<textarea rows="12" aria-label="Paper"></textarea>');
      await paper.getByLabel('Paper').focus();
      await paper.keyboard.press('Control+V');
      const pasted = await paper.getByLabel('Paper').inputValue();
      await paper.close();
      assert.deepEqual(
        pasted
          .split('\n')
          .map((line) => line.trim())
          .filter((line) => line !== ''),
        codes,
      );
    }
  });
}
