/** What changes something under a session of the application, and says nothing of where it comes from, does not reach it. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { ask } from '../../src/testing/wire.ts';
import { record, watchedGateway } from './recorder.ts';

const FORM = { 'content-type': 'application/x-www-form-urlencoded' };
const HANDSHAKE = {
  connection: 'Upgrade',
  upgrade: 'websocket',
  'sec-websocket-version': '13',
  'sec-websocket-key': 'dGhlIHNhbXBsZSBub25jZQ==',
};
/** The handle of the vault, and cookies of Flask, Django and Rails as they are without it. */
const SESSIONS = [
  '__Host-vault=0Vb3wqk1X2aZ',
  'session=eyJ1c2VyIjoiYW5uIn0.Z.Z',
  'theme=dark; sessionid=a',
  '_notes_session=a',
] as const;

describe('under a session', () => {
  for (const cookie of SESSIONS)
    test(cookie, async (t) => {
      const recorder = await record(t);
      const site = await watchedGateway(t, recorder.port);
      const form = { method: 'POST', headers: { ...FORM, cookie }, body: 'a=1' };
      assert.equal((await ask(site.port, form)).status, 403);
      assert.equal((await ask(site.port, { ...form, body: '_csrf=made-up' })).status, 403);
      assert.equal((await ask(site.port, { ...form, method: 'DELETE' })).status, 403);
      assert.equal((await ask(site.port, { headers: { ...HANDSHAKE, cookie } })).status, 403);
      assert.equal(recorder.connections.length, 0);
      for (const said of [
        { 'sec-fetch-site': 'same-origin' },
        { origin: 'https://example.com' },
        { origin: 'https://example.com', 'sec-fetch-site': 'same-origin' },
      ])
        assert.equal((await ask(site.port, { ...form, headers: { ...form.headers, ...said } })).status, 200);
      assert.equal((await ask(site.port, { headers: { cookie } })).status, 200);
    });
});

test('without one there is nothing to forge with: programs that bring none, or a token alone, are served', async (t) => {
  const recorder = await record(t);
  const site = await watchedGateway(t, recorder.port);
  for (const headers of [{}, { cookie: 'theme=dark' }, { authorization: 'Bearer a' }])
    assert.equal(
      (await ask(site.port, { method: 'POST', headers: { ...FORM, ...headers }, body: 'a=1' })).status,
      200,
    );
});

test('in observe it passes, and is told of', async (t) => {
  const recorder = await record(t);
  const site = await watchedGateway(t, recorder.port, {}, { csrf: { mode: 'observe' } });
  const form = { method: 'POST', headers: { ...FORM, cookie: 'session=a' }, body: 'a=1' };
  assert.equal((await ask(site.port, form)).status, 200);
  assert.ok(JSON.stringify(site.events).includes('a session of the application'));
});
