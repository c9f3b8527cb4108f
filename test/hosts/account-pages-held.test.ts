/** Requests that were held open while the account was taken back from their sender; and addresses that rules never saw. */
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import express from 'express';
import { accountPages } from '../../src/adapters/account-pages.ts';
import { accountPages as fastifyPages } from '../../src/adapters/account-pages-fastify.ts';
import { bulwark } from '../../src/adapters/express.ts';
import { bulwark as fastifyBulwark } from '../../src/adapters/fastify.ts';
import { oneTimeCode, timeStep } from '../../src/identity/mfa/totp-code.ts';
import Fastify from 'fastify';
import { type AccountHost, type AccountSite, startAccountSite } from '../support/account-site.ts';
import { PASSWORD } from '../support/accounts.ts';
import { fromBase32 } from '../support/base32.ts';
import { openSocket, writeRequest } from '../../src/testing/wire.ts';
import { Visitor } from '../support/visitor.ts';
import { ACCOUNT_HOSTS } from './account-hosts.ts';

const EMAIL = 'ann@example.com';
const NEW = 'some other five words instead';

for (const [name, host] of Object.entries(ACCOUNT_HOSTS)) {
  describe(`requests that are held open on ${name}`, () => {
    let site: AccountSite;
    before(async () => {
      site = await startAccountSite(host);
    });
    after(async () => {
      await site.stop();
    });

    /** Sends all of a form but its last byte. Returns what sends the rest, and reads the status of the answer. */
    const hold = async (
      sender: Visitor,
      target: string,
      fields: Readonly<Record<string, string>>,
    ): Promise<() => Promise<string | undefined>> => {
      const body = `${new URLSearchParams(fields).toString()}&x=1`;
      const text = writeRequest({
        method: 'POST',
        target,
        headers: {
          host: new URL(site.url).host,
          'x-forwarded-proto': 'http',
          'sec-fetch-site': 'same-origin',
          accept: 'text/html',
          cookie: sender.cookies.join('; '),
          'content-type': 'application/x-www-form-urlencoded',
        },
        body,
      });
      const { socket, received, closed } = await openSocket(site.port);
      socket.write(text.slice(0, -1));
      return async () => {
        socket.write(text.slice(-1));
        await closed;
        return received().split(' ')[1];
      };
    };

    test('v5.0.0-7.4.1 past a reset by the owner they change nothing', async () => {
      const owner = new Visitor(site.url);
      await owner.register(EMAIL, PASSWORD);
      const thief = new Visitor(site.url);
      await thief.signIn(EMAIL, PASSWORD);
      const page = await thief.submit('/account', '/account/totp');
      const shown = /class="secret">([A-Z2-7 ]+)</.exec(page.text)?.[1] ?? '';
      const code = oneTimeCode(fromBase32(shown.replaceAll(' ', '')), timeStep(Date.now()));
      const token = { _csrf: /name="_csrf"\s+value="([^"]*)"/.exec(page.text)?.[1] ?? '' };
      const address = await hold(thief, '/account/email', { ...token, email: 'mallory@example.net' });
      const app = await hold(thief, '/account/totp/confirm', { ...token, code });

      const elsewhere = new Visitor(site.url);
      await elsewhere.submit('/reset', '/reset', { email: EMAIL });
      const link = await elsewhere.mailedLink(EMAIL);
      assert.equal(
        (await elsewhere.submit(link, '/reset/confirm', { password: NEW })).location,
        '/reset/done',
      );

      assert.match((await address()) ?? '', /^(?:303|401)$/);
      assert.match((await app()) ?? '', /^(?:303|401)$/);
      await site.accounts.settled();
      assert.ok(site.mail.mails.every(({ to }) => to !== 'mallory@example.net'));
      const account = await site.accounts.findByEmail(EMAIL);
      assert.equal((await site.accounts.factors.overview(account?.id ?? '')).secondFactor, false);
      assert.equal((await elsewhere.signIn(EMAIL, NEW)).location, '/secret');
    });
  });
}

const withoutLanguage = (url: string): string => url.replace(/^\/de(?=\/)/, '');

const REWRITING: Readonly<Record<string, AccountHost>> = {
  Express: (policy) => {
    const layer = bulwark(policy);
    const app = express();
    app.use(layer);
    app.use((request, _response, next) => {
      request.url = withoutLanguage(request.url);
      next();
    });
    app.use(accountPages(layer));
    return { layer, server: layer.createServer(app) };
  },
  'Express below a path': (policy) => {
    const layer = bulwark(policy);
    const app = express();
    app.use(layer);
    app.use(accountPages(layer));
    app.use('/de', accountPages(layer));
    return { layer, server: layer.createServer(app) };
  },
  Fastify: async (policy) => {
    const layer = fastifyBulwark(policy);
    const app = Fastify({
      serverFactory: layer.serverFactory,
      rewriteUrl: ({ url = '/' }) => withoutLanguage(url),
    });
    await app.register(fastifyPages(layer));
    await app.ready();
    return { layer, server: app.server };
  },
};

for (const [name, host] of Object.entries(REWRITING)) {
  test(`under an address that their rules are not for, there are no pages: ${name}`, async (t) => {
    const site = await startAccountSite(host);
    t.after(() => site.stop());
    const visitor = new Visitor(site.url);
    assert.equal((await visitor.get('/login')).status, 200);
    assert.equal((await visitor.get('/de/login')).status, 404);
    assert.equal((await visitor.post('/de/login', { email: EMAIL, password: PASSWORD })).status, 404);
    await visitor.register(EMAIL, PASSWORD);
    assert.equal((await visitor.get('/de/account/email')).status, 404);
  });
}

test('what a layout fails with is replaced as any failure of the application is', async (t) => {
  const site = await startAccountSite((policy) => {
    const layer = bulwark(policy);
    const layout = (): never => {
      throw new Error('the password of the database is hunter2');
    };
    const app = express();
    app.use(layer);
    app.use(accountPages(layer, { layout }));
    app.use(
      (error: Error, _request: express.Request, response: express.Response, _next: express.NextFunction) => {
        response.status(500).json({ stack: error.stack });
      },
    );
    return { layer, server: layer.createServer(app) };
  });
  t.after(() => site.stop());
  const page = await new Visitor(site.url).get('/signed-out');
  assert.equal(page.status, 500);
  assert.doesNotMatch(page.text, /hunter2/);
  assert.ok(site.events.some(({ event }) => event === 'sys_crash'));
});
