/** Chromium and Firefox at an unmodified Flask application, by HTTPS and HTTP/2 that end at the gateway: no proxy in front. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { createGateway, type Gateway } from '../../src/gateway/gateway.ts';
import { memory } from '../../src/stores/memory/state.ts';
import { gunicorn, type RunningApp, startApp } from '../gateway/python-app.ts';
import { certificateFiles } from '../support/certificate-files.ts';
import { freePort } from '../support/processes.ts';
import { fixedSecrets, TEST_SECRET } from '../support/secrets.ts';
import { startChromium } from './chromium.ts';
import { Firefox } from './firefox.ts';

const NOTES = join(import.meta.dirname, '../../examples/flask/notes');

/** What both browsers are asked to do. */
interface Page {
  open(url: string): Promise<unknown>;
  /** The value of an expression, once it is there. */
  look(expression: string): Promise<unknown>;
  type(label: string, text: string): Promise<unknown>;
  press(name: string): Promise<unknown>;
  arrives(path: string): Promise<unknown>;
}

const folder = mkdtempSync(join(tmpdir(), 'bulwark-browser-tls-'));
const files = certificateFiles('localhost');
let url: string;
let app: RunningApp;
let gateway: Gateway;

before(async () => {
  const port = await freePort();
  url = `https://localhost:${port}`;
  app = await startApp({ command: gunicorn('app:app'), folder: NOTES, env: { NOTES_DATA: folder } });
  gateway = createGateway(
    {
      environment: 'production',
      origin: url,
      secrets: fixedSecrets(TEST_SECRET),
      state: memory(),
      audit: { sink: () => undefined },
    },
    {
      upstream: `http://127.0.0.1:${app.port}`,
      tls: { cert: files.cert, key: files.key },
      vault: ['session'],
    },
  );
  gateway.server.listen(port, '127.0.0.1');
  await once(gateway.server, 'listening');
});

after(async () => {
  gateway?.cutSockets();
  gateway?.server.closeAllConnections();
  gateway?.server.close();
  await gateway?.close();
  await app?.stop();
  files.remove();
  rmSync(folder, { recursive: true, force: true });
});

/** By which protocol the page itself came. */
const PROTOCOL = "performance.getEntriesByType('navigation')[0].nextHopProtocol";

const UPLOADED = `(async () => {
  const form = new FormData();
  form.set('file', new Blob([new Uint8Array(3_000_000).map((_, at) => at * 7)]), 'a.bin');
  const kept = await fetch('/files', { method: 'POST', body: form });
  const answer = await fetch('/files/a.bin');
  const bytes = new Uint8Array(await answer.arrayBuffer());
  return [kept.status, answer.status, bytes.length, bytes.every((byte, at) => byte === ((at * 7) & 255))];
})()`;

const EVENTS = `new Promise((resolve, reject) => {
  const seen = [];
  const source = new EventSource('/events');
  source.onerror = () => reject(new Error('it ended after ' + seen.length));
  source.onmessage = ({ data }) => {
    seen.push(data);
    if (seen.length < 3) return;
    source.close();
    resolve(seen.join());
  };
})`;

const ECHOED = `new Promise((resolve, reject) => {
  const socket = new WebSocket(location.origin.replace('https', 'wss') + '/echo');
  const got = [];
  socket.onerror = () => reject(new Error('it did not open'));
  socket.onopen = () => socket.send('one');
  socket.onmessage = ({ data }) => {
    got.push(data);
    if (got.length < 2) return void socket.send('two');
    socket.close();
    resolve(got.join());
  };
})`;

/** Signs in by the form, keeps a note, and does what pages do. */
async function visit(page: Page): Promise<void> {
  await page.open(`${url}/login`);
  assert.equal(await page.look(PROTOCOL), 'h2');
  await page.type('Name', 'ann');
  await page.type('Password', 'ann-password');
  await page.press('Sign in');
  await page.arrives('/notes');
  assert.equal(await page.look('isSecureContext && document.cookie'), '');
  await page.type('Note', 'a note by HTTP/2');
  await page.press('Keep');
  await page.arrives('/notes');
  assert.match(String(await page.look('document.body.textContent')), /a note by HTTP\/2/);
  assert.equal(await page.look(PROTOCOL), 'h2');
  assert.deepEqual(await page.look(UPLOADED), [200, 200, 3_000_000, true]);
  assert.equal(await page.look(EVENTS), '0,1,2');
  assert.equal(await page.look(ECHOED), 'ann: one,ann: two');
}

describe('Chromium', () => {
  test('a page, a form, an upload, a download, events and a WebSocket, by HTTP/2', async (t) => {
    const browser = await startChromium();
    t.after(() => browser.close());
    const context = await browser.newContext({ ignoreHTTPSErrors: true });
    const page = await context.newPage();
    await visit({
      open: (to) => page.goto(to),
      look: (expression) => page.evaluate(expression),
      type: (label, text) => page.getByLabel(label).fill(text),
      press: async (name) => {
        const loaded = page.waitForEvent('load');
        await page.getByRole('button', { name }).click();
        await loaded;
      },
      arrives: (path) => page.waitForURL(`**${path}`),
    });
    // As a person has it: what is clicked is kept on the disk.
    await page.goto(`${url}/files`);
    const begun = page.waitForEvent('download');
    await page.getByRole('link', { name: 'a.bin' }).click();
    const path = await (await begun).path();
    assert.ok(readFileSync(path).every((byte, at) => byte === ((at * 7) & 255)));
    const cookies = await context.cookies();
    assert.ok(
      cookies.every(({ name, secure, httpOnly }) => name.startsWith('__Host-') && secure && httpOnly),
    );
  });
});

describe('Firefox', () => {
  test('a page, a form, an upload, a download, events and a WebSocket, by HTTP/2', async (t) => {
    const firefox = await Firefox.start({ trusting: true });
    t.after(() => firefox.stop());
    const tab = await firefox.tab();
    await visit(tab);
  });
});
