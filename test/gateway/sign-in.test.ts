/** Sign-in protection before applications that know nothing of it, each of which answers in a way of its own. */
import assert from 'node:assert/strict';
import { after, before, describe, type TestContext, test } from 'node:test';
import type { GatewayOptions } from '../../src/gateway/options/gateway.options.ts';
import { KNOWN_BROWSER_COOKIE } from '../../src/gateway/sign-in/known-browser.ts';
import { FLASK_SERVERS, startNotes } from './flask-servers.ts';
import { Visitor } from './flask-visitor.ts';
import { type Application, type Site, startGateway, startSite } from './sign-in/sites.ts';

const NOTES_SERVER = FLASK_SERVERS['gunicorn gthread'];
assert.ok(NOTES_SERVER);
/** 203.0.113.0/24 and 198.51.100.0/24 are for documentation (RFC 5737). */
const clientOf = (number: number): string =>
  number < 250 ? `203.0.113.${number + 1}` : `198.51.100.${number - 249}`;

/** One application, and how somebody signs in to it. */
interface Kind {
  readonly start: () => Promise<Application>;
  /** What an account is called there. */
  readonly account: (name: string) => string;
  readonly form: string;
  readonly by: string;
  readonly fields: readonly string[];
  readonly accepts: number;
  readonly refuses: number;
  readonly send: (visitor: Visitor, from: string, account: string, password: string) => Promise<Response>;
}

const GUNICORN = ['gunicorn', '--worker-class', 'gthread', '--threads', '8'];

const KINDS: Readonly<Record<string, Kind>> = {
  "Flask's cookie session, where a wrong password is a 200": {
    start: () => startNotes(NOTES_SERVER),
    account: (name) => name,
    form: 'POST /login',
    by: 'page',
    fields: ['username', 'password'],
    accepts: 302,
    refuses: 200,
    send: async (visitor, from, username, password) =>
      visitor.ask('/login', post(from, new URLSearchParams({ username, password }))),
  },
  'Flask-Login and Flask-WTF, where every answer is a redirect': {
    start: () => startSite('flask_login_site', GUNICORN),
    account: (name) => `${name}@example.com`,
    form: 'POST /authenticate',
    by: 'page',
    fields: ['who', 'phrase'],
    accepts: 302,
    refuses: 302,
    send: async (visitor, from, who, phrase) => {
      const csrf_token = await tokenOf(visitor, from, '/sign-in');
      return visitor.ask('/authenticate', post(from, new URLSearchParams({ csrf_token, who, phrase })));
    },
  },
  "Django's admin": {
    start: () => startSite('django_site', GUNICORN),
    account: (name) => name,
    form: 'POST /admin/login',
    by: 'page',
    fields: ['username', 'password'],
    accepts: 302,
    refuses: 200,
    send: async (visitor, from, username, password) => {
      const csrfmiddlewaretoken = await tokenOf(visitor, from, '/admin/login/?next=/admin/');
      const form = new FormData();
      for (const [name, value] of Object.entries({
        csrfmiddlewaretoken,
        username,
        password,
        next: '/admin/',
      }))
        form.set(name, value);
      return visitor.ask('/admin/login/', post(from, form));
    },
  },
  'an API by FastAPI that answers in JSON': {
    start: () => startSite('json_api', ['uvicorn']),
    account: (name) => `${name}@example.com`,
    form: 'POST /api/session',
    by: 'what was sent',
    fields: ['email', 'password'],
    accepts: 200,
    refuses: 401,
    send: async (visitor, from, email, password) =>
      visitor.ask('/api/session', {
        ...post(from, JSON.stringify({ email, password })),
        headers: { 'x-forwarded-for': from, 'content-type': 'application/json' },
      }),
  },
};

function post(from: string, body: NonNullable<RequestInit['body']>): RequestInit {
  return { method: 'POST', body, headers: { 'x-forwarded-for': from } };
}

async function tokenOf(visitor: Visitor, from: string, path: string): Promise<string> {
  const page = await (await visitor.ask(path, { headers: { 'x-forwarded-for': from } })).text();
  return /name="csrf\w*" value="([^"]+)"/.exec(page)?.[1] ?? '';
}

