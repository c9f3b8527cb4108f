/** The pages in applications that have made Fastify their own. */
import assert from 'node:assert/strict';
import { Transform } from 'node:stream';
import { test } from 'node:test';
import Fastify from 'fastify';
import { type FastifySetup, fastifyHost } from '../../test/hosts/account-hosts.ts';
import { mailedLink, startAccountSite } from '../../test/support/account-site.ts';
import { FakeAccounts, PASSWORD } from '../../test/support/accounts.ts';
import { Visitor } from '../../test/support/visitor.ts';
import { accountPages } from './account-pages-fastify.ts';

const FORM = 'application/x-www-form-urlencoded';

const SETUPS: Readonly<Record<string, FastifySetup>> = {
  'a parser of forms': (app) => {
    app.addContentTypeParser(FORM, { parseAs: 'string' }, (_request, body, done) => done(null, body));
  },
  'a parser of everything': (app) => {
    app.removeAllContentTypeParsers();
    app.addContentTypeParser('*', { parseAs: 'string' }, (_request, body, done) => done(null, body));
  },
  'a parser of its own that refuses': (app) => {
    app.addContentTypeParser(FORM, (_request, _payload, done) => done(new Error('no forms here')));
  },
  'hooks that pass the body on and look at what was parsed': (app) => {
    app.addContentTypeParser(FORM, { parseAs: 'string' }, (_request, body, done) => done(null, body));
    app.addHook('preParsing', (_request, _reply, payload, done) => {
      done(null, payload.pipe(new Transform({ transform: (piece, _encoding, next) => next(null, piece) })));
    });
    app.addHook('preHandler', async () => await new Promise((resolve) => void setImmediate(resolve)));
  },
};

for (const [name, setUp] of Object.entries(SETUPS)) {
  test(`an account is made and opened in an application with ${name}`, async () => {
    const site = await startAccountSite(fastifyHost(setUp));
    try {
      const ann = new Visitor(site.url);
      await ann.submit('/register', '/register', { email: 'ann@example.com' });
      const link = await mailedLink(site, 'ann@example.com');
      assert.equal((await ann.submit(link, '/register/confirm', { password: PASSWORD })).status, 303);
      assert.equal((await new Visitor(site.url).signIn('ann@example.com', PASSWORD)).location, '/secret');
    } finally {
      await site.stop();
    }
  });
}

test('parsers of the application stay with its own routes', async () => {
  const site = await startAccountSite(fastifyHost(SETUPS['a parser of forms'] ?? assert.fail()), {
    routes: {},
  });
  try {
    const answer = await new Visitor(site.url).post('/safe', { text: 'whole' });
    assert.deepEqual(JSON.parse(answer.text), { text: 'whole' });
    const visitor = new Visitor(site.url);
    const json = { 'content-type': 'application/x-yaml', 'sec-fetch-site': 'same-origin' };
    assert.equal((await visitor.post('/safe', { text: 'x' }, json)).status, 415);
  } finally {
    await site.stop();
  }
});

test('is refused at the start under a prefix, and without the layer at each page', async () => {
  const { layer } = new FakeAccounts();
  const prefixed = Fastify();
  prefixed.register(accountPages(layer), { prefix: '/members' });
  await assert.rejects(async () => await prefixed.ready(), { code: 'ERR_BULWARK_INVALID_OPTION' });
  const bare = Fastify();
  const seen: unknown[] = [];
  bare.setErrorHandler((error, _request, reply) => {
    seen.push((error as { code?: unknown }).code);
    return reply.code(500).send('no');
  });
  bare.register(accountPages(layer));
  assert.equal((await bare.inject('/login')).statusCode, 500);
  assert.deepEqual(seen, ['ERR_BULWARK_NOT_PROTECTED']);
});

test('a router that is told to be lenient leads nowhere new', async () => {
  const site = await startAccountSite(fastifyHost(() => undefined, { caseSensitive: false }));
  try {
    const visitor = new Visitor(site.url);
    assert.equal((await visitor.get('/login')).status, 200);
    assert.equal((await visitor.get('/Login')).status, 404);
  } finally {
    await site.stop();
  }
});
