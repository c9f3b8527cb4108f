/** Two workers of a cluster on one state: what one of them does holds in the other, on every host. */
import assert from 'node:assert/strict';
import cluster, { type Worker } from 'node:cluster';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { ask, type RawAnswer, type RawRequest, sessionCookieOf, valuesOf } from '../../src/testing/wire.ts';
import { RedisServer } from '../support/redis.ts';
import { type Ports, STATE_VARIABLE } from './cluster-worker.ts';
import { answersAlike } from '../../src/testing/hosts/alike.ts';
import { HOSTS } from './hosts.ts';
import { until } from '../support/until.ts';

const OWN_PAGE = { 'sec-fetch-site': 'same-origin' };

/** A place for state: its address, and what ends it. */
interface Place {
  readonly address: string;
  readonly end: () => unknown;
}

const PLACES: Readonly<Record<string, () => Promise<Place>>> = {
  SQLite: () => {
    const directory = mkdtempSync(join(tmpdir(), 'bulwark-cluster-'));
    const end = (): void => rmSync(directory, { recursive: true, force: true });
    return Promise.resolve({ address: `sqlite:${directory}`, end });
  },
  Redis: async () => {
    const server = await RedisServer.start();
    return { address: server.url, end: () => server.stop() };
  },
};

cluster.setupPrimary({
  exec: join(import.meta.dirname, 'cluster-worker.ts'),
  execArgv: ['--conditions=bulwark-source'],
  args: [],
});

/** A worker and where its hosts listen. */
interface Forked {
  readonly worker: Worker;
  readonly ports: Readonly<Record<string, Ports>>;
}

async function fork(address: string): Promise<Forked> {
  const worker = cluster.fork({ [STATE_VARIABLE]: address });
  const [ports] = (await Promise.race([
    once(worker, 'message'),
    once(worker, 'exit').then(() => assert.fail('a worker ended before it listened')),
  ])) as [Record<string, Ports>];
  return { worker, ports };
}

for (const [place, open] of Object.entries(PLACES)) {
  describe(`a cluster on ${place}`, () => {
    let at: Place;
    let forked: readonly Forked[] = [];
    before(async () => {
      at = await open();
      forked = await Promise.all([fork(at.address), fork(at.address)]);
    });
    after(async () => {
      await Promise.all(
        forked.map(async ({ worker }) => {
          const exited = once(worker, 'exit');
          worker.disconnect();
          await exited;
        }),
      );
      await at.end();
    });

    answersAlike(
      () =>
        new Map(
          forked.flatMap(({ ports }, index) =>
            Object.entries(ports).map(([host, { own }]) => [`${host}, worker ${index}`, own] as const),
          ),
        ),
    );
    for (const name of Object.keys(HOSTS)) {
      clusterTests(name, (worker) => forked[worker]?.ports[name] ?? assert.fail(name));
    }
  });
}

function clusterTests(name: string, portsOf: (worker: number) => Ports): void {
  const askWorker = (worker: number, request: RawRequest): Promise<RawAnswer> =>
    ask(portsOf(worker).own, request);

  test(`a session of one worker holds in the other, and ends in both, on ${name}`, async () => {
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
      assert.equal((await askWorker(other, page)).status, 401);
      await until(
        'the other worker has heard of it',
        async () => (await askWorker(one, page)).status === 401,
      );
    }
  });

  test(`an id that one worker replaced takes no cookie away in the other (expressjs/session#923), on ${name}`, async () => {
    const signIn = { method: 'POST', target: '/sign-in?account=anna', headers: OWN_PAGE };
    const cookie = sessionCookieOf(await askWorker(0, signIn)) ?? assert.fail('no cookie');
    const renew = { method: 'POST', target: '/step-up', headers: { ...OWN_PAGE, cookie } };
    const next = sessionCookieOf(await askWorker(0, renew)) ?? assert.fail('no new cookie');
    for (const target of ['/', '/members/page', '/held-write']) {
      const late = await askWorker(1, { target, headers: { cookie } });
      assert.equal(late.status, target === '/' ? 200 : 401, target);
      assert.deepEqual(valuesOf(late, 'set-cookie'), [], target);
    }
    const page = { target: '/members/page', headers: { cookie: next } };
    for (const worker of [0, 1]) assert.equal((await askWorker(worker, page)).status, 200);
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