for (const [name, kind] of Object.entries(KINDS)) {
  describe(name, () => {
    let application: Application;
    before(async () => {
      application = await kind.start();
    });
    after(() => application.stop());

    const open = async (t: TestContext, signIn: GatewayOptions['signIn'] = {}): Promise<Site> => {
      // As many as by default, and none that comes back while a slow machine is at it.
      const rates = { perPair: '5/day', perAccount: '10/day', perClient: '25/day' } as const;
      const site = await startGateway(application.port, { signIn: { ...rates, ...signIn } });
      t.after(() => site.stop());
      return site;
    };
    const guess = async (
      site: Site,
      from: string,
      account: string,
      visitor = new Visitor(site.port),
    ): Promise<number> => (await kind.send(visitor, from, kind.account(account), 'wrong')).status;
    const signIn = async (from: string, visitor: Visitor): Promise<number> =>
      (await kind.send(visitor, from, kind.account('ann'), 'ann-password')).status;

    test('tells success from failure, and finds the form', async (t) => {
      const site = await open(t);
      const ann = new Visitor(site.port);
      assert.equal(await guess(site, clientOf(0), 'ann', ann), kind.refuses);
      assert.equal(await signIn(clientOf(0), ann), kind.accepts);
      const told = site.events.filter(({ event }) => /^authn_|^sign_in_/.test(event));
      assert.deepEqual(told.map(({ event }) => event).toSorted(), [
        'authn_login_fail',
        'authn_login_success',
        'sign_in_form_found',
      ]);
      const found = told.find(({ event }) => event === 'sign_in_form_found')?.details;
      assert.deepEqual({ ...found }, { form: kind.form, by: kind.by, fields: kind.fields });
      const lines = JSON.stringify(site.events);
      assert.ok(!lines.includes('ann-password') && !lines.includes(`"${kind.account('ann')}`));
      const accounts = told.flatMap((event) => event.account ?? []);
      assert.equal(new Set(accounts).size, 1);
      assert.match(accounts[0] ?? '', /^[\w-]{8}$/);
    });

    test('one client that guesses at one account is held up after five tries', async (t) => {
      const site = await open(t);
      const tries: number[] = [];
      for (let number = 0; number < 8; number += 1) tries.push(await guess(site, clientOf(0), 'ann'));
      assert.deepEqual(tries, [...Array(5).fill(kind.refuses), 429, 429, 429]);
      // Spelt in another way it is the same account, and another one is not.
      assert.equal(
        (await kind.send(new Visitor(site.port), clientOf(0), kind.account('ANN'), 'wrong')).status,
        429,
      );
      assert.equal(await guess(site, clientOf(0), 'bob'), kind.refuses);
    });

    test('two hundred clients that guess at one account are held up together, and its owner is not', async (t) => {
      const site = await open(t);
      const ann = new Visitor(site.port);
      assert.equal(await signIn(clientOf(300), ann), kind.accepts);
      assert.ok(ann.jar.has(KNOWN_BROWSER_COOKIE));
      const tries = await inGroups(200, async (number) => guess(site, clientOf(number), 'ann'));
      // The owner's own first sign-in was counted among them: nobody knew the browser then.
      assert.equal(tries.filter((status) => status === kind.refuses).length, 9);
      assert.equal(tries.filter((status) => status === 429).length, 191);
      assert.ok(tells(site, 'authn_login_fail_max').length <= 1);
      // On a browser that the account knows, from wherever it is, signed out meanwhile.
      const known = ann.jar.get(KNOWN_BROWSER_COOKIE) ?? '';
      const owner = new Visitor(site.port, new Map([[KNOWN_BROWSER_COOKIE, known]]));
      assert.equal(await signIn(clientOf(301), owner), kind.accepts);
      const thief = new Visitor(site.port);
      assert.equal(await signIn(clientOf(301), thief), 429);
    });

    test('one client that tries many accounts is held up, and told of', async (t) => {
      const site = await open(t);
      const tries = await inGroups(60, async (number) => guess(site, clientOf(0), `user${number}`));
      assert.equal(tries.filter((status) => status === kind.refuses).length, 25);
      assert.equal(tries.filter((status) => status === 429).length, 35);
      assert.equal(tells(site, 'authn_login_fail_max').length, 1);
      // Others sign in meanwhile.
      assert.equal(await signIn(clientOf(1), new Visitor(site.port)), kind.accepts);
    });

    test('in observe all of it is counted, and nobody is refused or given a cookie', async (t) => {
      const site = await open(t, { mode: 'observe' });
      const ann = new Visitor(site.port);
      const tries: number[] = [];
      for (let number = 0; number < 8; number += 1) tries.push(await guess(site, clientOf(0), 'ann'));
      assert.deepEqual(tries, Array(8).fill(kind.refuses));
      assert.equal(await signIn(clientOf(0), ann), kind.accepts);
      assert.equal(ann.jar.has(KNOWN_BROWSER_COOKIE), false);
      assert.deepEqual(site.gateway.counts.get('sign-in'), { refused: 0, observed: 4 });
      assert.equal(tells(site, 'authn_login_fail').length, 8);
      assert.equal(tells(site, 'authn_login_success').length, 1);
    });

    test('off, nothing is counted', async (t) => {
      const site = await open(t, { mode: 'off' });
      const tries: number[] = [];
      for (let number = 0; number < 8; number += 1) tries.push(await guess(site, clientOf(0), 'ann'));
      assert.deepEqual(tries, Array(8).fill(kind.refuses));
      assert.equal(tells(site, 'authn_login_fail').length, 0);
    });
  });
}

function tells(site: Site, event: string): readonly unknown[] {
  return site.events.filter((one) => one.event === event);
}

/** Twenty at a time: as many as an application with a few threads has waiting. */
async function inGroups(count: number, run: (number: number) => Promise<number>): Promise<readonly number[]> {
  const statuses: number[] = [];
  for (let from = 0; from < count; from += 20)
    statuses.push(
      ...(await Promise.all(Array.from({ length: Math.min(20, count - from) }, (_, at) => run(from + at)))),
    );
  return statuses;
}
