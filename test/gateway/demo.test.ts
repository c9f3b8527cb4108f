/** `npm run demo:flask`, as the README has people run it. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { endGroup, freePort } from '../support/processes.ts';
import { until } from '../support/until.ts';
import { Visitor } from './flask-visitor.ts';

const DEMO = join(import.meta.dirname, '../../tools/demo-flask.ts');

test('the demonstration shows the notes behind the gateway, and one signal ends all of it', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'bulwark-demo-'));
  const port = await freePort();
  const demo = spawn(process.execPath, [DEMO], {
    detached: true,
    stdio: 'ignore',
    env: { ...process.env, NODE_ENV: '', PORT: String(port), NOTES_DATA: folder },
  });
  t.after(async () => {
    await endGroup(demo);
    rmSync(folder, { recursive: true, force: true });
  });
  const ann = new Visitor(port);
  await until('it serves', async () => (await ann.ask('/login')).ok);
  assert.equal((await ann.signIn('ann')).headers.get('location'), '/notes');
  assert.match((await ann.ask('/notes')).headers.get('content-security-policy') ?? '', /'nonce-/);
  assert.equal(
    (await ann.ask('/notes', { method: 'POST', headers: { 'sec-fetch-site': 'cross-site' } })).status,
    403,
  );
  const ended = once(demo, 'exit');
  demo.kill('SIGTERM');
  assert.deepEqual(await ended, [0, null]);
  await assert.rejects(ann.ask('/login'));
});
