#!/usr/bin/env bash
# Guess: with allowed_refresh_initiators, a link on another site waits for the refresh of a device-bound session, which comes to
# the server as any other refresh does.
# Seen: it waits, and that refresh brings cookies with SameSite=None alone: not the Lax ones, which the page after it has again. By a
# link on the same site all of them come. Without the list, the page of such a link comes at once, without the bound cookie.
# Versions: playwright-core 1.65.1, Chromium 156.0.8078.108 (Debian 12). Seen on 2026-11-30, on Node.js 24.
# Why it matters: a server that finds the session of a refresh by its Lax cookie sees nobody, and what it answers then (401) ends
# the session in the browser: whoever allows initiators must go by Sec-Secure-Session-Id alone.
set -euo pipefail
. "$(dirname "$0")/lib.sh"
npm init --yes >/dev/null
npm install --silent --no-audit --no-fund --ignore-scripts playwright-core@1.65.1
openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -keyout key.pem -out cert.pem -days 2 -nodes -subj /CN=app.test \
  -addext subjectAltName=DNS:app.test,DNS:other.test 2>/dev/null

cat >run.mjs <<'JS'
import { execFileSync } from 'node:child_process';
import { createHash, X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:https';
import { chromium } from 'playwright-core';

const [key, cert] = ['key.pem', 'cert.pem'].map((file) => readFileSync(file));
const pin = createHash('sha256').update(new X509Certificate(cert).publicKey.export({ type: 'spki', format: 'der' })).digest('base64');
const BOUND = 'bound=1; Path=/; Secure; HttpOnly; SameSite=Lax';
const COOKIES = ['lax=1; Path=/; Secure; SameSite=Lax', 'none=1; Path=/; Secure; SameSite=None', 'strict=1; Path=/; Secure; SameSite=Strict'];
let initiators;
let seen = [];
const names = (header = '') => header.split('; ').filter(Boolean).map((pair) => pair.split('=')[0]).toSorted().join(' ') || 'none';
const server = createServer({ key, cert }, ({ url, headers }, response) => {
  const next = ['Secure-Session-Challenge', `"c${Math.random()}";id="${initiators}"`];
  if (url === '/in') {
    response.setHeader('Set-Cookie', COOKIES);
    response.setHeader('Secure-Session-Registration', '(ES256);path="/register";challenge="c"');
  } else if (url === '/register') {
    response.setHeader('Set-Cookie', `${BOUND}; Max-Age=600`);
    response.setHeader(...next);
    response.setHeader('Content-Type', 'application/json');
    const session = {
      session_identifier: `${initiators}`,
      refresh_url: '/refresh',
      scope: { include_site: false, scope_specification: [] },
      credentials: [{ type: 'cookie', name: 'bound', attributes: BOUND.split('; ').slice(1).join('; ') }],
      ...(initiators && { allowed_refresh_initiators: initiators }),
    };
    return response.end(JSON.stringify(session));
  } else if (url === '/refresh') {
    seen.push(`refresh with ${names(headers.cookie)}`);
    response.setHeader('Set-Cookie', `${BOUND}; Max-Age=600`);
    response.setHeader(...next);
    response.statusCode = 204;
    return response.end();
  } else if (url === '/page') seen.push(`page with ${names(headers.cookie)}`);
  response.setHeader('Content-Type', 'text/html');
  response.end(`<!doctype html><title>x</title><link rel="icon" href="data:,"><a href="https://app.test:${server.address().port}/page">there</a>`);
});
await new Promise((done) => server.listen(0, '127.0.0.1', done));
const { port } = server.address();
const executablePath = execFileSync('sh', ['-c', 'command -v chromium || command -v google-chrome']).toString().trim();
const browser = await chromium.launch({
  executablePath,
  args: [
    '--no-sandbox',
    `--ignore-certificate-errors-spki-list=${pin}`,
    '--host-resolver-rules=MAP *.test 127.0.0.1',
    '--enable-features=DeviceBoundSessions,EnableBoundSessionCredentialsSoftwareKeysForManualTesting',
  ],
});
console.log(`Chromium ${browser.version()}`);
const shown = {};
for (const list of [undefined, ['other.test'], ['*']]) {
  initiators = list;
  const context = await browser.newContext();
  const page = await context.newPage();
  await page.goto(`https://app.test:${port}/in`);
  for (let time = 0; time < 200 && !(await context.cookies()).some(({ name }) => name === 'bound'); time += 1)
    await page.waitForTimeout(25);
  for (const from of ['app.test', 'other.test']) {
    await page.goto(`https://${from}:${port}/`);
    await context.clearCookies({ name: 'bound' });
    seen = [];
    await page.getByRole('link').click();
    await page.waitForURL('**/page');
    await page.waitForTimeout(500);
    shown[`${list ?? 'no list'}, from ${from}`] = seen.join(', ');
    console.log(`${list ?? 'no list'}, from ${from}: ${seen.join(', ')}`);
  }
  await context.close();
}
await browser.close();
server.close();
const home = 'refresh with lax none strict, page with bound lax none strict';
const stated = {
  'no list, from app.test': home,
  'no list, from other.test': 'page with lax none',
  'other.test, from app.test': home,
  'other.test, from other.test': 'refresh with none, page with bound lax none',
  '*, from app.test': home,
  '*, from other.test': 'refresh with none, page with bound lax none',
};
const changed = Object.keys(stated).filter((what) => shown[what] !== stated[what]);
if (changed.length > 0) throw new Error(`CHANGED: ${changed.join('; ')}`);
JS
node run.mjs
