/** Readers of forms that people have behind a gateway, each as a server that says what it sees. */
import { once } from 'node:events';
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { Busboy as FastifyBusboy } from '@fastify/busboy';
import busboy from 'busboy';
import express from 'express';
import { formidable } from 'formidable';
import multer from 'multer';
import { Response as UndiciResponse } from 'undici';
import { readFile } from 'node:fs/promises';
import { gunicorn, type RunningApp, startApp } from './python-app.ts';

/** What a reader sees: fields, and files as name, name of the file, type and bytes. */
export interface SeenForm {
  readonly fields: readonly (readonly [name: string, value: string])[];
  readonly files: readonly (readonly [name: string, filename: string, type: string, bytes: string])[];
}

/** A server that runs. */
export type FormServer = Pick<RunningApp, 'port' | 'stop'>;

interface Seeing {
  readonly fields: [name: string, value: string][];
  readonly files: [name: string, filename: string, type: string, bytes: string][];
}

type Look = (request: IncomingMessage) => Promise<Seeing>;

/** Each by its name, with how it is started. */
export const FORM_READERS: Readonly<Record<string, () => Promise<FormServer>>> = {
  busboy: () => serve(byBusboy),
  multer: serveMulter,
  '@fastify/busboy': () => serve(byFastifyBusboy),
  formidable: () => serve(byFormidable),
  undici: () => serve((request) => byFetch(UndiciResponse, request)),
  'Node.js': () => serve((request) => byFetch(Response, request)),
  Werkzeug: () => startApp({ command: gunicorn('forms_flask:app') }),
  Django: () => startApp({ command: gunicorn('forms_django:application') }),
  Starlette: () =>
    startApp({ command: (port) => ['uvicorn', '--port', String(port), 'forms_starlette:app'] }),
};

async function serve(look: Look): Promise<FormServer> {
  return await listen(
    createServer((request, response) => {
      look(request).then(
        (seen) => response.end(JSON.stringify(seen)),
        (error: unknown) => {
          response.statusCode = 400;
          response.end(JSON.stringify({ error: String(error) }));
        },
      );
    }),
  );
}

async function listen(server: ReturnType<typeof createServer>): Promise<FormServer> {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    port: (server.address() as AddressInfo).port,
    stop: async () => {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}

/** Without `defParamCharset` it reads names in UTF-8 as Latin-1: the same bytes, shown otherwise. */
const byBusboy: Look = async (request) => {
  const seen: Seeing = { fields: [], files: [] };
  const parser = busboy({ headers: request.headers, defParamCharset: 'utf8' });
  const reading: Promise<void>[] = [];
  parser.on('field', (name, value) => seen.fields.push([name, value]));
  parser.on('file', (name, stream, { filename, mimeType }) => {
    const at = seen.files.push([name, filename ?? '', mimeType, '']) - 1;
    reading.push(textOf(stream).then((bytes) => void ((seen.files[at] as string[])[3] = bytes)));
  });
  request.pipe(parser);
  await once(parser, 'close');
  await Promise.all(reading);
  return seen;
};

const byFastifyBusboy: Look = async (request) => {
  const seen: Seeing = { fields: [], files: [] };
  const parser = new FastifyBusboy({
    headers: { ...request.headers, 'content-type': request.headers['content-type'] ?? '' },
  });
  const reading: Promise<void>[] = [];
  parser.on('field', (name, value) => seen.fields.push([name, value]));
  parser.on('file', (name, stream, filename, _encoding, type) => {
    const at = seen.files.push([name, filename ?? '', type, '']) - 1;
    reading.push(textOf(stream).then((bytes) => void ((seen.files[at] as string[])[3] = bytes)));
  });
  request.pipe(parser);
  await once(parser, 'finish');
  await Promise.all(reading);
  return seen;
};

const byFormidable: Look = async (request) => {
  const [fields, files] = await formidable({ allowEmptyFiles: true, minFileSize: 0 }).parse(request);
  const seen: Seeing = { fields: [], files: [] };
  for (const [name, values = []] of Object.entries(fields))
    for (const value of values) seen.fields.push([name, value]);
  for (const [name, found = []] of Object.entries(files)) {
    for (const file of found) {
      const bytes = await readFile(file.filepath, 'latin1');
      seen.files.push([name, file.originalFilename ?? '', file.mimetype ?? '', bytes]);
    }
  }
  return seen;
};

async function byFetch(Answer: typeof Response, request: IncomingMessage): Promise<Seeing> {
  const headers = { 'content-type': request.headers['content-type'] ?? '' };
  const form = await new Answer(Readable.toWeb(request) as ReadableStream, { headers }).formData();
  const seen: Seeing = { fields: [], files: [] };
  for (const [name, value] of form) {
    if (typeof value === 'string') seen.fields.push([name, value]);
    else {
      const bytes = Buffer.from(await value.arrayBuffer()).toString('latin1');
      seen.files.push([name, value.name, value.type, bytes]);
    }
  }
  return seen;
}

async function serveMulter(): Promise<FormServer> {
  const app = express();
  app.post('/form', multer({ defParamCharset: 'utf8' }).any(), (request, response) => {
    const fields = Object.entries(request.body as Record<string, string | string[]>).flatMap(
      ([name, value]) => [value].flat().map((one) => [name, one]),
    );
    const files = (request.files as Express.Multer.File[]).map((file) => [
      file.fieldname,
      file.originalname,
      file.mimetype,
      file.buffer.toString('latin1'),
    ]);
    response.json({ fields, files });
  });
  app.use((error: unknown, _request: express.Request, response: express.Response, _next: unknown) => {
    response.status(400).json({ error: String(error) });
  });
  return await listen(createServer(app));
}

async function textOf(stream: Readable): Promise<string> {
  stream.setEncoding('latin1');
  return await text(stream);
}
