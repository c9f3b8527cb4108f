/** The files of the site are packed for whoever takes gzip, and for nobody else. */
import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, request } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { serveFiles } from '../../site/files.ts';

test('gzip is sent where it is named as a whole word, and not refused', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'bulwark-files-'));
  mkdirSync(join(folder, 'assets'));
  writeFileSync(join(folder, 'assets/a.css'), 'a{}'.repeat(1000));
  const server = createServer(serveFiles(folder));
  t.after(() => {
    server.close();
    rmSync(folder, { recursive: true });
  });
  await new Promise<void>((listening) => {
    server.listen(0, '127.0.0.1', listening);
  });
  const { port } = server.address() as AddressInfo;
  const encoding = async (takes: string): Promise<string | undefined> =>
    await new Promise((resolve, reject) => {
      const headers = { 'accept-encoding': takes };
      request({ port, host: '127.0.0.1', path: '/assets/a.css', headers, agent: false }, (answer) => {
        answer.resume();
        resolve(answer.headers['content-encoding']);
      })
        .on('error', reject)
        .end();
    });
  for (const takes of ['gzip', 'GZIP', 'br, gzip', 'gzip;q=0.5', 'deflate;q=0, gzip ; q=1.0, br', 'gzip,br'])
    assert.equal(await encoding(takes), 'gzip', takes);
  for (const takes of ['', 'x-gzip', 'not-gzip', 'gzip-x', 'gzip;q=0', 'gzip; q=0.000, br', 'br', '*;q=0'])
    assert.equal(await encoding(takes), undefined, takes);
});
