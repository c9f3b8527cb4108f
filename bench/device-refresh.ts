/**
 * What a refresh of a device-bound session costs beside an ordinary page of the same session, in one run: CPU of the server's
 * process and the time that one client waits, in short turns, so that what else the machine does meets both. Beside them, in the same
 * turns and process, the signature alone: what a refresh cannot do without.
 *
 *     node --conditions=bulwark-source bench/device-refresh.ts
 */
import { fork } from 'node:child_process';
import { generateKeyPairSync, sign, verify } from 'node:crypto';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { Agent, type IncomingMessage, request, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import express from 'express';
import { bulwark as bulwarkOnExpress } from '../src/adapters/express.ts';
import { bulwark } from '../src/adapters/node.ts';
import type { PolicyOptions } from '../src/policy/policy.ts';
import { memory } from '../src/stores/memory/state.ts';
import { sqlite } from '../src/stores/sqlite/state.ts';
import { challengeIn, Device } from '../test/support/device.ts';
import { fixedSecrets, TEST_SECRET } from '../test/support/secrets.ts';

const TURNS = 100;
const A_TURN = 100;
/** Until the code is warm: what the compiler takes is part of the CPU of the process. */
const FIRST = 60;
const CASES = [
  ['node:http', 'memory'],
  ['node:http', 'SQLite'],
  ['Express', 'memory'],
  ['Express', 'SQLite'],
] as const;
const PAGE = `<!doctype html><title>Page</title>${'<p>Some words of a page.</p>'.repeat(70)}`;

if (process.send === undefined) await compare();
else await serve(process.argv[2] ?? '', process.argv[3] ?? '');

/** The server, in a process of its own: by whose CPU everything is counted. */
async function serve(host: string, folder: string): Promise<void> {
  const policy: PolicyOptions = {
    environment: 'development',
    secrets: fixedSecrets(TEST_SECRET),
    state: folder === '' ? memory() : sqlite(folder),
    session: { deviceBound: 'enforce' },
    rateLimit: { perClient: '1000000/second' },
    routes: { '/page': { require: 'signed-in' } },
    audit: { sink: () => undefined },
  };
  const server = host === 'Express' ? onExpress(policy) : onNode(policy);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  process.on('message', (what) => process.send?.(what === 'cpu' ? process.cpuUsage() : signatureCost()));
  process.send?.((server.address() as AddressInfo).port);
}

const SIGNER = generateKeyPairSync('ec', { namedCurve: 'P-256' });
const SIGNED = Buffer.alloc(300, 'a');
const SIGNATURE = sign('sha256', SIGNED, SIGNER.privateKey);

/** Microseconds of the processor to verify one, as OpenSSL does it fastest: the key is read already, and the signature is in DER. */
function signatureCost(): number {
  const before = process.cpuUsage();
  for (let time = 0; time < A_TURN; time += 1) verify('sha256', SIGNED, SIGNER.publicKey, SIGNATURE);
  const { user, system } = process.cpuUsage(before);
  return (user + system) / A_TURN;
}

function onNode(policy: PolicyOptions): Server {
  const layer = bulwark(policy);
  return layer.createServer(
    layer.handler(async (request, response) => {
      const { session, nonce } = bulwark.of(request);
      if (request.method === 'POST') await session.signIn({ account: 'ann' });
      response.setHeader('Content-Type', 'text/html');
      response.end(`${PAGE}<!-- ${session.principal?.account} ${nonce} -->`);
    }),
  );
}

function onExpress(policy: PolicyOptions): Server {
  const layer = bulwarkOnExpress(policy);
  const app = express();
  app.use(layer);
  app.post('/sign-in', async (request, response) => {
    await bulwarkOnExpress.of(request).session.signIn({ account: 'ann' });
    response.end();
  });
  app.get('/page', (request, response) => {
    const { session, nonce } = bulwarkOnExpress.of(request);
    response.type('html').send(`${PAGE}<!-- ${session.principal?.account} ${nonce} -->`);
  });
  return layer.createServer(app);
}

interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>;
}

