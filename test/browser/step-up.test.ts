/** A form that waits for a proof, in Chromium without scripts and in Firefox: what arrives in the end is what was typed. */
import assert from 'node:assert/strict';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { after, before, beforeEach, test } from 'node:test';
import { bulwark, type View } from '../../src/adapters/node.ts';
import { memory } from '../../src/stores/memory/state.ts';
import { fixedSecrets, TEST_SECRET } from '../support/secrets.ts';
import { startChromium } from './chromium.ts';
import { Firefox } from './firefox.ts';

const TYPED = {
  'a "name" & <b>': `it's "5 < 6" & 100%+1`,
  note: '\n two lines \u20ac\n\u{1f511}\n',
};

/** The bodies that reached the two forms' handlers, as they came. */
const bodies = new Map<string, string>();

const layer = bulwark({
  environment: 'development',
  secrets: fixedSecrets(TEST_SECRET),
  state: memory(),
  audit: { sink: () => undefined },
  access: { stepUp: '/login/again' },
  routes: { '/vault': { require: { mfa: true } } },
});
const server = layer.createServer(
  layer.handler((request, response) => answer(request, response, bulwark.of(request))),
);
let url: string;

before(async () => {
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  url = `http://localhost:${(server.address() as AddressInfo).port}`;
});
beforeEach(() => bodies.clear());
after(async () => {
  server.closeAllConnections();
  server.close();
  await layer.close();
});

test('v5.0.0-7.5.3 a form that waits for a proof arrives as it was typed, without a script', async (t) => {
  const browser = await startChromium();
  t.after(() => browser.close());
  const context = await browser.newContext({ javaScriptEnabled: false });
  const page = await context.newPage();
  await page.goto(`${url}/login`);
  await page.click('button');
  for (const action of ['/open', '/vault']) {
    await page.goto(`${url}/form?${action}`);
    for (const [index, value] of Object.values(TYPED).entries()) await page.fill(`#f${index}`, value);
    await page.click('button[name=do]');
  }
  assert.equal(new URL(page.url()).pathname, '/login/again');
  assert.ok(!bodies.has('/vault'), 'nothing arrives before the proof');
  await page.click('text=It is me');
  await page.click('text=Send it now');
  assert.equal(page.url(), `${url}/vault?from=form`);
  assertSameBodies();
});

test('in Firefox too it arrives as it was typed', async (t) => {
  const firefox = await Firefox.start();
  t.after(() => firefox.stop());
  const tab = await firefox.tab();
  await tab.open(`${url}/login`);
  await tab.press('In');
  await tab.arrives('/login');
  for (const [action, end] of [
    ['/open', '/open'],
    ['/vault', '/login/again'],
  ] as const) {
    await tab.open(`${url}/form?${action}`);
    for (const [index, value] of Object.values(TYPED).entries())
      await tab.look(`void (document.getElementById('f${index}').value = ${JSON.stringify(value)})`);
    await tab.press('Save');
    await tab.arrives(end);
  }
  assert.ok(!bodies.has('/vault'), 'nothing arrives before the proof');
  await tab.press('It is me');
  await tab.sees('Send it now');
  assert.equal(await tab.look('document.scripts.length'), 0);
  await tab.press('Send it now');
  await tab.arrives('/vault');
  assert.equal(await tab.look('location.search'), '?from=form');
  assertSameBodies();
});

function assertSameBodies(): void {
  const sent = bodies.get('/open') ?? '';
  assert.ok(sent.includes('note=%0D%0A+two+lines') && sent.includes('do=save'));
  assert.equal(bodies.get('/vault'), sent);
}

async function answer(request: IncomingMessage, response: ServerResponse, view: View): Promise<void> {
  const { pathname, search, searchParams } = new URL(request.url ?? '/', 'http://localhost');
  let body = '';
  for await (const chunk of request) body += String(chunk);
  response.setHeader('Content-Type', 'text/html; charset=utf-8');
  switch (`${request.method} ${pathname}`) {
    case 'GET /login':
      return void response.end('<form method="post" action="/login"><button>In</button></form>');
    case 'POST /login':
      await view.session.signIn({ account: 'ann' });
      return void response.end('in');
    case 'GET /form':
      return void response.end(formFor(search.slice(1)));
    case 'GET /login/again': {
      const action = `/login/again?held=${searchParams.get('held')}`;
      return void response.end(`<form method="post" action="${action}"><button>It is me</button></form>`);
    }
    case 'POST /login/again': {
      await view.session.renew({ mfa: true });
      const held = await view.takeHeldRequest(searchParams.get('held') ?? undefined);
      assert.ok(held !== undefined);
      const inputs = held.fields.map(
        ([name, value]) => `<input type="hidden" name="${escapeHtml(name)}" value="${escapeHtml(value)}">`,
      );
      const form = `<form method="post" action="${escapeHtml(held.target)}">${inputs.join('')}`;
      return void response.end(`${form}<button>Send it now</button></form>`);
    }
    default:
      bodies.set(pathname, body);
      return void response.end('thank you');
  }
}

function formFor(action: string): string {
  const fields = Object.keys(TYPED).map(
    (name, index) => `<textarea id="f${index}" name="${escapeHtml(name)}"></textarea>`,
  );
  return `<form method="post" action="${action}?from=form">${fields.join('')}
    <input type="checkbox" name="tick" value="1" checked><input type="checkbox" name="tick" value="2" checked>
    <button name="do" value="save">Save</button></form>`;
}

function escapeHtml(text: string): string {
  return text.replaceAll(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}
