/** The usual recipes: how each thing is commonly done without the layer, in as few honest lines as that takes. */
import { randomBytes, scryptSync } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { finished } from 'node:stream/promises';
import busboy from 'busboy';
import express, { type Express } from 'express';
import { verifyPassword } from '../../src/identity/passwords/password-hash.ts';
import { held } from '../hosts/application.ts';
import { bareSite, bodyOf, json, listen, pathOf, type Site } from './sites.ts';

/** CSRF by the header Origin and nothing else. */
export function originOnlySite(): Promise<Site> {
  return bareSite((request, response) => {
    if (request.method === 'POST' && request.headers.origin !== 'https://example.com') {
      response.statusCode = 403;
    }
    response.end();
  });
}

/** CSRF by method: a handshake is a GET. */
export async function methodOnlySite(onUpgrade: (request: IncomingMessage) => void): Promise<Site> {
  const site = await bareSite((request, response) => {
    if (request.method !== 'GET' && request.headers['sec-fetch-site'] !== 'same-origin')
      response.statusCode = 403;
    response.end();
  });
  site.server.on('upgrade', (request, socket) => {
    onUpgrade(request);
    socket.end('HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n');
  });
  return site;
}

/** A nonce made where the header is written, and another where the template is filled. */
export function twoNoncesSite(): Promise<Site> {
  const nonce = (): string => randomBytes(16).toString('base64url');
  return bareSite((_request, response) => {
    response.setHeader('Content-Security-Policy', `script-src 'nonce-${nonce()}'`);
    response.setHeader('Content-Type', 'text/html');
    response.end(`<script nonce="${nonce()}">1</script>`);
  });
}

/** Headers set by a middleware in front, and nothing behind it: what the application sets replaces them. */
export function headersInFront(): Express {
  const app = express();
  app.set('env', 'test');
  app.use((_request, response, next) => {
    response.setHeader(
      'Content-Security-Policy',
      "default-src 'self'; object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'",
    );
    response.setHeader('X-Content-Type-Options', 'nosniff');
    response.setHeader('X-Frame-Options', 'DENY');
    response.setHeader('Cross-Origin-Opener-Policy', 'same-origin');
    next();
  });
  app.get('/sloppy', (_request, response) => {
    response.setHeader('Content-Security-Policy', "default-src 'self'");
    response.type('html').send('<p>sloppy</p>');
  });
  app.get('/throw', () => {
    throw new Error('the database password is hunter2');
  });
  return app;
}

/** A private file, checked for its owner and sent as every other file is: kept for a year by whoever sees it pass. */
export function sendFileSite(file: string): Promise<Site> {
  const app = express();
  app.post('/sign-in', (_request, response) => {
    response.setHeader('Set-Cookie', `__Host-sid=${'a'.repeat(43)}; Secure; HttpOnly; Path=/`);
    response.json({ ok: true });
  });
  app.get('/download', (request, response) => {
    if (request.headers.cookie === undefined) response.sendStatus(401);
    else response.sendFile(file, { maxAge: '1y' });
  });
  return listen(createServer(app));
}

/** The size limit read from Content-Length, which a chunked body does not have. */
export function declaredLengthSite(limit: number, onEnd: () => void): Promise<Site> {
  return bareSite(async (request, response) => {
    if (Number(request.headers['content-length'] ?? 0) > limit) response.statusCode = 413;
    const { length } = await bodyOf(request);
    onEnd();
    json(response, { bytes: length });
  });
}

/** A body read up to the limit and taken for the whole of it. */
export function cutBodySite(limit: number, onEnd: () => void): Promise<Site> {
  return bareSite(async (request, response) => {
    const body = (await bodyOf(request)).slice(0, limit);
    onEnd();
    json(response, { bytes: body.length });
  });
}

/** To https, at whatever host the request names, whatever its method. */
export function redirectSite(): Promise<Site> {
  const app = express();
  app.use((request, response) => {
    response.redirect(301, `https://${request.headers.host}${request.url}`);
  });
  return listen(createServer(app));
}

/** Every forwarding header believed. */
export function trustEveryoneSite(): Promise<Site> {
  const app = express();
  app.enable('trust proxy');
  app.use((request, response) => {
    if (request.secure) response.send('secret');
    else response.redirect(308, `https://example.com${request.url}`);
  });
  return listen(createServer(app));
}

/** A count per key in the memory of this process, started anew at every full window. */
export class FixedWindow {
  readonly #limit: number;
  readonly #windowMs: number;
  readonly #counts = new Map<string, number>();

  constructor(limit: number, windowMs: number) {
    this.#limit = limit;
    this.#windowMs = windowMs;
  }

