/** Two workers of a cluster on one state: what one of them does holds in the other, on every host. */
import assert from 'node:assert/strict';
import cluster from 'node:cluster';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { ask, type RawAnswer, type RawRequest, sessionCookieOf } from '../support/raw-http.ts';
import { type Ports, STATE_VARIABLE } from './cluster-worker.ts';
import { HOSTS } from './hosts.ts';

const directory = mkdtempSync(join(tmpdir(), 'bulwark-cluster-'));
/** Where state lives: of the environment, or a new SQLite database. */
const state = process.env[STATE_VARIABLE] ?? `sqlite:${directory}`;
const OWN_PAGE = { 'sec-fetch-site': 'same-origin' };
let workers: readonly Readonly<Record<string, Ports>>[] = [];

before(async () => {
  cluster.setupPrimary({
    exec: join(import.meta.dirname, 'cluster-worker.ts'),
    execArgv: ['--conditions=bulwark-source'],
    args: [],
  });
  workers = await Promise.all([fork(), fork()]);
});
after(async () => {
  await new Promise<void>((resolve) => {
    cluster.disconnect(resolve);
  });
  rmSync(directory, { recursive: true, force: true });
});

async function fork(): Promise<Record<string, Ports>> {
  const worker = cluster.fork({ [STATE_VARIABLE]: state });
  const [ports] = (await Promise.race([
    once(worker, 'message'),
    once(worker, 'exit').then(() => assert.fail('a worker ended before it listened')),
  ])) as [Record<string, Ports>];
  return ports;
}

for (const name of Object.keys(HOSTS)) {
  const portsOf = (worker: number): Ports => workers[worker]?.[name] ?? assert.fail(name);
  const askWorker = (worker: number, request: RawRequest): Promise<RawAnswer> =>
    ask(portsOf(worker).own, request);

  test(`a session of one worker holds in the other, and ends in both at once, on ${name}`, async () => {
    for (const [one, other] of [
      [0, 1],
      [1, 0],
    ] as const) {
      const signIn = { method: 'POST', target: '/sign-in?account=anna', headers: OWN_PAGE };
      const cookie = sessionCookieOf(await askWorker(one, signIn));
      assert.ok(cookie !== undefined);
      const page = { target: '/members/page', headers: { cookie } };
      for (const worker of [one, other]) assert.equal((await askWorker(worker, page)).status, 200);
      const signOut = { method: 'POST', target: '/sign-out', headers: { ...OWN_PAGE, cookie } };
      assert.equal((await askWorker(other, signOut)).status, 200);
      for (const worker of [one, other]) assert.equal((await askWorker(worker, page)).status, 401);
    }
  });

  test(`v5.0.0-6.3.1 lets exactly five of many sign-ins through, whichever worker they reach, on ${name}`, async () => {
    const ports = [portsOf(0).own, portsOf(1).own, portsOf(0).shared];
    assert.equal(portsOf(0).shared, portsOf(1).shared);
    const signIn = (index: number, client: string, account: string): Promise<RawAnswer> =>
      ask(ports[index % ports.length] ?? 0, {
        method: 'POST',
        target: '/login',
        headers: {
          ...OWN_PAGE,
          'x-forwarded-for': client,
          'content-type': 'application/x-www-form-urlencoded',
        },
        body: `email=${account}`,
      });
    const passed = async (send: (index: number) => Promise<RawAnswer>): Promise<number> => {
      const answers = await Promise.all(Array.from({ length: 24 }, (_, index) => send(index)));
      assert.ok(answers.every(({ status }) => status === 200 || status === 429));
      return answers.filter(({ status }) => status === 200).length;
    };
    assert.equal(await passed((index) => signIn(index, '192.0.2.7', `a${index}`)), 5, 'of one client');
    assert.equal(await passed((index) => signIn(index, `198.51.100.${index}`, 'anna')), 5, 'for one account');
  });
}
