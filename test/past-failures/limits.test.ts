/** Limits: over all processes, all paths, all addresses, and before any work is done. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { mock } from 'node:test';
import type { PolicyOptions } from '../../src/policy/policy.ts';
import { ask, openSocket, type RawAnswer, writeRequest } from '../../src/testing/wire.ts';
import { pastFailure, type Subject } from './holds.ts';
import { fixedWindowSite, leftmostAddress } from './recipes.ts';
import { everyHost, oneHost, pathOf, postForm } from './sites.ts';

const MINUTE = 60_000;
/** Long enough that no test stands on the edge of a window by accident. */
const DAY = 24 * 60 * MINUTE;

function signIn(port: number, email = 'ann@example.com', address = '192.0.2.1'): Promise<RawAnswer> {
  return postForm(port, '/login', `email=${email}&password=wrong`, {
    headers: { 'x-forwarded-for': address },
  });
}

interface Cluster extends Subject {
  readonly ports: readonly number[];
}

/** Two processes of one application, on one store or each on its own. */
async function twoProcesses(store: 'sqlite' | 'memory'): Promise<Cluster> {
  const directory = mkdtempSync(join(tmpdir(), 'bulwark-past-failures-'));
  const args = [join(import.meta.dirname, 'worker.ts'), ...(store === 'sqlite' ? [directory] : [])];
  const workers = [0, 1].map(() =>
    spawn(process.execPath, ['--conditions=bulwark-source', ...args], { stdio: ['pipe', 'pipe', 'inherit'] }),
  );
  const ports = workers.map(async (worker) => Number(await once(worker.stdout, 'data')));
  return {
    ports: await Promise.all(ports),
    stop: async () => {
      for (const worker of workers) {
        worker.stdin.end();
        await once(worker, 'close');
      }
      rmSync(directory, { recursive: true });
    },
  };
}

pastFailure(6, 'five of 14 wrong sign-ins pass a limit of 5, over two processes together', {
  on: { 'two processes on one SQLite file': () => twoProcesses('sqlite') },
  off: { 'two processes that count in memory': () => twoProcesses('memory') },
  check: async ({ ports }) => {
    let passed = 0;
    for (let index = 0; index < 14; index += 1) {
      const { status } = await signIn(ports[index % ports.length] ?? 0);
      if (status === 200) passed += 1;
      else assert.equal(status, 429);
    }
    assert.equal(passed, 5, `${passed} of 14 pass`);
  },
  seen: /^(9|10) of 14 pass/,
});

const THREE_AN_HOUR: PolicyOptions = { rateLimit: { perClient: '3/1h' } };

pastFailure(7, 'behind a proxy each client has a bucket of its own, and nobody can have another', {
  on: everyHost(() => THREE_AN_HOUR),
  off: {
    'a proxy that nobody named': oneHost(() => ({
      ...THREE_AN_HOUR,
      proxy: { trusted: [] },
      https: { mode: 'off' },
    })),
    'the leftmost address of X-Forwarded-For': () => fixedWindowSite(3, DAY, leftmostAddress),
  },
  check: async ({ port }) => {
    const from = async (address: string): Promise<number> =>
      (await ask(port, { target: '/json', headers: { 'x-forwarded-for': address } })).status;
    for (let index = 0; index < 3; index += 1) assert.equal(await from('192.0.2.1'), 200);
    assert.equal(await from('192.0.2.1'), 429, 'the limit holds');
    const other = await from('192.0.2.2');
    assert.equal(other, 200, `another client is answered ${other}`);
    const spoofed = await from('203.0.113.9, 192.0.2.1');
    assert.equal(spoofed, 429, `an address the client made up is answered ${spoofed}`);
  },
  seen: /another client is answered 429|the client made up is answered 200/,
});

pastFailure(8, 'one limit counts every path of a client, static files and unknown ones too', {
  on: everyHost(() => ({ rateLimit: { perClient: '6/1h' } })),
  off: {
    'a count per route, and none where there is no route': () =>
      fixedWindowSite(6, DAY, (request) => (pathOf(request) === '/json' ? '/json' : undefined)),
    "rateLimit mode 'off'": oneHost(() => ({ rateLimit: { perClient: '6/1h', mode: 'off' } })),
  },
  check: async ({ port }) => {
    const targets = ['/', '/json', '/style.css', '/nowhere', '/download', '/me?a=1'];
    for (const target of targets) assert.notEqual((await ask(port, { target })).status, 429, target);
    for (const target of ['/json', '/style.css', '/nowhere/at/all', '/other?b=2']) {
      const { status } = await ask(port, { target });
      assert.equal(status, 429, `${target} after six others is answered ${status}`);
    }
  },
  seen: /after six others is answered (200|404)/,
});

pastFailure(9, 'the edge of a minute lets no more through than the limit', {
  on: everyHost(),
  off: {
    'a fixed window of a minute': () =>
      fixedWindowSite(5, MINUTE, (request) => (pathOf(request) === '/login' ? 'ann' : undefined)),
    "rateLimit mode 'off'": oneHost(() => ({ rateLimit: { mode: 'off' } })),
  },
  check: async ({ port }) => {
    // 1.5 seconds before the full minute, and one second after it.
    const edge = Date.parse('2026-01-01T00:01:00Z');
    mock.timers.enable({ apis: ['Date'], now: edge - 1500 });
    try {
      let passed = 0;
      for (const now of [edge - 1500, edge + 1000]) {
        mock.timers.setTime(now);
        for (let index = 0; index < 6; index += 1) if ((await signIn(port)).status === 200) passed += 1;
      }
      assert.equal(passed, 5, `${passed} of a limit of 5 pass in 2.5 seconds`);
    } finally {
      mock.timers.reset();
    }
  },
  seen: /^(10|12) of a limit of 5 pass/,
});

pastFailure(10, 'sign-in is limited by account too, and counted before the body is sent', {
  on: everyHost(),
  off: {
    "by: ['client'] alone": oneHost(() => ({
      routes: { 'POST /login': { limit: '5/minute', by: ['client'] } },
    })),
    'a body parser ahead of the limit': () =>
      fixedWindowSite(5, DAY, (_request, body) => new URLSearchParams(body).get('email') ?? 'none'),
  },
  check: async ({ port }) => {
    let passed = 0;
    for (let index = 0; index < 14; index += 1) {
      if ((await signIn(port, 'ann@example.com', `198.51.100.${index}`)).status === 200) passed += 1;
    }
    assert.equal(passed, 5, `${passed} of 14 addresses get to try one account`);

    for (let index = 0; index < 5; index += 1) await signIn(port, `${index}@example.com`);
    const { socket, received, closed } = await openSocket(port);
    const headers = {
      'content-length': '9000000',
      expect: '100-continue',
      'content-type': 'application/x-www-form-urlencoded',
      'sec-fetch-site': 'same-origin',
    };
    socket.write(writeRequest({ method: 'POST', target: '/login', headers }));
    await once(socket, 'data');
    const first = received().split('\r\n')[0];
    socket.destroy();
    await closed;
    assert.match(first ?? '', / 429 /, `a client over its limit is told ${first}, and sends 9 MB`);
  },
  seen: /^14 of 14 addresses|is told HTTP\/1\.1 100 Continue/,
});
