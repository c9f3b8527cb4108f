/**
 * From a policy that is only reported to one that holds, in Chromium and Firefox: a page with a script of its own has it
 * reported, the command names its hash, and under what it prints that script runs and one that was put into the page does not.
 */
import assert from 'node:assert/strict';
import { createHash, X509Certificate } from 'node:crypto';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import type { Server } from 'node:http';
import { createServer as createHttps } from 'node:https';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Writable } from 'node:stream';
import { after, before, test } from 'node:test';
import { runInNewContext } from 'node:vm';
import { type Browser, chromium as playwright } from 'playwright-core';
import { bulwark } from '../../src/adapters/node.ts';
import { run } from '../../src/cli/main.ts';
import type { PolicyOptions } from '../../src/policy/policy.ts';
import type { State } from '../../src/stores/ports/state.ts';
import { sqlite } from '../../src/stores/sqlite/state.ts';
import { makeCertificate } from '../support/certificate.ts';
import { fixedSecrets, TEST_SECRET } from '../support/secrets.ts';
import { until } from '../support/until.ts';
import { findChromium, startChromium } from './chromium.ts';
import { Firefox } from './firefox.ts';

const SOURCE = join(import.meta.dirname, '../../src');
const OWN = `document.documentElement.dataset.own = 'ran';`;
const PAGE = `<!doctype html><title>Shop</title><link rel="icon" href="data:,"><script>${OWN}</script>`;
const INJECTED = `<script>document.documentElement.dataset.injected = 'ran';</script>`;
const LOOK = `(({ own, injected }) => [own, injected].join())(document.documentElement.dataset)`;

const folder = mkdtempSync(join(tmpdir(), 'bulwark-csp-reports-'));
const views = join(folder, 'views');
let chromium: Browser;
let firefox: Firefox;
const stops: (() => Promise<void>)[] = [];

before(async () => {
  mkdirSync(views);
  writeFileSync(join(views, 'shop.html'), PAGE);
  [chromium, firefox] = await Promise.all([startChromium(), Firefox.start()]);
});

after(async () => {
  await chromium?.close();
  await firefox?.stop();
  for (const stop of stops) await stop();
  rmSync(folder, { recursive: true, force: true });
});

interface Site {
  readonly url: string;
  readonly state: State;
  /** Types of what the application was posted: nothing, where reports are taken before it. */
  readonly posted: readonly string[];
  readonly cookies: readonly string[];
}

/** A page that shows what stands in its address, as no page should. */
async function siteOf(
  data: string,
  options: PolicyOptions,
  tls?: { readonly key: Buffer; readonly cert: Buffer },
): Promise<Site> {
  const state = sqlite(data);
  const layer = bulwark({
    environment: 'development',
    secrets: fixedSecrets(TEST_SECRET),
    state,
    audit: { sink: () => undefined },
    ...options,
  });
  const posted: string[] = [];
  const cookies: string[] = [];
  const handler = layer.handler((request, response) => {
    if (request.headers.cookie !== undefined) cookies.push(request.headers.cookie);
    if (request.method === 'POST') posted.push(request.headers['content-type'] ?? '');
    response.setHeader('Content-Type', 'text/html');
    // A script that is allowed, and of which nothing says what it has to be.
    if (request.url === '/unsigned') {
      const { nonce } = bulwark.of(request);
      return response.end(
        `<!doctype html><link rel="icon" href="data:,"><script nonce="${nonce}" src="/a.js"></script>`,
      );
    }
    return response.end(`${PAGE}${decodeURIComponent(request.url?.split('?')[1] ?? '')}`);
  });
  const server = (tls === undefined ? layer.createServer(handler) : createHttps(tls, handler)) as Server;
  if (tls !== undefined) layer.secure(server);
  server.listen(0, '127.0.0.1');
  await new Promise((resolve) => {
    server.once('listening', resolve);
  });
  stops.push(async () => {
    server.closeAllConnections();
    await new Promise((done) => {
      server.close(done);
    });
    await layer.close();
  });
  const { port } = server.address() as AddressInfo;
  return { url: `${tls === undefined ? 'http' : 'https'}://localhost:${port}/`, state, posted, cookies };
}

/** Each browser opens the page and says what ran there. */
const BROWSERS: Readonly<Record<string, (url: string) => Promise<unknown>>> = {
  Chromium: async (url) => {
    const page = await chromium.newPage();
    await page.goto(url);
    const looked: unknown = await page.evaluate(LOOK);
    await page.close();
    return looked;
  },
  Firefox: async (url) => {
    const tab = await firefox.tab();
    await tab.open(url);
    return await tab.look(LOOK);
  },
};

/** Lines of a policy, as whoever pastes them has them. */
function policyIn(lines: string): PolicyOptions {
  return JSON.parse(JSON.stringify(runInNewContext(`({ ${lines} })`))) as PolicyOptions;
}

/** A command on the state of a site, with a file of its own: a module is run once in a process. */
async function csp(data: string, ...args: string[]): Promise<{ code: number; out: string }> {
  const file = join(folder, `policy-${Math.random()}.ts`);
  writeFileSync(
    file,
    `import { sqlite } from ${JSON.stringify(join(SOURCE, 'stores/sqlite/state.ts'))};
     export default { environment: 'development', state: sqlite(${JSON.stringify(data)}),
       csp: { mode: 'observe' }, reports: { path: '/csp-reports' } };`,
  );
  const out = new Collected();
  const few = ['--pages', '1', '--hours', '0', '--clients', '1'];
  const code = await run(['csp', ...args, '--policy', file, ...few], { out, err: new Collected() });
  return { code, out: out.text };
}

