/** A gateway as a process before Flask under gunicorn: it reloads, drains, restarts what ends, and says how it fares. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { readFileSync, writeFileSync } from 'node:fs';
import { Agent, createServer, request as httpRequest } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { after, before, beforeEach, afterEach, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import type { ObservedSummary } from '../../src/gateway/observed/observed-report.ts';
import { until } from '../support/until.ts';
import { type FlaskNotes, FLASK_SERVERS, startNotes } from './flask-servers.ts';
import { Visitor } from './flask-visitor.ts';
import { moduleAt, RunningGateway } from './running.ts';

let notes: FlaskNotes;
let gateway: RunningGateway;

before(async () => {
  const server = FLASK_SERVERS['gunicorn gthread'];
  assert.ok(server !== undefined);
  notes = await startNotes(server);
});
after(() => notes.stop());
beforeEach(async () => {
  gateway = await RunningGateway.start(policyWith());
});
afterEach(() => gateway.stop());

function policyWith(more = '', gatewayMore = ''): string {
  return `rateLimit: { mode: 'off' }, ${more} gateway: { upstream: 'http://127.0.0.1:${notes.port}', vault: true, ${gatewayMore} LISTENS }`;
}

/** Asks again and again on kept connections until it is told to stop. */
function load(port: number, connections: number): { stop: () => Promise<{ asked: number; lost: string[] }> } {
  const agent = new Agent({ keepAlive: true, maxSockets: connections });
  const over = new AbortController();
  let asked = 0;
  const lost: string[] = [];
  const visit = async (): Promise<void> => {
    while (!over.signal.aborted) {
      asked += 1;
      const request = httpRequest({
        port,
        host: '127.0.0.1',
        path: '/login',
        agent,
        headers: { host: `localhost:${port}` },
      });
      request.end();
      try {
        const [response] = (await once(request, 'response')) as [import('node:http').IncomingMessage];
        if (response.statusCode !== 200) lost.push(String(response.statusCode));
        response.resume();
        await once(response, 'end');
      } catch (error) {
        lost.push(String(error));
      }
    }
  };
  const all = Array.from({ length: connections }, visit);
  const stop = async (): Promise<{ asked: number; lost: string[] }> => {
    over.abort();
    await Promise.all(all);
    agent.destroy();
    return { asked, lost };
  };
  return { stop };
}

test('a reload under load loses no request, has the new policy hold, and keeps WebSockets and events that are open', async () => {
  const ann = new Visitor(gateway.port);
  await ann.signIn('ann');
  const socket = new WebSocket(`ws://localhost:${gateway.port}/echo`, {
    headers: { origin: `http://localhost:${gateway.port}`, cookie: ann.cookie },
  });
  await once(socket, 'open');
  const events = await ann.ask('/events?count=120');
  const reading = events.text();
  const running = load(gateway.port, 6);
  const before = await gateway.workers();
  for (let round = 1; round <= 3; round += 1) {
    gateway.write(policyWith(`headers: { frameOptions: '${round % 2 === 1 ? 'SAMEORIGIN' : 'DENY'}' },`));
    await gateway.reload();
  }
  // A connection that was kept has one more answer of the policy that it was opened under.
  await until(
    'the newest policy holds',
    async () => (await ann.ask('/login')).headers.get('x-frame-options') === 'SAMEORIGIN',
  );
  const { asked, lost } = await running.stop();
  assert.deepEqual(lost, []);
  assert.ok(asked > 50, String(asked));
  const echoed = once(socket, 'message') as Promise<[MessageEvent]>;
  socket.send('still there');
  assert.equal((await echoed)[0].data, 'ann: still there');
  assert.ok((await reading).endsWith('data: 119\n\n'));
  // The one that they were opened on, and the newest.
  assert.equal((await gateway.workers()).filter((pid) => before.includes(pid)).length, 1);
  const closed = once(socket, 'close');
  socket.close();
  await closed;
  await until(
    'the old worker ends with its last connection',
    async () => (await gateway.workers()).length === 1,
  );
});