  /** Whether one more is let through. */
  take(key: string): boolean {
    const window = `${key} ${Math.floor(Date.now() / this.#windowMs)}`;
    const count = (this.#counts.get(window) ?? 0) + 1;
    this.#counts.set(window, count);
    return count <= this.#limit;
  }
}

/** A fixed window per key, and 200 for what gets through. */
export function fixedWindowSite(
  limit: number,
  windowMs: number,
  keyOf: (request: IncomingMessage, body: string) => string | undefined,
): Promise<Site> {
  const counts = new FixedWindow(limit, windowMs);
  return bareSite(async (request, response) => {
    // As body parsers are mounted: ahead of everything that asks for a field.
    const key = keyOf(request, await bodyOf(request));
    if (key !== undefined && !counts.take(key)) response.statusCode = 429;
    response.end();
  });
}

/** The leftmost address of X-Forwarded-For, which the client itself writes. */
export function leftmostAddress(request: IncomingMessage): string {
  return String(request.headers['x-forwarded-for']).split(',')[0] ?? '';
}

/** A record of a session as the usual recipes keep it. */
export interface NaiveSession {
  account?: string;
}

/**
 * Sessions as they are often made: an id that the browser brings is taken, kept over sign-in, written for every
 * visitor, and the whole record is saved back at the end of each request.
 */
export function naiveSessionsSite(store: Map<string, NaiveSession>): Promise<Site> {
  return bareSite(async (request, response) => {
    const id = cookieOf(request) ?? randomBytes(32).toString('base64url');
    const session: NaiveSession = { ...store.get(id) };
    response.setHeader('Set-Cookie', `__Host-sid=${id}; Secure; HttpOnly; Path=/`);
    await naiveRoute(request, response, session);
    if (pathOf(request) === '/sign-out') store.delete(id);
    else store.set(id, session);
  });
}

async function naiveRoute(
  request: IncomingMessage,
  response: ServerResponse,
  session: NaiveSession,
): Promise<void> {
  switch (pathOf(request)) {
    case '/sign-in':
      session.account = new URL(request.url ?? '', 'http://localhost').searchParams.get('account') ?? '';
      break;
    case '/held':
      held.arrived();
      await held.release;
      break;
    default:
  }
  json(response, { account: session.account ?? null });
}

/** The value of the session cookie. */
function cookieOf(request: IncomingMessage): string | undefined {
  return /__Host-sid=([\w-]+)/.exec(request.headers.cookie ?? '')?.[1];
}

/** A comparison that throws where there is nothing to compare, as many libraries have it. */
export async function throwingVerify(stored: string | undefined, password: string): Promise<boolean> {
  if (stored === undefined) return false;
  const match = await verifyPassword(stored, password);
  if (match !== 'match') throw new Error(`the password does not verify: ${match}`);
  return true;
}

/** A comparison without a queue: as many hashes at once as there are sign-ins. */
export async function unqueuedVerify(stored: string | undefined, password: string): Promise<boolean> {
  return stored !== undefined && (await verifyPassword(stored, password)) === 'match';
}

/** A comparison on the event loop: whoever asks for a page meanwhile waits. */
export async function blockingVerify(stored: string | undefined, password: string): Promise<boolean> {
  return Promise.resolve(scryptSync(password, 'salt', 32).toString('base64url') === stored);
}

/** How a recipe speaks to its Redis. */
type SendCommand = (...command: string[]) => Promise<unknown>;

/** Sessions as middleware in front of everything: files too wait for the store, and fail with it. */
export function sessionFirstSite(send: SendCommand): Promise<Site> {
  return bareSite(async (request, response) => {
    await send('GET', `session:${request.headers.cookie ?? ''}`);
    json(response, { ok: true });
  });
}

/** A limiter with a fixed window in Redis that takes an error for a yes, so that an outage stops nobody. */
export function failOpenLimitSite(send: SendCommand): Promise<Site> {
  return bareSite(async (request, response) => {
    await bodyOf(request);
    try {
      if (Number(await send('INCR', 'sign-ins')) > 5) response.statusCode = 429;
    } catch {
      response.setHeader('X-Limit', 'unknown');
    }
    json(response, { ok: false });
  });
}

/** A file is a picture where it begins like one. */
export function firstBytesSite(): Promise<Site> {
  return bareSite(async (request, response) => {
    const { files } = await formOf(request);
    const isPicture = files.every((file) => file.bytes.startsWith('\u0089PNG\r\n\u001a\n'));
    response.statusCode = isPicture ? 200 : 415;
    response.end();
  });
}

/** The name is checked by one reader of forms, and the file stored by another one. */
export function twoReadersSite(): Promise<Site> {
  return bareSite(async (request, response) => {
    const { files, body } = await formOf(request);
    const isChecked = files.every(({ name }) => name.endsWith('.png'));
    const headers = { 'content-type': request.headers['content-type'] ?? '' };
    const stored = isChecked ? await new Response(body, { headers }).formData() : new FormData();
    response.statusCode = stored.has('file') ? 200 : 400;
    response.end();
  });
}

interface ReadForm {
  readonly body: Buffer<ArrayBuffer>;
  readonly files: readonly { readonly name: string; readonly bytes: string }[];
}

async function formOf(request: IncomingMessage): Promise<ReadForm> {
  const body = Buffer.concat(await request.toArray());
  const files: { name: string; bytes: string }[] = [];
  const reader = busboy({ headers: request.headers });
  reader.on('file', (_field, stream, { filename = '' }) => {
    const file = { name: filename, bytes: '' };
    files.push(file);
    stream.setEncoding('latin1').on('data', (chunk: string) => (file.bytes += chunk));
  });
  reader.end(body);
  await finished(reader, { readable: false });
  return { body, files };
}
