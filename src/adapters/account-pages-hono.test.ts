/** The pages in applications whose middleware has touched the body before. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Hono } from 'hono';
import { bodyLimit } from 'hono/body-limit';
import { type HonoSetup, honoHost } from '../../test/hosts/account-hosts.ts';
import { mailedLink, startAccountSite } from '../../test/support/account-site.ts';
import { FakeAccounts, PASSWORD } from '../../test/support/accounts.ts';
import { Visitor } from '../../test/support/visitor.ts';
import { accountPages } from './account-pages-hono.ts';

const reading =
  (how: 'text' | 'parseBody' | 'formData' | 'arrayBuffer' | 'blob'): HonoSetup =>
  (app) => {
    app.use(async ({ req }, next) => {
      if (req.method === 'POST') await req[how]();
      await next();
    });
  };

const SETUPS: Readonly<Record<string, HonoSetup>> = {
  'reads it as text': reading('text'),
  'reads its fields': reading('parseBody'),
  'reads it as form data': reading('formData'),
  'reads its bytes': reading('arrayBuffer'),
  'reads it as a file': reading('blob'),
  'counts it as it comes': (app) => void app.use(bodyLimit({ maxSize: 100_000 })),
  'only looks whether it is there': (app) =>
    void app.use(async ({ req }, next) => {
      assert.equal(req.raw.bodyUsed, false);
      assert.equal(req.raw.body === null, req.method !== 'POST');
      await next();
    }),
};

for (const [name, setUp] of Object.entries(SETUPS)) {
  test(`an account is made and opened behind middleware that ${name}`, async () => {
    const site = await startAccountSite(honoHost(setUp), { body: { mode: 'off' } });
    try {
      const ann = new Visitor(site.url);
      await ann.submit('/register', '/register', { email: 'ann@example.com' });
      const link = await mailedLink(site, 'ann@example.com');
      assert.equal((await ann.submit(link, '/register/confirm', { password: PASSWORD })).status, 303);
      assert.equal((await new Visitor(site.url).signIn('ann@example.com', PASSWORD)).location, '/secret');
      const twice = new URLSearchParams([
        ['email', 'ann@example.com'],
        ['password', PASSWORD],
        ['password', PASSWORD],
      ]);
      assert.equal((await new Visitor(site.url).post('/login', twice)).status, 401);
    } finally {
      await site.stop();
    }
  });
}

test('cookies of the application and of the pages leave together', async () => {
  const site = await startAccountSite(
    honoHost((app) => {
      app.use(async (context, next) => {
        await next();
        context.header('Set-Cookie', 'theme=dark', { append: true });
      });
    }),
  );
  try {
    const ann = new Visitor(site.url);
    await ann.submit('/register', '/register', { email: 'ann@example.com' });
    await ann.submit(await mailedLink(site, 'ann@example.com'), '/register/confirm', { password: PASSWORD });
    const names = ann.cookies.map((pair) => pair.split('=')[0]).sort();
    assert.deepEqual(names, ['__Host-known', '__Host-sid', 'theme'].sort());
  } finally {
    await site.stop();
  }
});

test('refuses pages to what came around the server, and leaves the rest to the application', async () => {
  const app = new Hono();
  const seen: unknown[] = [];
  app.onError((error, context) => {
    seen.push((error as { code?: unknown }).code);
    return context.text('no', 500);
  });
  app.use(accountPages(new FakeAccounts().layer));
  app.get('/', (context) => context.text('own'));
  assert.equal(await (await app.request('/')).text(), 'own');
  assert.equal((await app.request('/login')).status, 500);
  assert.deepEqual(seen, ['ERR_BULWARK_NOT_PROTECTED']);
});