test('the process that holds the socket never runs the policy, and the oldest of more than four reloads takes its WebSocket along', async () => {
  await gateway.stop();
  const noted = `import { appendFileSync } from 'node:fs';
    appendFileSync('ran.txt', process.pid + ' ');
    export default { ORIGIN, ${policyWith()} };`;
  gateway = await RunningGateway.start(noted);
  const ann = new Visitor(gateway.port);
  await ann.signIn('ann');
  const socket = new WebSocket(`ws://localhost:${gateway.port}/echo`, {
    headers: { origin: `http://localhost:${gateway.port}`, cookie: ann.cookie },
  });
  await once(socket, 'open');
  const closed = once(socket, 'close');
  for (let round = 0; round < 4; round += 1) await gateway.reload();
  const echoed = once(socket, 'message') as Promise<[MessageEvent]>;
  socket.send('still there');
  assert.equal((await echoed)[0].data, 'ann: still there');
  await gateway.reload();
  await closed;
  const ran = readFileSync(join(gateway.folder, 'ran.txt'), 'utf8').trim().split(' ').map(Number);
  assert.equal(new Set(ran).size, 6);
  assert.ok(!ran.includes(gateway.pid));
});

test('a policy with a problem is refused and told, and the one before stays', async () => {
  gateway.write(policyWith("csrf: { tokens: 'sometimes' },"));
  await gateway.reload();
  assert.match(gateway.log, /csrf\.tokens/);
  assert.match(gateway.log, /Not reloaded/);
  await until('the log tells of it', () => gateway.log.includes('sys_reload_refused'));
  assert.equal((await new Visitor(gateway.port).ask('/login')).status, 200);
  assert.match((await gateway.ask('/-/metrics')).text, /bulwark_reloads_total\{result="refused"\} 1/);
  gateway.write('this is no module');
  await gateway.reload();
  assert.equal((await gateway.ask('/-/ready')).status, 200);
});

test('told to end, it says that it is not ready, serves on for a while, answers what is under way, and ends with 0', async () => {
  await gateway.stop();
  gateway = await RunningGateway.start(policyWith('', "drain: { delay: '1s', limit: '20s' },"));
  assert.deepEqual(await gateway.ask('/-/ready'), { status: 200, text: 'ok\n' });
  const visitor = new Visitor(gateway.port);
  await visitor.signIn('ann');
  const slow = await visitor.ask('/events?count=60');
  const socket = new WebSocket(`ws://localhost:${gateway.port}/echo`, {
    headers: { origin: `http://localhost:${gateway.port}`, cookie: visitor.cookie },
  });
  await once(socket, 'open');
  const cut = once(socket, 'close');
  gateway.signal('SIGTERM');
  await until('it is not ready', async () => (await gateway.ask('/-/ready')).status === 503);
  assert.equal((await gateway.ask('/-/health')).status, 200);
  assert.equal((await visitor.ask('/login')).status, 200);
  assert.ok((await slow.text()).endsWith('data: 59\n\n'));
  await cut;
  assert.equal(await gateway.ended(), 0);
});

test('a worker that is killed has another in its place', async () => {
  await gateway.stop();
  gateway = await RunningGateway.start(policyWith('', 'workers: 2,'));
  const [one = 0] = await gateway.workers();
  assert.equal((await gateway.workers()).length, 2);
  for (let asked = 0; asked < 10; asked += 1)
    assert.equal((await new Visitor(gateway.port).ask('/login')).status, 200);
  const before = await countersOf(gateway);
  assert.equal(before.get('bulwark_answers_total{status="2xx"}'), 10);
  process.kill(one, 'SIGKILL');
  await until('another takes its place', async () => {
    const now = await gateway.workers();
    return now.length === 2 && !now.includes(one);
  });
  for (let asked = 0; asked < 10; asked += 1)
    assert.equal((await new Visitor(gateway.port).ask('/login')).status, 200);
  const now = await countersOf(gateway);
  assert.equal(now.get('bulwark_worker_crashes_total'), 1);
  assert.equal(now.get('bulwark_answers_total{status="2xx"}'), 20);
  for (const [series, value] of before) assert.ok((now.get(series) ?? -1) >= value, series);
  const openMetrics = await gateway.ask('/-/metrics', {
    headers: { accept: 'application/openmetrics-text;version=1.0.0,text/plain;version=0.0.4;q=0.5' },
  });
  assert.ok(openMetrics.text.endsWith('\n# EOF\n'));
});

