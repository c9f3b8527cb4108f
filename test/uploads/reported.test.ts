/** What people reported of other uploads and body checks from 2024 on, each as a case here. */
import assert from 'node:assert/strict';
import { hash, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { readdirSync } from 'node:fs';
import { type AddressInfo, connect, createServer } from 'node:net';
import { after, before, test } from 'node:test';
import express from 'express';
import Fastify from 'fastify';
import { z } from 'zod';
import { bulwark as expressBulwark } from '../../src/adapters/express.ts';
import { bulwark as fastifyBulwark } from '../../src/adapters/fastify.ts';
import { route } from '../../src/adapters/input.ts';
import { clamd } from '../../src/controls/uploads/antivirus/clamd.ts';
import { heldFile } from '../../src/controls/uploads/content/whole-file.ts';
import { ask, type RawAnswer, sessionCookieOf, writeRequest } from '../../src/testing/wire.ts';
import { listening } from '../support/listening.ts';
import { until } from '../support/until.ts';
import { FILE_HOSTS, type FileHost } from '../hosts/file-hosts.ts';
import { testPolicy } from '../hosts/hosts.ts';

const OWN = { 'sec-fetch-site': 'same-origin' };
const FORM = 'multipart/form-data; boundary=b';
const END = '--b--\r\n';
const file = (name: string, bytes: string): string =>
  `--b\r\nContent-Disposition: form-data; name="f"; filename="${name}"\r\n\r\n${bytes}\r\n`;

let host: FileHost;
let ann: Readonly<Record<string, string>>;

before(async () => {
  host = await (FILE_HOSTS['Express'] ?? assert.fail())({ uploads: { field: '64KB' } });
  const answer = await ask(host.port, { method: 'POST', target: '/sign-in?account=ann', headers: OWN });
  ann = { ...OWN, cookie: sessionCookieOf(answer) ?? '', 'content-type': FORM };
});
after(() => host.stop());

const send = (body: string): Promise<RawAnswer> =>
  ask(host.port, { method: 'POST', target: '/files', headers: ann, body });

async function kept(body: string): Promise<readonly { readonly id: string; readonly name: string }[]> {
  const answer = await send(body + END);
  assert.equal(answer.status, 200, answer.body);
  return (JSON.parse(answer.body) as { files: { id: string; name: string }[] }).files;
}

test('payloadcms/payload#8511, chibisafe/chibisafe#537: names beyond Latin-1 stay what they are', async () => {
  const name = '\u0441\u0447\u0451\u0442 \u6c49\u5821.txt';
  assert.deepEqual(
    (await kept(file(name, 'x'))).map((one) => one.name),
    [name],
  );
});

test('zulip/zulip#39874: an ending of 300 letters is cut, and the file is there', async () => {
  const [one] = await kept(file(`a.${'b'.repeat(300)}.txt`, 'x'));
  assert.ok(Buffer.byteLength(one?.name ?? '') <= 255);
  assert.match(one?.name ?? '', /\.txt$/);
});

test('node-formidable/formidable#1014: from the name of one file that of the next cannot be told', async () => {
  await kept(file('a.txt', 'x') + file('b.txt', 'x') + file('c.txt', 'x'));
  const names = readdirSync(host.folder, { recursive: true, encoding: 'utf8' })
    .map((path) => path.split('/').at(-1) ?? '')
    .filter((name) => name.length >= 22);
  assert.ok(names.length >= 3);
  for (const one of names)
    for (const other of names)
      if (one !== other) assert.notEqual(one.slice(0, 8), other.slice(0, 8), `${one} and ${other}`);
});

test('pallets/werkzeug GHSA-q34m-jh98-gwm2, Kludex/python-multipart#201: a field is no longer than its limit in pieces either', async () => {
  const field = `--b\r\nContent-Disposition: form-data; name="a"\r\n\r\n${'x'.repeat(64 * 1024 + 1)}\r\n`;
  const head = writeRequest({
    method: 'POST',
    target: '/files',
    headers: { ...ann, 'content-length': String(field.length + END.length) },
  });
  const socket = connect(host.port, '127.0.0.1');
  await once(socket, 'connect');
  let answer = '';
  socket.setEncoding('latin1').on('data', (text: string) => (answer += text));
  socket.on('error', () => undefined);
  socket.write(head);
  for (let at = 0; at < field.length && !socket.destroyed; at += 8192)
    socket.write(field.slice(at, at + 8192));
  socket.write(END);
  await until('an answer', () => answer.includes('\r\n\r\n'));
  assert.match(answer, /^HTTP\/1\.1 413 /);
  socket.destroy();
});

test('expressjs/multer#1218: who sends what is refused is answered, and does not wait', async () => {
  // More than any buffer on the way: nobody reads the rest.
  const answer = await send(file('a.exe', 'x'.repeat(300_000)) + END);
  assert.equal(answer.status, 200);
  assert.deepEqual(
    (JSON.parse(answer.body) as { refused: { reason: string }[] }).refused.map((one) => one.reason),
    ['extension'],
  );
});

test('expressjs/multer#429, GHSA-qfvm-cv95-jqjf: an upload that breaks off leaves no file', async () => {
  const before = (await host.uploads.list('ann')).items.length;
  const files = (): number =>
    readdirSync(host.folder, { recursive: true, withFileTypes: true }).filter((one) => one.isFile()).length;
  const whole = files();
  const head = writeRequest({
    method: 'POST',
    target: '/files',
    headers: { ...ann, 'content-length': '900000' },
  });
  const socket = connect(host.port, '127.0.0.1');
  socket.on('error', () => undefined);
  await once(socket, 'connect');
  const open = file('a.txt', 'x'.repeat(400_000)).slice(0, -2);
  socket.write(head + open);
  await until('bytes of it', () => files() > whole);
  socket.destroy();
  await until('no bytes of it', async () => {
    await host.uploads.sweep();
    return files() === whole;
  });
  assert.equal((await host.uploads.list('ann')).items.length, before);
});

test('django/django#19239: a place for a file where none was chosen is none, and bytes in it are refused', async () => {
  const place = '--b\r\nContent-Disposition: form-data; name="f"; filename=""\r\n\r\n';
  assert.deepEqual(await kept(`${place}\r\n`), []);
  assert.equal((await send(`${place}x\r\n${END}`)).status, 400);
});

/** What is sent to a route that takes `{ name }`, and what it is answered. */
async function routeAnswers(
  requests: readonly (readonly [type: string, body: string])[],
  body: z.ZodType,
): Promise<ReadonlyMap<string, readonly string[]>> {
  const layer = expressBulwark(testPolicy([]));
  const app = express();
  app.set('env', 'test');
  app.use(layer, express.json({ type: () => true }));
  app.post(
    '/notes',
    route({ body }, (input, _request: express.Request, response: express.Response) => {
      response.json({ took: input.body });
    }),
  );
  const second = fastifyBulwark(testPolicy([]));
  const fastify = Fastify({ serverFactory: second.serverFactory });
  fastify.post(
    '/notes',
    route({ body }, (input, _request: object, _reply: object) => ({ took: input.body })),
  );
  await fastify.ready();
  const answers = new Map<string, string[]>();
  for (const [name, server] of [
    ['Express', layer.createServer(app)],
    ['Fastify', fastify.server],
  ] as const) {
    await listening(server, async (port) => {
      const got: string[] = [];
      for (const [type, text] of requests) {
        const headers = { ...OWN, 'content-type': type };
        const answer = await ask(port, { method: 'POST', target: '/notes', headers, body: text });
        got.push(answer.status === 200 ? answer.body : String(answer.status));
      }
      answers.set(name, got);
    });
  }
  await layer.close();
  await second.close();
  return answers;
}

test('fastify GHSA-mg2h-6x62-wpwc, CVE-2026-25223: no spelling of a type leads past the schema', async () => {
  const types = [
    'application/json\t; a=b',
    'application/json ;a=b',
    'application/json\ta',
    'APPLICATION/JSON',
    'application/JSON ; charset=utf-8',
    'application/json,text/plain',
    'text/plain',
    'application/vnd.api+json\t;',
  ];
  const bad = types.map((type) => [type, '{"name":7,"admin":true}'] as const);
  const answers = await routeAnswers(bad, z.object({ name: z.string() }));
  for (const [name, got] of answers)
    for (const [at, one] of got.entries())
      assert.match(one, /^4(?:00|15|22)$/, `${name}: ${JSON.stringify(types[at])} is answered ${one}`);
});

test('colinhacks/zod#6220: a name that a strict schema passes over in silence is refused before it', async () => {
  const body = z.strictObject({ name: z.string() });
  const answers = await routeAnswers([['application/json', '{"name":"a","__proto__":{"admin":true}}']], body);
  for (const [name, got] of answers) assert.deepEqual(got, ['400'], name);
});

test('colinhacks/zod#6139: names that every object has are faults like others, and break nothing', async () => {
  const names = ['toString', 'valueOf', 'hasOwnProperty', '__defineGetter__', 'constructor'];
  const bad = names.map((name) => ['application/json', JSON.stringify({ [name]: 'x' })] as const);
  const answers = await routeAnswers(bad, z.record(z.string(), z.number()));
  for (const [name, got] of answers) assert.deepEqual(got, ['422', '422', '422', '422', '400'], name);
});

/** The files that a clamd was sent, by the lengths that were said of their pieces; `undefined` where these are wrong. */
function unframed(sent: Buffer): Buffer | undefined {
  const pieces: Buffer[] = [];
  for (let at = 'zINSTREAM\0'.length; at + 4 <= sent.length;) {
    const length = sent.readUInt32BE(at);
    if (length === 0) return at + 4 === sent.length ? Buffer.concat(pieces) : undefined;
    pieces.push(sent.subarray(at + 4, at + 4 + length));
    at += 4 + length;
  }
  return undefined;
}

test('Cisco-Talos/clamav#1488: what is said of a piece is its length, with others on their way meanwhile', async () => {
  const came: (string | undefined)[] = [];
  const server = createServer((socket) => {
    const pieces: Buffer[] = [];
    socket.on('error', () => undefined);
    socket.on('data', (bytes) => {
      pieces.push(bytes);
      const sent = Buffer.concat(pieces);
      if (!sent.subarray(-4).equals(Buffer.alloc(4))) return;
      const whole = unframed(sent);
      if (whole === undefined) return;
      came.push(hash('sha256', whole));
      socket.end('stream: OK\0');
    });
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  try {
    const scanner = clamd({ host: '127.0.0.1', port: (server.address() as AddressInfo).port });
    const files = Array.from({ length: 8 }, (_, index) => randomBytes(100_000 + index * 70_001));
    const found = await Promise.all(files.map((bytes) => scanner.scan({ ...heldFile(bytes), type: '' })));
    assert.deepEqual(
      found.map(({ verdict }) => verdict),
      files.map(() => 'clean'),
    );
    assert.deepEqual(came.toSorted(), files.map((bytes) => hash('sha256', bytes)).toSorted());
  } finally {
    server.close();
  }
});