async function compare(): Promise<void> {
  for (const [host, store] of CASES) {
    const folder = store === 'memory' ? '' : mkdtempSync(join(tmpdir(), 'bulwark-refresh-'));
    const child = fork(import.meta.filename, [host, folder], { execArgv: process.execArgv });
    const [port] = (await once(child, 'message')) as [number];
    const agent = new Agent({ keepAlive: true, maxSockets: 1 });
    const jar = new Map<string, string>();
    const ask = async (
      method: string,
      path: string,
      headers: Readonly<Record<string, string>> = {},
    ): Promise<Answer> => {
      const cookie = [...jar].map((pair) => pair.join('=')).join('; ');
      const own = { host: `localhost:${port}`, 'sec-fetch-site': 'same-origin', cookie, ...headers };
      const asked = request({ agent, port, host: '127.0.0.1', method, path, headers: own }).end();
      const [answer] = (await once(asked, 'response')) as [IncomingMessage];
      for (const line of answer.headers['set-cookie'] ?? []) {
        const [, key = '', value = ''] = /^([^=]+)=([^;]*)/.exec(line) ?? [];
        jar.set(key, value);
      }
      answer.resume();
      await once(answer, 'end');
      return { status: answer.statusCode ?? 0, headers: answer.headers };
    };
    const cpu = async (): Promise<number> => {
      child.send('cpu');
      const [usage] = (await once(child, 'message')) as [NodeJS.CpuUsage];
      return usage.user + usage.system;
    };
    const signature = async (): Promise<number> => {
      child.send('signature');
      const [us] = (await once(child, 'message')) as [number];
      return us;
    };
    const device = new Device();
    const signedIn = await ask('POST', '/sign-in', { 'content-length': '0' });
    const offered = challengeIn(signedIn.headers['secure-session-registration']);
    let answer = await ask('POST', '/-/device/register', {
      'secure-session-response': device.register(offered),
      'content-length': '0',
    });
    const next = (): string => String(answer.headers['secure-session-challenge']);
    const id = /;id="([^"]+)"/.exec(next())?.[1] ?? '';
    // Signing is the browser's work, and of another process: the wait of a refresh is taken without it. Before a page it signs as well, or
    // the server would find its caches colder at each refresh, and be paused for longer before it.
    const kinds = {
      page: async () => {
        device.prove(challengeIn(next()));
        const from = performance.now();
        const { status } = await ask('GET', '/page');
        if (status !== 200) throw new Error(`the page is ${status}`);
        return performance.now() - from;
      },
      refresh: async () => {
        const signed = device.prove(challengeIn(next()));
        const from = performance.now();
        answer = await ask('POST', '/-/device/refresh', {
          'secure-session-response': signed,
          'sec-secure-session-id': id,
          'content-length': '0',
        });
        if (answer.status !== 204) throw new Error(`the refresh is ${answer.status}`);
        return performance.now() - from;
      },
    };
    const ratios: Record<'cpu' | 'wait' | 'floor' | 'rest', number[]> = {
      cpu: [],
      wait: [],
      floor: [],
      rest: [],
    };
    for (let turn = 0; turn < TURNS; turn += 1) {
      const spent: Record<string, { cpu: number; wait: number }> = {};
      for (const [kind, run] of Object.entries(kinds)) {
        const before = await cpu();
        const waits: number[] = [];
        for (let time = 0; time < A_TURN; time += 1) waits.push(await run());
        spent[kind] = { cpu: ((await cpu()) - before) / A_TURN, wait: median(waits) * 1000 };
      }
      const verified = await signature();
      const { page, refresh } = spent;
      if (page === undefined || refresh === undefined || turn < FIRST) continue;
      ratios.cpu.push(refresh.cpu / page.cpu);
      ratios.wait.push(refresh.wait / page.wait);
      ratios.floor.push((page.cpu + verified) / page.cpu);
      ratios.rest.push((refresh.cpu - verified) / page.cpu);
      if (turn === TURNS - 1)
        console.log(
          `${host}, ${store}: page ${page.cpu.toFixed(0)} us CPU, ${page.wait.toFixed(0)} us wait; refresh ${refresh.cpu.toFixed(0)} and ${refresh.wait.toFixed(0)}; a signature alone ${verified.toFixed(0)} us CPU`,
        );
    }
    console.log(
      `${host}, ${store}: refresh over page, median of ${ratios.cpu.length} turns: CPU ${median(ratios.cpu).toFixed(2)}, wait ${median(ratios.wait).toFixed(2)}; CPU of a page and a signature ${median(ratios.floor).toFixed(2)}, of the refresh without its signature ${median(ratios.rest).toFixed(2)}`,
    );
    agent.destroy();
    child.kill();
    if (folder !== '') rmSync(folder, { recursive: true });
  }
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0;
}
