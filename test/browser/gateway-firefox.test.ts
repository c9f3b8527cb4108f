/** Firefox at an unmodified Flask application with cookie sessions, through the gateway: what `gateway.test.ts` asks of Chromium. */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { until } from '../support/until.ts';
import { Firefox, type Tab } from './firefox.ts';
import { attackOn, echo, type NotesSite, serve, startNotesSite } from './notes-site.ts';

const folder = mkdtempSync(join(tmpdir(), 'bulwark-firefox-'));
let firefox: Firefox;
let site: NotesSite;
before(async () => {
  site = await startNotesSite(folder, { gateway: { vault: true } });
  firefox = await Firefox.start();
});
after(async () => {
  await firefox?.stop();
  await site?.stop();
  rmSync(folder, { recursive: true, force: true });
});

async function signedIn(): Promise<Tab> {
  const tab = await firefox.tab();
  await tab.open(`${site.url}/login`);
  await tab.type('Name', 'ann');
  await tab.type('Password', 'ann-password');
  await tab.press('Sign in');
  await tab.arrives('/notes');
  return tab;
}

async function notesOf(tab: Tab): Promise<number> {
  return Number(await tab.look("document.querySelectorAll('li').length"));
}

test('a cookie that was copied before sign-out opens nothing after it', async () => {
  const tab = await signedIn();
  const copied = await tab.cookies();
  const whereCopied = async (): Promise<unknown> => {
    const thief = await firefox.tab();
    await thief.takeCookies(copied);
    await thief.open(`${site.url}/notes`);
    return await thief.look('location.pathname');
  };
  assert.equal(await whereCopied(), '/notes');
  await tab.press('Sign out');
  await tab.arrives('/');
  assert.equal(await whereCopied(), '/login');
});

test("its own WebSocket opens and knows it, and another site's form, fetch and WebSocket do nothing", async () => {
  const tab = await signedIn();
  const had = await notesOf(tab);
  const echoed = `(${String(echo)})('ws://localhost:${site.port}/echo')`;
  assert.equal(await tab.look(echoed), 'ann: hello');
  const elsewhere = await serve(attackOn(site.url));
  try {
    // 127.0.0.1 is another site than localhost, and this browser has a session at the one.
    const visit = await tab.another();
    await visit.open(elsewhere.url);
    assert.equal(await visit.look(echoed), 'refused');
    assert.equal(await visit.look('sent'), 'sent');
    await visit.look('void document.forms[0].submit()');
    await visit.arrives('/notes');
    assert.equal(await visit.look('document.querySelector(".status").textContent'), '403');
  } finally {
    elsewhere.server.close();
    elsewhere.server.closeAllConnections();
  }
  await tab.reload();
  assert.equal(await notesOf(tab), had);
  const refused = site.events.filter(({ guard }) => guard === 'csrf');
  assert.deepEqual(
    new Set(refused.map(({ method, path }) => `${method} ${path}`)),
    new Set(['POST /notes', 'GET /echo']),
  );
});

test('two tabs see what the other did, a form is not sent again, and after signing out the back button shows nothing', async () => {
  const tab = await signedIn();
  const had = await notesOf(tab);
  await tab.type('Note', 'of a tab in Firefox');
  await tab.press('Keep');
  await until('it is kept', async () => (await notesOf(tab)) === had + 1);
  await tab.reload();
  assert.equal(await notesOf(tab), had + 1);
  const other = await tab.another();
  await other.open(`${site.url}/notes`);
  assert.equal(await notesOf(other), had + 1);
  await other.press('Sign out');
  await other.arrives('/');
  await tab.open(`${site.url}/notes`);
  assert.equal(await tab.look('location.pathname'), '/login');
  await other.back();
  await other.arrives('/login');
  assert.equal(await other.look('document.body.textContent.includes("of a tab")'), false);
});
