/** `npm run bench -- console`: how far the console's first page is from the size of the log. */
import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { parseArgs } from 'node:util';
import { bulwark } from '../../src/adapters/node.ts';
import { consolePages } from '../../src/adapters/console.ts';
import { EventIndex } from '../../src/audit/index/event-index.ts';
import { memory } from '../../src/stores/memory/state.ts';
import { ask, sessionCookieOf } from '../../src/testing/wire.ts';
import { listen, testPolicy } from '../../test/hosts/hosts.ts';

const HELP = `Usage: npm run bench -- console [OPTIONS]

The first page, and a search by account, over an index of 10,000 events and one of many. Events are made by SQL.

Options
  --records N   events of the large index; 10000000 unless it is said (some minutes and 6 GB)
  --json        figures as JSON
  --help

Exit codes: 0 measured, 2 the command line was wrong.`;

const SMALL = 10_000;
const ROUNDS = 9;
const ASKED = 10;
const FOLDER = mkdtempSync(join(tmpdir(), 'bulwark-bench-console-'));
const PAGES = { 'first page': '/admin', 'search by account': '/admin/events?account=account-17' } as const;

interface Figures {
  readonly records: number;
  readonly megabytes: number;
  readonly pages: Readonly<Record<string, number>>;
}

/** Measures, and says what came of it. */
export async function runConsole(argv: readonly string[]): Promise<void> {
  const { values } = parseArgs({
    args: [...argv],
    options: { records: { type: 'string' }, json: { type: 'boolean' }, help: { type: 'boolean' } },
  });
  if (values.help === true) return void process.stdout.write(`${HELP}\n`);
  try {
    const [small, large] = await both(Number(values.records ?? 10_000_000));
    if (values.json === true) process.stdout.write(`${JSON.stringify({ small, large })}\n`);
    else
      for (const name of Object.keys(PAGES)) {
        const [few = 0, many = 0] = [small.pages[name], large.pages[name]];
        process.stdout.write(
          `${name}: ${few.toFixed(2)} ms over ${small.records} events, ${many.toFixed(2)} ms over ${large.records} (${large.megabytes} MB): ${(many / few).toFixed(2)} times\n`,
        );
      }
  } finally {
    rmSync(FOLDER, { recursive: true, force: true });
  }
}

/** Both are asked in turn, so that what else the machine does meets both. Of several rounds the best one of each counts. */
async function both(records: number): Promise<readonly [Figures, Figures]> {
  const sizes = [SMALL, records] as const;
  const sites = [];
  for (const size of sizes) sites.push(await start(size));
  const best: Record<string, number>[] = [{}, {}];
  for (let round = 0; round < ROUNDS; round += 1)
    for (const [at, { port, cookie }] of sites.entries())
      for (const [name, target] of Object.entries(PAGES)) {
        const began = performance.now();
        for (let n = 0; n < ASKED; n += 1) await page(port, target, cookie);
        const took = (performance.now() - began) / ASKED;
        const figures = best[at] ?? {};
        figures[name] = Math.min(figures[name] ?? Infinity, took);
      }
  for (const { stop } of sites) await stop();
  const [small, large] = sites.map(({ size, megabytes }, at) => ({
    records: size,
    megabytes,
    pages: best[at] ?? {},
  }));
  if (small === undefined || large === undefined) throw new Error('two sites were measured');
  return [small, large];
}

async function start(size: number): Promise<{
  readonly size: number;
  readonly megabytes: number;
  readonly port: number;
  readonly cookie: string;
  readonly stop: () => Promise<void>;
}> {
  const path = join(FOLDER, `${size}.db`);
  fill(path, size);
  const layer = bulwark({
    ...testPolicy([], {
      state: memory(),
      console: { base: '/admin', index: path, keep: '3650d' },
      rateLimit: { mode: 'off' },
    }),
  });
  const pages = consolePages(layer);
  const server = layer.createServer(
    layer.handler(async (request, response) => {
      if (await pages.answer(request, response)) return;
      await bulwark.of(request).session.signIn({ account: 'ann', roles: ['operator'], mfa: true });
      response.end('in');
    }),
  );
  const { port, stop } = await listen(layer, server, []);
  const entered = await ask(port, {
    method: 'POST',
    target: '/',
    headers: { 'sec-fetch-site': 'same-origin' },
  });
  const cookie = sessionCookieOf(entered) ?? '';
  return { size, megabytes: Math.round(statSync(path).size / 1e6), port, cookie, stop };
}

async function page(port: number, target: string, cookie: string): Promise<void> {
  const { status } = await ask(port, {
    target,
    headers: { cookie, accept: 'text/html', 'sec-fetch-site': 'same-origin' },
  });
  if (status !== 200) throw new Error(`${target} answered ${status}`);
}

/** Events by SQL, in the table of the index without its indexes, which are made again when all are there: minutes, and not hours. */
function fill(path: string, size: number): void {
  new EventIndex(path).close();
  const database = new DatabaseSync(path);
  database.exec(
    'PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF; PRAGMA cache_size = -1000000; PRAGMA threads = 2; PRAGMA temp_store = MEMORY',
  );
  const indexes = database
    .prepare(
      "SELECT name, sql FROM sqlite_schema WHERE type = 'index' AND tbl_name = 'event' AND sql IS NOT NULL",
    )
    .all();
  for (const { name } of indexes) database.exec(`DROP INDEX ${String(name)}`);
  database.exec(`
WITH RECURSIVE n(i, level, event) AS (
  SELECT 0, 'critical', 'authz_fail' UNION ALL
  SELECT i + 1, iif((i + 1) % 5000 = 0, 'critical', 'warn'), iif((i + 1) % 3 = 0, 'authz_fail', 'authn_login_fail')
  FROM n WHERE i + 1 < ${size}
)
INSERT INTO event (time, event, level, outcome, account, client, request, session, guard, line)
SELECT ${Date.now()} - (${size} - i) * 700, event, level, 'failure', 'account-' || (i % 1000), '192.0.2.' || (i % 250),
  'r' || i, 's' || (i / 20), iif(i % 3 = 0, 'access', NULL),
  '{"time":"2026-01-01T00:00:00.000Z","level":"' || level || '","event":"' || event || '","outcome":"failure","service":"app","requestId":"r' || i ||
  '","client":"192.0.2.' || (i % 250) || '","account":"account-' || (i % 1000) || '","method":"POST","path":"/login","status":403,"guard":"access","mode":"enforce"}'
FROM n`);
  for (const { sql } of indexes) database.exec(String(sql));
  database.close();
}
