/** The dashboard for Grafana: each of its expressions, asked of a real Prometheus that scrapes a real layer. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { before, test } from 'node:test';
import { Accounts } from '../../src/accounts/accounts.ts';
import { memory } from '../../src/stores/memory/state.ts';
import { ask } from '../../src/testing/wire.ts';
import { installRequirements } from '../../tools/requirements.ts';
import { nodeHost } from '../hosts/hosts.ts';
import { freePort } from '../support/processes.ts';
import { until } from '../support/until.ts';

interface Panel {
  readonly id: number;
  readonly title: string;
  readonly gridPos: { readonly x: number; readonly y: number; readonly w: number; readonly h: number };
  readonly targets: readonly { readonly expr: string }[];
}

const FILE = join(import.meta.dirname, '../../deploy/grafana/bulwark.json');
const { panels } = JSON.parse(readFileSync(FILE, 'utf8')) as { readonly panels: readonly Panel[] };
const FOREIGN = {
  origin: 'https://evil.example',
  'sec-fetch-site': 'cross-site',
  'content-type': 'text/plain',
};

before(() => installRequirements());

test('panels have ids of their own, and none lies on another', () => {
  assert.equal(new Set(panels.map(({ id }) => id)).size, panels.length);
  const cells = panels.flatMap(({ gridPos: { x, y, w, h } }) =>
    Array.from({ length: w * h }, (_, at) => `${x + (at % w)}:${y + Math.floor(at / w)}`),
  );
  assert.equal(new Set(cells).size, cells.length);
  assert.ok(panels.every(({ gridPos: { x, w } }) => x + w <= 24));
});

test('each panel has something to show of a layer that refuses, observes, ships and reports', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'bulwark-grafana-'));
  const state = memory();
  const host = await nodeHost({
    headers: { mode: 'observe' },
    csrf: { mode: 'enforce' },
    reports: { path: '/reports' },
    accounts: { name: 'Made up', mail: { send: () => Promise.resolve() } },
    state: Object.assign(state, {
      onHealth: (listener: (health: { store: string; up: boolean }) => void) => {
        listener({ store: 'redis', up: false });
        return () => undefined;
      },
    }),
    audit: {
      sink: () => undefined,
      ship: [{ name: 'own', send: () => Promise.resolve() }],
      spool: { folder: join(folder, 'spool') },
    },
  });
  // Whose figures are those of the queue of hashes.
  Accounts.of(host.layer);
  const page = createServer((_request, response) => {
    response.setHeader('Content-Type', 'text/plain; version=0.0.4').end(host.layer.metrics());
  });
  await new Promise<void>((resolve) => void page.listen(0, '127.0.0.1', resolve));
  const scraped = (page.address() as AddressInfo).port;
  const port = await freePort();
  writeFileSync(
    join(folder, 'prometheus.yml'),
    `global: { scrape_interval: 500ms }
scrape_configs: [{ job_name: bulwark, static_configs: [{ targets: ['127.0.0.1:${scraped}'] }] }]
`,
  );
  const prometheus = spawn(
    'prometheus',
    [
      `--config.file=${join(folder, 'prometheus.yml')}`,
      `--storage.tsdb.path=${join(folder, 'data')}`,
      `--web.listen-address=127.0.0.1:${port}`,
    ],
    { stdio: 'ignore' },
  );
  const ended = once(prometheus, 'exit');
  try {
    for (const { title, targets } of panels)
      for (const { expr } of targets)
        await until(`${title} shows something: ${expr}`, async () => {
          await ask(host.port, { method: 'POST', target: '/echo', headers: FOREIGN, body: 'a' });
          return (await samplesOf(port, expr)) > 0;
        });
    assert.equal(await samplesOf(port, 'bulwark_figure_that_is_not_there'), 0);
  } finally {
    prometheus.kill('SIGKILL');
    await ended;
    page.closeAllConnections();
    page.close();
    await host.stop();
    rmSync(folder, { recursive: true, force: true });
  }
});

/** How many series an expression has, with the variables of the dashboard as they are at first. Throws where it is none. */
async function samplesOf(port: number, expression: string): Promise<number> {
  const query = expression
    .replaceAll('$job', '.*')
    .replaceAll('$instance', '.*')
    .replaceAll(/\$__(?:rate_interval|range)/g, '1m');
  const url = `http://127.0.0.1:${port}/api/v1/query?query=${encodeURIComponent(query)}`;
  const answer = await fetch(url).catch(() => undefined);
  if (answer === undefined || answer.status === 503) return 0;
  const text = await answer.text();
  assert.equal(answer.status, 200, `${query}: ${text}`);
  const { data } = JSON.parse(text) as { readonly data: { readonly result: readonly unknown[] } };
  return data.result.length;
}
