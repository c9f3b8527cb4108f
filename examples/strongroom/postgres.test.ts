/** The whole of Strongroom on PostgreSQL: several processes, and a server that is killed and comes back. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { setTimeout as wait } from 'node:timers/promises';
import { PASSWORD as DATABASE_PASSWORD, PostgresServer } from '../../test/support/postgres.ts';
import { TEST_SECRET } from '../../test/support/secrets.ts';
import { type RunningProgram, runToEnd, startProgram, temporaryDirectory } from './testing/running.ts';
import { type Page, Visitor } from '../../test/support/visitor.ts';

const PASSWORD = 'four quiet words in a row';
const ENVIRONMENT = {
  // Processes that count together have one secret: the names of accounts are counted under it.
  BULWARK_SECRET: TEST_SECRET,
  STRONGROOM_TRUSTED_PROXIES: '127.0.0.1',
  // No slow machine decides these tests.
  DATABASE_DEADLINE_MS: '60000',
};
const directory = temporaryDirectory();
let server: PostgresServer;
let url: string;
before(async () => {
  server = await PostgresServer.start({ durable: true });
  url = await server.database();
});
after(async () => {
  await server.stop();
  directory.remove();
});

function start(): Promise<RunningProgram> {
  return startProgram(directory.path, { ...ENVIRONMENT, DATABASE_URL: url });
}

test('who signed in at one process is signed in at another, and signed out at both', async (t) => {
  const [one, two] = await Promise.all([start(), start()]);
  t.after(async () => Promise.all([one.stop(), two.stop()]));
  const args = ['create-account', '--email', 'anna@example.com', '--password-stdin', '--json'];
  const made = await runToEnd('cli.ts', args, { ...ENVIRONMENT, DATABASE_URL: url }, PASSWORD);
  assert.deepEqual([made.code, made.err], [0, '']);
  assert.match(made.out, /"email":"anna@example\.com"/);

  const anna = new Visitor(one.url);
  assert.equal((await anna.signIn('anna@example.com', PASSWORD)).location, '/notes');
  await anna.submit('/notes', '/notes', { text: 'in PostgreSQL' });
  const cookie = anna.cookies.join('; ');
  const elsewhere = new Visitor(two.url);
  assert.match((await elsewhere.get('/notes', { cookie })).text, /Note saved[^]*in PostgreSQL/);
  assert.match((await elsewhere.get('/', { cookie })).text, /One note, for your eyes only/);
  await anna.submit('/account', '/logout');
  assert.equal((await elsewhere.get('/api/me', { cookie })).status, 401);
});

test('five tries at one account a minute are let through, whichever process is asked', async (t) => {
  const [one, two] = await Promise.all([start(), start()]);
  t.after(async () => Promise.all([one.stop(), two.stop()]));
  const guess = { email: 'guessed@example.com', password: 'not the password at all' };
  const started = performance.now();
  const pages = await Promise.all(
    Array.from({ length: 20 }, async (_, index) =>
      new Visitor(index % 2 === 0 ? one.url : two.url).post('/login', guess),
    ),
  );
  // One more for each twelfth part of a minute that a slow machine takes.
  const most = 5 + Math.floor((performance.now() - started) / 12_000);
  const passed = pages.filter((page) => page.status !== 429).length;
  assert.ok(passed >= 5 && passed <= most, `${passed} of at most ${most}`);
});

test('killed and started again: stated answers meanwhile, nobody signed out, nothing lost', async (t) => {
  const program = await start();
  t.after(program.stop);
  const anna = new Visitor(program.url);
  await anna.register('kept@example.com', PASSWORD);
  await anna.submit('/notes', '/notes', { text: 'still here' });
  const cookie = anna.cookies.join('; ');

  await server.kill();
  const visitor = new Visitor(program.url);
  // The first to find out may have found a connection that was just being lost.
  await new Visitor(program.url).get('/notes', { cookie });
  for (const path of ['/notes', '/account', '/', '/api/me'])
    isUnavailable(await visitor.get(path, { cookie }));
  isUnavailable(await visitor.post('/login', { email: 'kept@example.com', password: PASSWORD }));
  isUnavailable(await visitor.post('/register', { email: 'new@example.com' }));
  assert.deepEqual(visitor.cookies, []);
  for (const path of ['/', '/login', '/register', '/healthz', '/static/favicon.svg']) {
    assert.equal((await visitor.get(path)).status, 200, path);
  }

  await server.run();
  let page = await anna.get('/notes');
  while (page.status === 503) {
    await wait(20);
    page = await anna.get('/notes');
  }
  assert.match(page.text, /still here/);
  assert.equal(anna.cookies.join('; '), cookie);
  assert.equal((await new Visitor(program.url).signIn('kept@example.com', PASSWORD)).status, 303);
  assert.equal(await program.stop(), 0);
});

test('says that the database is not there, or does not fit, without a stack or a password', async () => {
  for (const [DATABASE_URL, message] of [
    [url.replace(/:\d+\//, ':1/'), /PostgreSQL is not reachable \(ECONNREFUSED\)\. Check DATABASE_URL/],
    [url.replace(/[^/]+$/, 'no_such_database'), /PostgreSQL is not reachable \(3D000\)\. Check DATABASE_URL/],
    [`mysql://u:${DATABASE_PASSWORD}@host/name`, /^DATABASE_URL holds no URL that fits/],
  ] as const) {
    for (const ended of [
      await runToEnd('main.ts', [], { PORT: '0', DATABASE_URL }),
      await runToEnd('cli.ts', ['create-account', '--email', 'a@example.com', '--password-stdin'], {
        DATABASE_URL,
      }),
    ]) {
      assert.equal(ended.code, 1);
      assert.match(ended.err.replace(/^It failed: (.*)$/m, '$1 Check DATABASE_URL'), message);
      assert.doesNotMatch(ended.err, /\n\s+at /);
      assert.ok(!ended.err.includes(DATABASE_PASSWORD));
    }
  }
});

test('closes when it is told to while the database stands still', async () => {
  const program = await start();
  const anna = new Visitor(program.url);
  await anna.get('/');
  server.freeze();
  try {
    assert.equal(await program.stop(), 0);
  } finally {
    server.thaw();
  }
});

function isUnavailable(page: Page): void {
  assert.equal(page.status, 503);
  assert.match(page.headers.get('retry-after') ?? '', /^\d+$/);
  assert.equal(page.headers.get('clear-site-data'), null);
}