test('each worker sends its own figures to a collector, which adds them up', async (t) => {
  await gateway.stop();
  const pushed = new Map<string, string>();
  const collector = createServer((request, response) => {
    void text(request).then((body) => {
      const instance = /"service\.instance\.id","value":\{"stringValue":"([^"]+)"/.exec(body)?.[1] ?? '';
      pushed.set(instance, body);
      response.end('{}');
    });
  }).listen(0, '127.0.0.1');
  t.after(() => {
    collector.closeAllConnections();
    collector.close();
  });
  await once(collector, 'listening');
  const { port } = collector.address() as AddressInfo;
  const metrics = `metrics: { otlp: 'http://127.0.0.1:${port}', every: '1s' },`;
  gateway = await RunningGateway.start(policyWith(metrics, 'workers: 2,'));
  await until('both have sent theirs', () => pushed.size === 2);
  for (let asked = 0; asked < 6; asked += 1) await new Visitor(gateway.port).ask('/login');
  const answered = (): number => [...pushed.values()].reduce((sum, body) => sum + answersIn(body, '2xx'), 0);
  await until('all answers are in what they sent', () => answered() === 6);
});

/** How many answers of a class one body of OTLP has. */
function answersIn(body: string, status: string): number {
  const { resourceMetrics } = JSON.parse(body) as {
    resourceMetrics: [
      {
        scopeMetrics: [
          {
            metrics: {
              name: string;
              sum?: { dataPoints: { attributes: [{ value: { stringValue: string } }]; asDouble: number }[] };
            }[];
          },
        ];
      },
    ];
  };
  const [{ metrics }] = resourceMetrics[0].scopeMetrics;
  const points = metrics.find(({ name }) => name === 'bulwark_answers')?.sum?.dataPoints ?? [];
  return points.find(({ attributes }) => attributes[0].value.stringValue === status)?.asDouble ?? 0;
}

/** What only grows, of all workers. */
async function countersOf(running: RunningGateway): Promise<ReadonlyMap<string, number>> {
  const { text } = await running.ask('/-/metrics');
  const samples = [...text.matchAll(/^(\w+_(?:total|bucket|count|sum)(?:\{.*\})?) (\S+)$/gm)];
  return new Map(samples.map(([, series = '', value]) => [series, Number(value)]));
}

test('several workers share what they keep: a session of one is known to all, and a memory of their own is refused', async () => {
  await gateway.stop();
  gateway = await RunningGateway.start(policyWith('', 'workers: 2,'));
  const ann = new Visitor(gateway.port);
  await ann.signIn('ann');
  for (let asked = 0; asked < 10; asked += 1)
    assert.equal((await ann.ask('/notes', { headers: { connection: 'close' } })).status, 200);
  await gateway.stop();
  const memory = `import { memory } from '${moduleAt('src/stores/memory/state.ts')}';
    export default { ORIGIN, state: memory(), ${policyWith('', 'workers: 2,')} };`;
  await assert.rejects(RunningGateway.start(memory), /state: [^]*several processes/);
  const alone = await RunningGateway.start(memory.replace('workers: 2', 'workers: 1'));
  try {
    await alone.reload();
    assert.match(alone.log, /Not reloaded: its sessions are in memory/);
  } finally {
    await alone.stop();
  }
});

test('operators are told on a listener of their own, visitors and pages nothing', async () => {
  const visitor = new Visitor(gateway.port);
  await visitor.ask('/login');
  for (const path of ['/-/health', '/-/ready', '/-/metrics'])
    assert.equal((await visitor.ask(path)).status, 404, path);
  assert.equal((await gateway.ask('/-/health')).text, 'ok\n');
  assert.equal((await gateway.ask('/-/metrics?all')).status, 404);
  assert.equal((await gateway.ask('/-/metrics', { method: 'POST' })).status, 405);
  assert.equal(
    (await gateway.ask('/-/metrics', { headers: { 'sec-fetch-site': 'cross-site' } })).status,
    403,
  );
  assert.equal((await gateway.ask('/-/metrics', { headers: { origin: 'http://localhost' } })).status, 403);
  const { text } = await gateway.ask('/-/metrics');
  assert.match(text, /bulwark_answers_total\{status="2xx"\} 1\n/);
  assert.match(text, /bulwark_answers_total\{status="4xx"\} 3\n/);
  assert.match(text, /bulwark_answer_seconds_count 4\n/);
  const lines = text.split('\n').length;
  for (let asked = 0; asked < 20; asked += 1) await visitor.ask(`/made-up/${asked}?${asked}`);
  assert.equal((await gateway.ask('/-/metrics')).text.split('\n').length, lines);
  gateway.write(
    policyWith().replace(
      'LISTENS',
      `listen: '127.0.0.1:${gateway.port}', management: '127.0.0.1:${gateway.port}'`,
    ),
  );
  await gateway.reload();
  assert.match(gateway.log, /gateway\.management[^]*visitors/);
});

