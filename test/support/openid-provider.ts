/**
 * A provider of OpenID Connect that is honest until a test changes what it says: on 127.0.0.1, with keys of its own. People
 * are signed in at once, as its `person`.
 */
import assert from 'node:assert/strict';
import { createHmac, generateKeyPairSync, hash, type KeyObject, randomUUID, sign } from 'node:crypto';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** What a test has it answer instead, by path. */
export type Answer = (request: IncomingMessage, response: ServerResponse) => void;

/** A request that came. */
export interface Asked {
  readonly method: string;
  readonly path: string;
  readonly authorization: string | undefined;
  readonly form: Readonly<Record<string, string>>;
}

interface Code {
  readonly redirectUri: string;
  readonly challenge: string;
  readonly nonce: string;
}

export const CLIENT_ID = 'strongroom';
export const CLIENT_SECRET = 'a secret of 24 letters:+%';

export class OpenIdProvider {
  readonly issuer: string;
  readonly asked: Asked[] = [];
  /** Instead of what it would answer. */
  readonly answers: Map<string, Answer> = new Map();
  /** Over what it would say of itself. */
  metadata: Readonly<Record<string, unknown>> = {};
  /** Over the claims of its ID tokens; undefined takes one away. */
  claims: Readonly<Record<string, unknown>> = {};
  /** Over the header of its ID tokens. */
  header: Readonly<Record<string, unknown>> = {};
  /** How ID tokens are signed. */
  signature: 'own' | 'none' | 'client-secret' | 'public-key' | 'stranger' = 'own';
  /** Over the parameters that people come back with. */
  callback: Readonly<Record<string, string | undefined>> = {};
  readonly #server: Server;
  readonly #keys = generateKeyPairSync('rsa', { modulusLength: 2048 });
  readonly #codes = new Map<string, Code>();

  private constructor(server: Server) {
    this.#server = server;
    this.issuer = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  }