for (const [name, open] of Object.entries(BROWSERS))
  test(`a script of the page goes from reported to allowed, and an injected one is stopped: ${name}`, async () => {
    const data = join(folder, name);
    const { url, state } = await siteOf(data, {
      csp: { mode: 'observe' },
      reports: { path: '/csp-reports' },
    });
    // Only reported: all of it runs.
    assert.equal(await open(`${url}?${encodeURIComponent(INJECTED)}`), 'ran,ran');
    assert.equal(await open(url), 'ran,');
    await until('the browser has reported', async () => {
      const kinds = ((await state.reports?.list()) ?? []).map(({ kind }) => kind);
      return kinds.filter((kind) => kind === 'csp-violation').length > 1 && kinds.includes('pages');
    });

    const status = await csp(data, 'status');
    assert.equal(status.code, 1);
    assert.match(status.out, /Would break[^]*script-src inline "document\.documentElement\.dataset/);
    const suggested = await csp(data, 'suggest', '--templates', views);
    // The injected one stands in no template: no line is made of it, whoever reports it.
    assert.equal(suggested.code, 1);
    assert.equal(suggested.out.match(/sha256-/g)?.length, 2, suggested.out);
    const { out, code } = await csp(data, 'promote', '--templates', views, '--anyway');
    assert.equal(code, 0);

    const promoted = policyIn(out);
    const enforced = await siteOf(join(folder, `${name}-enforced`), {
      ...promoted,
      reports: { path: '/csp-reports' },
    });
    assert.equal(await open(enforced.url), 'ran,');
    assert.equal(await open(`${enforced.url}?${encodeURIComponent(INJECTED)}`), 'ran,');
    await until('what was stopped is reported', async () => {
      const all = (await enforced.state.reports?.list()) ?? [];
      return all.some(({ facts }) => facts.includes('"disposition":"enforce"'));
    });
  });

test('over https both report by the Reporting API, though report-uri stands beside it', async () => {
  const tls = makeCertificate('localhost');
  const spki = new X509Certificate(tls.cert).publicKey.export({ type: 'spki', format: 'der' });
  const pin = createHash('sha256').update(spki).digest('base64');
  // Chromium sends no report to where it has let a wrong certificate pass: this one counts as right.
  const trusting = await playwright.launch({
    executablePath: findChromium(),
    args: ['--no-sandbox', '--disable-gpu', `--ignore-certificate-errors-spki-list=${pin}`],
  });
  const trustingFirefox = await Firefox.start({ trusting: true });
  try {
    const opens: readonly ((url: string) => Promise<unknown>)[] = [
      async (url) => await (await trusting.newPage()).goto(url),
      async (url) => await (await trustingFirefox.tab()).open(url),
    ];
    for (const [at, open] of opens.entries()) {
      // In observe the application is given what was counted.
      const reports = { mode: 'observe', path: '/csp-reports' } as const;
      const options: PolicyOptions = { csp: { mode: 'observe' }, reports };
      const { url, state, posted } = await siteOf(join(folder, `https-${at}`), options, tls);
      await open(url);
      await until('the browser has reported', async () => {
        const all = (await state.reports?.list()) ?? [];
        return all.some(({ kind }) => kind === 'csp-violation');
      });
      assert.deepEqual([...new Set(posted)], ['application/reports+json'], `browser ${at}`);
    }
    const signed: PolicyOptions = {
      headers: { integrityPolicy: 'enforce' },
      reports: { path: '/csp-reports' },
    };
    const { url, state } = await siteOf(join(folder, 'signed'), signed, tls);
    await (await trusting.newPage()).goto(`${url}unsigned`);
    await until('Chromium has reported a script without integrity', async () => {
      const all = (await state.reports?.list()) ?? [];
      return all.some(({ kind, facts }) => kind === 'integrity-violation' && facts.includes('"/a.js"'));
    });
  } finally {
    await trusting.close();
    await trustingFirefox.stop();
  }
});

test('bulwark csp try shows a page in Chromium, and prints the lines that it needs', async () => {
  const { url, cookies } = await siteOf(join(folder, 'try'), { csp: { mode: 'off' } });
  const [out, err] = [new Collected(), new Collected()];
  const page = `${url}shop-2024-07-winter`;
  const code = await run(['csp', 'try', page, '--browser', findChromium(), '--cookie', 'who=ann'], {
    out,
    err,
  });
  assert.equal(code, 0, err.text);
  assert.deepEqual(cookies, ['who=ann']);
  // One page was looked at: another one with the same script has none of it, and neither has a page whose address is alike.
  const { csp: lines, routes } = policyIn(out.text.split('Write\n')[1] ?? '');
  assert.equal(lines, undefined);
  assert.deepEqual(Object.keys(routes ?? {}), ['/shop-2024-07-winter']);
  const site = await siteOf(join(folder, 'tried'), routes === undefined ? {} : { routes });
  assert.equal(await BROWSERS['Chromium']?.(`${site.url}shop-2024-07-winter`), 'ran,');
  assert.equal(await BROWSERS['Chromium']?.(`${site.url}shop-2024-07-summer`), ',');
  const missing = await run(['csp', 'try', url, '--browser', '/nowhere/chromium'], { out, err });
  assert.equal(missing, 1);
  assert.match(err.text, /There is no \/nowhere\/chromium/);
});

class Collected extends Writable {
  text = '';

  override _write(chunk: unknown, _encoding: string, done: () => void): void {
    this.text += String(chunk);
    done();
  }
}