test('it is not ready while no upstream is there, and again once one is', async () => {
  const { stop } = await goneAndBack();
  try {
    const visitor = new Visitor(gateway.port);
    const refused = await visitor.ask('/login');
    assert.equal(refused.status, 503);
    assert.equal(refused.headers.get('retry-after'), '5');
    assert.deepEqual(await gateway.ask('/-/ready'), { status: 503, text: 'no upstream is there\n' });
    assert.equal((await gateway.ask('/-/health')).status, 200);
  } finally {
    await stop();
  }
});

/** A gateway before nobody. */
async function goneAndBack(): Promise<{ stop: () => Promise<void> }> {
  gateway.write(policyWith().replace(String(notes.port), '1'));
  await gateway.reload();
  await sleep(0);
  return {
    stop: async () => {
      gateway.write(policyWith());
      await gateway.reload();
      assert.equal((await gateway.ask('/-/ready')).status, 200);
    },
  };
}

test('the access log has a line for each answer, refused ones too, without queries and secrets', async () => {
  gateway.write(policyWith("audit: { sink: 'stderr', redact: [] },", "accessLog: 'stdout',"));
  await gateway.reload();
  const ann = new Visitor(gateway.port);
  await ann.ask('/login?token=hidden-in-a-query');
  await ann.signIn('ann');
  await ann.ask('/notes', { method: 'POST', headers: { 'sec-fetch-site': 'cross-site' } });
  await ann.ask('/login', { headers: { 'user-agent': 'curl/8\u00e4 password=hunter2hunter2' } });
  const lines = (): Record<string, unknown>[] =>
    gateway.log
      .split('\n')
      .filter((line) => line.includes('"log":"access"'))
      .map((line) => JSON.parse(line) as Record<string, unknown>);
  await until('four lines are there', () => lines().length === 4);
  assert.deepEqual(
    lines().map(({ method, path, status }) => `${String(method)} ${String(path)} ${String(status)}`),
    ['GET /login 200', 'POST /login 302', 'POST /notes 403', 'GET /login 200'],
  );
  assert.ok(!/hidden-in-a-query|hunter2|ann-password/.test(gateway.log));
  assert.equal(lines()[0]?.['client'], '127.0.0.1');
});

test('told to observe it refuses nothing, and the report says what it would have refused', async () => {
  await gateway.stop();
  gateway = await RunningGateway.start(policyWith("csp: { mode: 'off' },"), '--observe');
  assert.match(gateway.log, /observing: nothing is refused/);
  const ann = new Visitor(gateway.port);
  await ann.signIn('ann');
  for (let note = 0; note < 3; note += 1)
    assert.equal(
      (
        await ann.ask('/notes', {
          method: 'POST',
          body: new URLSearchParams({ text: 'from elsewhere' }),
          headers: { 'sec-fetch-site': 'cross-site' },
        })
      ).status,
      302,
    );
  assert.equal((await ann.ask('/login')).headers.get('x-frame-options'), null);
  await until('the log has them', () => gateway.log.split('"guard":"csrf"').length > 3);
  writeFileSync(join(gateway.folder, 'app.log'), gateway.log);
  const failed = (await gateway
    .bulwark('gateway', 'report', 'app.log', '--json')
    .catch((error: unknown) => error)) as {
    code: number;
    stdout: string;
  };
  assert.equal(failed.code, 1);
  const { groups } = JSON.parse(failed.stdout) as ObservedSummary;
  const csrf = groups.filter(({ guard, status }) => guard === 'csrf' && status !== undefined);
  assert.deepEqual(
    csrf.map(({ route, count, status }) => [route, count, status]),
    [['POST /notes', 3, 403]],
  );
  // What the policy turns off stays off, and session cookies stay here all the same.
  assert.ok(groups.every(({ guard }) => guard !== 'csp'));
  assert.match(ann.cookie, /^__Host-vault=[\w-]{43}$/);
  // What heads would have had is told once for each route.
  assert.ok(groups.some(({ guard, status }) => guard === 'headers' && status === undefined));
});
