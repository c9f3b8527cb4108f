#!/usr/bin/env bash
# Guess: a header that a test or a tool gives to an answer on its way, by Fetch.continueResponse of the DevTools protocol, is the
# header that the page has.
# Seen: scripts read such a header, and Chromium itself goes by what the server sent: a Content-Security-Policy that is added
# stops nothing, one that is taken away goes on to stop, and a Content-Type that is changed makes no page. By
# Fetch.fulfillRequest, which answers anew, all of it holds.
# Versions: playwright-core 1.65.1, Chromium 156.0.8078.108 (Debian 12). Seen on 2026-11-30, on Node.js 24.
# Why it matters: whoever tries a policy out by changing headers on their way sees no violation, and takes it for ready.
set -euo pipefail
. "$(dirname "$0")/lib.sh"
npm init --yes >/dev/null
npm install --silent --no-audit --no-fund --ignore-scripts playwright-core@1.65.1

cat >run.mjs <<'JS'
import { execFileSync } from 'node:child_process';
import { createServer } from 'node:http';
import { chromium } from 'playwright-core';

const CSP = 'content-security-policy';
const PAGE = '<!doctype html><title>before</title><link rel="icon" href="data:,"><script>document.title = "ran"</script>';
const server = createServer((request, response) => {
  response.setHeader('Content-Type', request.url === '/text' ? 'text/plain' : 'text/html');
  if (request.url === '/closed') response.setHeader(CSP, "script-src 'none'");
  response.end(PAGE);
});
await new Promise((done) => server.listen(0, '127.0.0.1', done));
const origin = `http://127.0.0.1:${server.address().port}`;
const executablePath = execFileSync('sh', ['-c', 'command -v chromium || command -v google-chrome']).toString().trim();
const browser = await chromium.launch({ executablePath, args: ['--no-sandbox'] });

/** What became of the page: `ran`, `stopped`, or that it was no page. */
async function shown(path, by, change, name) {
  const page = await browser.newPage();
  const session = await page.context().newCDPSession(page);
  session.on('Fetch.requestPaused', async ({ requestId, responseHeaders }) => {
    const answer = { requestId, responseCode: 200, responseHeaders: change(responseHeaders) };
    const { body } = await session.send('Fetch.getResponseBody', { requestId });
    if (by === 'continueResponse') await session.send('Fetch.continueResponse', answer);
    else await session.send('Fetch.fulfillRequest', { ...answer, body });
  });
  await session.send('Fetch.enable', { patterns: [{ requestStage: 'Response' }] });
  await page.goto(`${origin}${path}`);
  if (name !== undefined)
    return await page.evaluate(async (one) => (await fetch('/')).headers.get(one), name).finally(() => page.close());
  const seen = await page.evaluate(() => (document.contentType === 'text/html' ? document.title : 'no page'));
  await page.close();
  return seen === 'before' ? 'stopped' : seen;
}

const without = (name) => (headers) => headers.filter((header) => header.name.toLowerCase() !== name);
const having = (name, value) => (headers) => [...without(name)(headers), { name, value }];
const CASES = [
  ['/', 'a policy is added', having(CSP, "script-src 'none'"), 'ran', 'stopped'],
  ['/closed', 'the policy is taken away', without(CSP), 'stopped', 'ran'],
  ['/text', 'text becomes a page', having('content-type', 'text/html'), 'no page', 'ran'],
  ['/', 'a header for scripts is added', having('x-added', 'yes'), 'yes', 'yes', 'x-added'],
];
let changed = false;
console.log(`Chromium ${browser.version()}`);
for (const [path, what, change, continued, fulfilled, name] of CASES)
  for (const [by, stated] of Object.entries({ continueResponse: continued, fulfillRequest: fulfilled })) {
    const seen = await shown(path, by, change, name);
    console.log(`${what}, by Fetch.${by}: ${seen}`);
    changed ||= seen !== stated;
  }
await browser.close();
server.close();
if (changed) throw new Error('CHANGED: the find states otherwise');
JS
node run.mjs
