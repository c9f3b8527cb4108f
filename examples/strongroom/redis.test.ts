/** The whole of Strongroom with its sessions in Redis: several processes, and a Redis that is killed and comes back. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { RedisServer } from '../../test/support/redis.ts';
import { TEST_SECRET } from '../../test/support/secrets.ts';
import { type RunningProgram, runToEnd, startProgram, temporaryDirectory } from './testing/running.ts';
import { Visitor } from '../../test/support/visitor.ts';
import { until } from '../../test/support/until.ts';

const PASSWORD = 'four quiet words in a row';
const directory = temporaryDirectory();
let server: RedisServer;
let environment: Readonly<Record<string, string>>;

before(async () => {
  server = await RedisServer.start();
  environment = {
    BULWARK_SECRET: TEST_SECRET,
    REDIS_URL: server.url,
    // No slow machine decides these tests.
    REDIS_DEADLINE_MS: '2000',
    STRONGROOM_DATA: directory.path,
  };
  const args = ['create-account', '--email', 'anna@example.com', '--password-stdin'];
  assert.equal((await runToEnd('cli.ts', args, environment, PASSWORD)).code, 0);
});
after(async () => {
  await server.stop();
  directory.remove();
});

function start(): Promise<RunningProgram> {
  return startProgram(directory.path, environment);
}

test('who signed in at one process is signed in at another, and signed out at both', async (t) => {
  const [one, two] = await Promise.all([start(), start()]);
  t.after(async () => Promise.all([one.stop(), two.stop()]));
  const anna = new Visitor(one.url);
  assert.equal((await anna.signIn('anna@example.com', PASSWORD)).location, '/notes');
  const cookie = anna.cookies.join('; ');
  const elsewhere = new Visitor(two.url);
  assert.equal((await elsewhere.get('/api/me', { cookie })).status, 200);
  await anna.submit('/account', '/logout');
  await until(
    'the other process refuses',
    async () => (await elsewhere.get('/api/me', { cookie })).status === 401,
  );
});

test('Redis is killed and comes back: visitors are served, sign-in is refused, and nobody is signed out', async (t) => {
  const program = await start();
  t.after(() => program.stop());
  const anna = new Visitor(program.url);
  await anna.signIn('anna@example.com', PASSWORD);
  await server.kill();
  await until('the outage is known', async () => (await anna.get('/notes')).status === 503);

  const visitor = new Visitor(program.url);
  assert.equal((await visitor.get('/')).status, 200);
  assert.equal((await visitor.get('/login')).status, 200);
  assert.equal((await anna.get('/static/strongroom.css')).status, 200);
  assert.equal((await anna.get('/healthz')).status, 200);
  for (const path of ['/notes', '/account', '/', '/api/me'])
    assert.equal((await anna.get(path)).status, 503, path);
  const guess = await visitor.post('/login', { email: 'anna@example.com', password: PASSWORD });
  assert.equal(guess.status, 503);

  await server.again();
  await until('Anna is still signed in', async () => (await anna.get('/notes')).status === 200);
});

test('says so where Redis cannot be reached at the start, and tells no password', async () => {
  const nowhere = { ...environment, PORT: '0', REDIS_URL: 'redis://:hunter2@127.0.0.1:1' };
  const { code, err } = await runToEnd('main.ts', [], nowhere);
  assert.equal(code, 1);
  assert.match(err, /Check DATABASE_URL and REDIS_URL/);
  assert.ok(!err.includes('hunter2'));
});
