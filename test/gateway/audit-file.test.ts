/** The file of the audit log behind the gateway: several workers, a reload, a rotation and an end, and one log that verifies. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { existsSync, renameSync } from 'node:fs';
import { createServer, type IncomingMessage, request } from 'node:http';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { runCommand } from '../support/command-run.ts';
import { until } from '../support/until.ts';
import { RunningGateway } from './running.ts';

const application = createServer((_request, response) => void response.end('a page'));
let gateway: RunningGateway;

before(async () => {
  application.listen(0, '127.0.0.1');
  await once(application, 'listening');
  const { port } = application.address() as { port: number };
  gateway = await RunningGateway.start(
    `rateLimit: { mode: 'off' }, audit: { file: 'audit.jsonl' }, gateway: { upstream: 'http://127.0.0.1:${port}', workers: 2, LISTENS }`,
  );
});
after(async () => {
  await gateway.stop();
  application.close();
});

/** A forged request, which is refused and logged. */
async function forge(): Promise<void> {
  const asking = request({
    host: '127.0.0.1',
    port: gateway.port,
    method: 'POST',
    // A connection that is kept would keep the gateway from its end.
    agent: false,
    headers: { host: `localhost:${gateway.port}`, 'sec-fetch-site': 'cross-site' },
  });
  asking.end();
  const [response] = (await once(asking, 'response')) as [IncomingMessage];
  response.resume();
  assert.equal(response.statusCode, 403);
}

test('workers, their reload and a rotation leave one log, in which nothing is wrong', async () => {
  for (let n = 0; n < 30; n += 1) await forge();
  const path = join(gateway.folder, 'audit.jsonl');
  renameSync(path, `${path}.1`);
  await gateway.reload();
  await until('a new file is there', () => existsSync(path));
  for (let n = 0; n < 30; n += 1) await forge();
  gateway.signal('SIGTERM');
  assert.equal(await gateway.ended(), 0);
  const files = [path, `${path}.1`];
  const said = await gateway.bulwark(
    'audit',
    'verify',
    ...files,
    '--policy',
    'bulwark.config.mjs',
    '--complete',
    '--json',
  );
  const report = JSON.parse(said) as { faultCount: number; chains: unknown[]; keys: string[]; heads: string };
  assert.equal(report.faultCount, 0);
  assert.ok(report.chains.length >= 4 && report.keys.length === 1 && report.heads.endsWith('.heads'));
  const stats = await runCommand(['audit', 'stats', ...files, '--guard', 'csrf', '--json']);
  assert.equal((JSON.parse(stats.out) as { events: number }).events, 60);
});