  static async start(): Promise<OpenIdProvider> {
    const server = createServer();
    await new Promise<void>((resolve) => {
      server.listen(0, '127.0.0.1', resolve);
    });
    const provider = new OpenIdProvider(server);
    server.on('request', (request, response) => void provider.#handle(request, response));
    return provider;
  }

  stop(): void {
    this.#server.close();
    this.#server.closeAllConnections();
  }

  /** Forgets what a test changed. */
  reset(): void {
    this.answers.clear();
    this.metadata = {};
    this.claims = {};
    this.header = {};
    this.signature = 'own';
    this.callback = {};
    this.asked.length = 0;
  }

  /** Signs a person in, as their browser would: where it is sent back to. */
  async authorize(url: string): Promise<string> {
    const response = await fetch(url, { redirect: 'manual' });
    await response.body?.cancel();
    const location = response.headers.get('location');
    assert.ok(location !== null, `sent nowhere: ${response.status}`);
    return location;
  }

  /** The paths that were asked for. */
  get paths(): readonly string[] {
    return this.asked.map(({ path }) => path);
  }

  async #handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = new URL(request.url ?? '/', this.issuer);
    let body = '';
    for await (const chunk of request) body += String(chunk);
    const form = Object.fromEntries(new URLSearchParams(body));
    const { authorization } = request.headers;
    this.asked.push({ method: request.method ?? '', path: url.pathname, authorization, form });
    const other = this.answers.get(url.pathname);
    if (other !== undefined) return other(request, response);
    if (url.pathname === '/authorize') return this.#authorize(url.searchParams, response);
    if (url.pathname === '/token') return this.#token(form, authorization, response);
    if (url.pathname === '/.well-known/openid-configuration') return json(response, this.#describe());
    if (url.pathname === '/keys') return json(response, { keys: [this.#publicKey()] });
    if (url.pathname === '/userinfo') return json(response, { sub: 'ann' });
    response.writeHead(404).end();
  }

  #describe(): object {
    return {
      issuer: this.issuer,
      authorization_endpoint: `${this.issuer}/authorize`,
      token_endpoint: `${this.issuer}/token`,
      jwks_uri: `${this.issuer}/keys`,
      response_types_supported: ['code'],
      subject_types_supported: ['public'],
      id_token_signing_alg_values_supported: ['RS256'],
      authorization_response_iss_parameter_supported: true,
      ...this.metadata,
    };
  }

  #authorize(query: URLSearchParams, response: ServerResponse): void {
    const read = (name: string): string => query.get(name) ?? '';
    assert.equal(read('response_type'), 'code');
    assert.equal(read('client_id'), CLIENT_ID);
    assert.equal(read('code_challenge_method'), 'S256');
    const code = randomUUID();
    const nonce = read('nonce');
    this.#codes.set(code, { redirectUri: read('redirect_uri'), challenge: read('code_challenge'), nonce });
    const back = new URL(read('redirect_uri'));
    const parameters = { code, state: read('state'), iss: this.issuer, ...this.callback };
    for (const [name, value] of Object.entries(parameters)) {
      if (value !== undefined) back.searchParams.append(name, value);
    }
    response.writeHead(302, { location: back.href }).end();
  }

  #token(form: Asked['form'], authorization: string | undefined, response: ServerResponse): void {
    if (!isClient(form, authorization)) {
      json(response, { error: 'invalid_client' }, 401);
      return;
    }
    const code = this.#codes.get(form['code'] ?? '');
    this.#codes.delete(form['code'] ?? '');
    const verified =
      code?.redirectUri === form['redirect_uri'] &&
      code?.challenge === hash('sha256', form['code_verifier'] ?? '', 'base64url');
    if (code === undefined || !verified) {
      json(response, { error: 'invalid_grant' }, 400);
      return;
    }
    const now = Math.floor(Date.now() / 1000);
    const claims = {
      iss: this.issuer,
      sub: 'ann',
      aud: CLIENT_ID,
      iat: now,
      exp: now + 300,
      nonce: code.nonce,
      email: 'ann@example.com',
      email_verified: true,
      name: 'Ann',
      ...this.claims,
    };
    json(response, { access_token: 'opaque', token_type: 'Bearer', id_token: this.#sign(claims) });
  }

  #sign(claims: object): string {
    const header = { alg: 'RS256', kid: 'one', ...this.header };
    const input = [header, claims].map((part) => encode(JSON.stringify(part))).join('.');
    return `${input}.${this.#signatureOf(input)}`;
  }

  #signatureOf(input: string): string {
    const { publicKey, privateKey } = this.#keys;
    const stranger = (): KeyObject => generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey;
    switch (this.signature) {
      case 'none':
        return '';
      case 'client-secret':
        return createHmac('sha256', CLIENT_SECRET).update(input).digest('base64url');
      case 'public-key':
        return createHmac('sha256', publicKey.export({ type: 'spki', format: 'pem' }))
          .update(input)
          .digest('base64url');
      case 'own':
        return sign('sha256', Buffer.from(input), privateKey).toString('base64url');
      case 'stranger':
        return sign('sha256', Buffer.from(input), stranger()).toString('base64url');
    }
  }

  #publicKey(): object {
    return { ...this.#keys.publicKey.export({ format: 'jwk' }), kid: 'one', use: 'sig', alg: 'RS256' };
  }
}

/** RFC 6749 2.3.1: each part is form-encoded before it is put together. */
function isClient(form: Asked['form'], authorization: string | undefined): boolean {
  if (authorization === undefined) {
    return form['client_id'] === CLIENT_ID && form['client_secret'] === CLIENT_SECRET;
  }
  const [id = '', secret = ''] = Buffer.from(authorization.slice('Basic '.length), 'base64')
    .toString()
    .split(':');
  const decode = (text: string): string => decodeURIComponent(text.replaceAll('+', ' '));
  return decode(id) === CLIENT_ID && decode(secret) === CLIENT_SECRET;
}

function encode(text: string): string {
  return Buffer.from(text).toString('base64url');
}

/** Answers with JSON. */
export function json(response: ServerResponse, value: unknown, status = 200): void {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(value));
}
