/** Scripts under an Integrity-Policy, in Chromium and Firefox: those with their hash run, and no other. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import type { Browser } from 'playwright-core';
import { bulwark } from '../../src/adapters/node.ts';
import { Assets } from '../../src/controls/headers/assets/assets.ts';
import { memory } from '../../src/stores/memory/state.ts';
import { fixedSecrets, TEST_SECRET } from '../support/secrets.ts';
import { startChromium } from './chromium.ts';
import { Firefox } from './firefox.ts';

const FILES: Readonly<Record<string, string>> = {
  'classic.js': 'ran.push("classic")',
  'bare.js': 'ran.push("bare")',
  'changed.js': 'ran.push("as it was")',
  'app.js': 'import { name } from "part"; ran.push("app", name)',
  'part.js': 'export const name = "part"',
  'reaches.js': 'import "/late.js"; ran.push("reaches")',
};

let folder = '';
let chromium: Browser;
let layer: ReturnType<typeof bulwark>;
let site: Server;

before(async () => {
  folder = mkdtempSync(join(tmpdir(), 'bulwark-assets-'));
  for (const [name, text] of Object.entries(FILES)) writeFileSync(join(folder, name), text);
  const assets = Assets.of(folder);
  // What nobody has read at the start.
  writeFileSync(join(folder, 'changed.js'), 'ran.push("as somebody has changed it")');
  writeFileSync(join(folder, 'late.js'), 'ran.push("late")');
  layer = bulwark({
    environment: 'development',
    secrets: fixedSecrets(TEST_SECRET),
    state: memory(),
    audit: { sink: () => undefined },
    headers: { integrityPolicy: 'enforce' },
  });
  site = layer.createServer(
    layer.handler((request, response) => {
      const { nonce } = bulwark.of(request);
      const name = (request.url ?? '').slice(1);
      if (name !== '') {
        response.setHeader('Content-Type', 'text/javascript');
        return response.end(name.endsWith('.js') ? readFileSync(join(folder, name)) : '');
      }
      response.setHeader('Content-Type', 'text/html');
      // The right hash, and no `crossorigin`.
      const bare = `<script src="/bare.js" integrity="${assets.integrity('/bare.js')}" nonce="${nonce}"></script>`;
      return response.end(`<!doctype html><title>Page</title><script nonce="${nonce}">globalThis.ran = []</script>
${assets.importMap({ part: '/part.js' }, nonce)}
${assets.script('/classic.js', nonce)}${bare}<script src="/late.js" nonce="${nonce}"></script>
${assets.script('/changed.js', nonce)}${assets.module('/app.js', nonce)}${assets.module('/reaches.js', nonce)}`);
    }),
  );
  site.listen(0, '127.0.0.1');
  await once(site, 'listening');
  chromium = await startChromium();
});
after(async () => {
  await chromium?.close();
  site?.closeAllConnections();
  site?.close();
  await layer?.close();
  rmSync(folder, { recursive: true });
});

test('what has its hash runs; a changed file, a bare tag and what nobody wrote down do not', async () => {
  const page = await chromium.newPage();
  const said: string[] = [];
  page.on('console', (message) => said.push(message.text()));
  await page.goto(`http://localhost:${(site.address() as AddressInfo).port}/`, { waitUntil: 'load' });
  assert.deepEqual(await page.evaluate('ran'), ['classic', 'app', 'part']);
  assert.match(said.join('\n'), /integrity/i);
  await page.close();
});

test('in Firefox: the same', async () => {
  const firefox = await Firefox.start();
  try {
    const tab = await firefox.tab();
    await tab.open(`http://localhost:${(site.address() as AddressInfo).port}/`);
    await tab.arrives('/');
    assert.deepEqual(await tab.look('ran'), ['classic', 'app', 'part']);
  } finally {
    await firefox.stop();
  }
});
