/** Forms as browsers, commands and libraries write them: every one is within the grammar, with the names that were given. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buffer, text } from 'node:stream/consumers';
import { after, before, describe, test } from 'node:test';
import axios from 'axios';
import FormDataOfPackage from 'form-data';
import { FormData as UndiciFormData, fetch as undiciFetch } from 'undici';
import { uploadsGuard } from '../../src/controls/uploads/uploads.ts';
import { uploadsOptions } from '../../src/controls/uploads/uploads.options.ts';
import { boundaryOf } from '../../src/controls/uploads/multipart/boundary.ts';
import { FormScanner } from '../../src/controls/uploads/multipart/form-scanner.ts';
import { pythonEnvironment } from '../../tools/python-environment.ts';
import { sketchExchange } from '../support/exchange.ts';
import { readSection } from '../support/read-section.ts';
import { startChromium } from './chromium.ts';
import { Firefox } from './firefox.ts';

/** With what clients escape, leave, or write in a form of its own. */
const NAME = '\u0645\u0644\u0641 100%.txt';
const QUOTED = 'a "b".txt';
const BYTES = 'one\r\ntwo\n\u0663';

interface Sent {
  readonly type: string;
  readonly body: Buffer<ArrayBuffer>;
}

interface Part {
  readonly name: string;
  readonly filename: string | undefined;
  body: string;
}

/** Sends the form to an address, by one client. @param names - of its files */
type Client = (url: string, names: readonly string[]) => Promise<unknown>;

/** A form as a page has it: sent by the browser, and not by a script. */
const SUBMIT = (names: readonly string[]): string => `(() => {
  const form = document.createElement('form');
  form.method = 'post';
  form.enctype = 'multipart/form-data';
  form.action = '/sent';
  const title = form.appendChild(document.createElement('input'));
  title.name = 'title';
  title.value = '\u0663';
  const input = form.appendChild(document.createElement('input'));
  input.type = 'file';
  input.name = 'f';
  input.multiple = true;
  const files = new DataTransfer();
  for (const name of ${JSON.stringify(names)}) files.items.add(new File([${JSON.stringify(BYTES)}], name));
  input.files = files.files;
  document.body.append(form);
  form.submit();
})()`;

const filesOf = (names: readonly string[]): File[] => names.map((name) => new File([BYTES], name));

const CLIENTS: Readonly<Record<string, Client>> = {
  Chromium: async (url, names) => {
    const browser = await startChromium();
    const page = await browser.newPage();
    await page.goto(url);
    await page.evaluate(SUBMIT(names));
    await page.waitForURL(`${url}/sent`);
    await browser.close();
  },
  Firefox: async (url, names) => {
    const firefox = await Firefox.start();
    const tab = await firefox.tab();
    await tab.open(url);
    await tab.look(SUBMIT(names));
    await tab.arrives('/sent');
    await firefox.stop();
  },
  curl: async (url, names) => {
    const folder = mkdtempSync(join(tmpdir(), 'bulwark-forms-'));
    const files = names.flatMap((name, at) => {
      const path = join(folder, String(at));
      writeFileSync(path, BYTES);
      return ['--form', `f=@${path};filename="${name.replaceAll('"', '\\"')}"`];
    });
    await run('curl', ['--silent', '--fail', '--form', 'title=\u0663', ...files, `${url}/sent`]);
    rmSync(folder, { recursive: true });
  },
  'fetch of Node.js': async (url, names) => {
    const body = new FormData();
    body.set('title', '\u0663');
    for (const one of filesOf(names)) body.append('f', one);
    await fetch(`${url}/sent`, { method: 'POST', body });
  },
  undici: async (url, names) => {
    const body = new UndiciFormData();
    body.set('title', '\u0663');
    for (const one of filesOf(names)) body.append('f', one);
    await undiciFetch(`${url}/sent`, { method: 'POST', body });
  },
  'axios with FormData': async (url, names) => {
    const body = new FormData();
    body.set('title', '\u0663');
    for (const one of filesOf(names)) body.append('f', one);
    await axios.post(`${url}/sent`, body);
  },
  'axios with form-data': async (url, names) => {
    const body = new FormDataOfPackage();
    body.append('title', '\u0663');
    for (const filename of names) body.append('f', Buffer.from(BYTES), { filename });
    await axios.post(`${url}/sent`, body);
  },
  requests: (url, names) =>
    python(
      `import requests
requests.post(${JSON.stringify(`${url}/sent`)}, data={"title": "\u0663"}, files=FILES)`,
      names,
    ),
  httpx: (url, names) =>
    python(
      `import httpx
httpx.post(${JSON.stringify(`${url}/sent`)}, data={"title": "\u0663"}, files=FILES)`,
      names,
    ),
  urllib3: (url, names) =>
    python(
      `import urllib3
urllib3.request("POST", ${JSON.stringify(`${url}/sent`)}, fields=[("title", "\u0663"), *FILES])`,
      names,
    ),
};

async function python(script: string, names: readonly string[]): Promise<void> {
  const files = `FILES = [("f", (name, ${JSON.stringify(BYTES)}.encode())) for name in ${JSON.stringify(names)}]`;
  await run(join(pythonEnvironment(), 'python'), ['-c', `${files}\n${script}`]);
}

async function run(program: string, args: readonly string[]): Promise<void> {
  const child = spawn(program, args, { stdio: ['ignore', 'ignore', 'pipe'] });
  const [said, [code]] = await Promise.all([text(child.stderr), once(child, 'close')]);
  assert.equal(code, 0, said);
}

function partsOf({ type, body }: Sent): Part[] {
  const parts: Part[] = [];
  const scanner = new FormScanner(
    boundaryOf(type),
    { parts: 10, field: 1000 },
    {
      part: ({ name, filename }) => parts.push({ name, filename, body: '' }),
      data: (bytes) => ((parts.at(-1) as Part).body += bytes.toString('latin1')),
      end: () => undefined,
    },
  );
  scanner.push(body);
  scanner.finish();
  return parts;
}

describe('forms of real clients', () => {
  let server: Server;
  let url: string;
  let sent: Sent | undefined;

  before(async () => {
    server = createServer((request, response) => {
      void buffer(request).then((body) => {
        const { 'content-type': type = '' } = request.headers;
        if (request.method === 'POST') sent = { type, body: Buffer.from(body) };
        response.setHeader('Content-Type', 'text/html; charset=utf-8');
        response.end('<!doctype html><title>Form</title><body>');
      });
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  });
  after(() => {
    server.closeAllConnections();
    server.close();
  });

  for (const [client, send] of Object.entries(CLIENTS)) {
    test(`${client}: a form with a file in Arabic, with percent signs and quotes, is taken as it was meant`, async () => {
      sent = undefined;
      const names = [NAME, QUOTED];
      await send(url, names);
      const { type, body } = (sent ?? { type: '', body: Buffer.alloc(0) }) as Sent;
      const headers = { 'content-type': type, 'content-length': String(body.length) };
      const guard = uploadsGuard(readSection('uploads', uploadsOptions, {}));
      const verdict = await guard.onRequest?.(sketchExchange({ method: 'POST', headers, body }));
      assert.equal(verdict, undefined, body.toString());
      const bytes = Buffer.from(BYTES).toString('latin1');
      assert.deepEqual(partsOf({ type, body }), [
        { name: 'title', filename: undefined, body: Buffer.from('\u0663').toString('latin1') },
        ...names.map((filename) => ({ name: 'f', filename, body: bytes })),
      ]);
    });
  }
});
