/** One way to take a file to a synced file on disk, as a process that says what it has used. */
import { createWriteStream, mkdtempSync, rmSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { createServer, type IncomingMessage, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import busboy from 'busboy';
import { bulwark } from 'bulwark/node';
import { SECRET } from '../stacks/application.ts';
import { memory } from 'bulwark/memory';
import { contentScan, fileAt } from 'bulwark/content';
import express from 'express';
import { formidable } from 'formidable';
import { Uploads } from 'bulwark/uploads';
import multer from 'multer';

/** What the process is asked, and what it says: CPU microseconds so far, and of the last connection the bytes that came. */
export interface InputReport {
  readonly cpu: number;
  readonly received: number;
}

const MB = 1024 ** 2;
const folder = mkdtempSync(join(tmpdir(), 'bulwark-bench-'));
process.once('exit', () => rmSync(folder, { recursive: true, force: true }));
let last = 0;
const nextPath = (): string => join(folder, String((last += 1)));

/** Written is written: it outlives the power. */
async function synced(path: string): Promise<void> {
  const file = await open(path, 'r+');
  await file.sync();
  await file.close();
}

async function take(request: IncomingMessage): Promise<readonly string[]> {
  const parser = busboy({ headers: request.headers });
  const writing: Promise<string>[] = [];
  parser.on('file', (_name, stream) => {
    const path = nextPath();
    const written = pipeline(stream, createWriteStream(path, { flush: true })).then(() => path);
    // Where the form is cut, that is told by the form.
    written.catch(() => undefined);
    writing.push(written);
  });
  await pipeline(request, parser);
  return await Promise.all(writing);
}

function answering(work: (request: IncomingMessage) => Promise<readonly string[]>): RequestListener {
  return (request, response) => {
    work(request).then(
      (paths) => {
        response.end('ok');
        for (const path of paths) rmSync(path, { force: true });
      },
      (error: unknown) => {
        if (response.headersSent) return;
        response.statusCode = 500;
        response.end(String(error));
      },
    );
  };
}

const POLICY = {
  secrets: { name: 'bench', load: () => [SECRET] },
  state: memory(),
  environment: 'development',
  rateLimit: { mode: 'off' },
  audit: { sink: () => undefined },
} as const;

function ruleOf(limit: number) {
  return { types: ['application/pdf'], size: `${limit}B`, files: 1 } as const;
}

function secured(limit: number, isScanned: boolean): Server {
  const scan = contentScan();
  const layer = bulwark({ ...POLICY, routes: { 'POST /': { upload: ruleOf(limit) } } });
  const handler = answering(async (request) => {
    const paths = await take(request);
    for (const path of isScanned ? paths : []) {
      const { verdict } = await scan({ ...(await fileAt(path)), type: 'application/pdf' });
      if (verdict !== 'clean') throw new Error(verdict);
    }
    return paths;
  });
  return layer.createServer(handler);
}

/** Files as accounts keep them: nobody else reads the form. */
function kept(limit: number, encrypt: boolean): Server {
  const layer = bulwark({
    ...POLICY,
    files: {
      bytes: join(folder, 'kept'),
      encrypt,
      quota: '100GB',
      rate: '1000000/hour',
      scan: contentScan(),
    },
    routes: { 'POST /': { upload: { ...ruleOf(limit), store: true } } },
  });
  const uploads = Uploads.of(layer);
  const handler = answering(async (request) => {
    const { files, refused } = await uploads.take(request, { owner: 'ann' });
    const [{ id, state }] = files as [(typeof files)[number]];
    if (refused.length > 0 || state !== 'ready') throw new Error(state);
    return [join(folder, 'kept', id.slice(0, 2), id)];
  });
  return layer.createServer(handler);
}

function withMulter(): Server {
  const upload = multer({ storage: multer.diskStorage({ destination: folder }) });
  const app = express();
  app.post('/', upload.single('f'), (request, response, next) => {
    const { path = '' } = request.file ?? {};
    synced(path).then(() => {
      response.end('ok');
      rmSync(path, { force: true });
    }, next);
  });
  return createServer(app);
}

function withFormidable(): Server {
  return createServer(
    answering(async (request) => {
      const form = formidable({ uploadDir: folder, maxFileSize: 2048 * MB, maxTotalFileSize: 2048 * MB });
      const [, files] = await form.parse(request);
      const paths = Object.values(files).flatMap((list = []) => list.map(({ filepath }) => filepath));
      await Promise.all(paths.map(synced));
      return paths;
    }),
  );
}

const SERVERS: Readonly<Record<string, () => Server>> = {
  busboy: () => createServer(answering(take)),
  'uploads.take': () => kept(200 * MB, true),
  'uploads.take, not encrypted': () => kept(200 * MB, false),
  'judged, busboy': () => secured(200 * MB, false),
  'judged, busboy, scan': () => secured(200 * MB, true),
  multer: withMulter,
  formidable: withFormidable,
  'uploads.take at 10 MB': () => kept(10 * MB, true),
  'judged at 10 MB': () => secured(10 * MB, false),
};

let received = 0;
const server = SERVERS[process.argv[2] ?? '']?.();
if (server === undefined) throw new Error(`There is no such server: ${Object.keys(SERVERS).join(', ')}.`);
server.on('connection', (socket) => {
  received = 0;
  socket.on('close', () => (received = socket.bytesRead));
});
process.on('message', () => {
  const { user, system } = process.cpuUsage();
  process.send?.({ cpu: user + system, received } satisfies InputReport);
});
// Whoever started it is gone.
process.on('disconnect', () => process.exit());
server.listen(0, '127.0.0.1', () => process.send?.({ port: (server.address() as AddressInfo).port }));
