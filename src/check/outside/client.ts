/**
 * Asks one site over HTTP(S), as exactly as a rule wants it, and never anything else: no other origin, no redirect, a
 * bounded number of requests, each with a deadline and an answer that is cut where it is long.
 */
import { type IncomingMessage, request as requestHttp, type RequestOptions } from 'node:http';
import { request as requestHttps } from 'node:https';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Answer, type Probe, headerOf, PAGE_HEADERS } from '../../core/answer.ts';
import type { Handshake, HandshakeOffer } from '../../core/handshake.ts';
import { NoAnswer, NothingListens, NotSeen } from '../../core/rule.ts';
import { shakeHands } from './handshake.ts';
import { behind } from './preface.ts';
import { unpack } from './unpack.ts';

/** Where to connect, whatever DNS says. */
export interface ConnectTo {
  readonly host: string;
  readonly port: number;
}

/** One address of the site. */
export interface Face {
  readonly origin: URL;
  readonly connectTo: ConnectTo | undefined;
}

/** What a client may spend. */
export interface Limits {
  /** Requests in all. */
  readonly requests: number;
  /** At the same time. */
  readonly parallel: number;
  /** For one request, from its first byte to the last of its answer. */
  readonly timeoutMs: number;
  /** Of one answer; the rest is not read. */
  readonly bodyBytes: number;
  /** Requests that may begin within a second: a check is no flood. */
  readonly perSecond: number;
  /** Of the whole run: past it, nothing more is sent. */
  readonly totalMs: number;
}

const USER_AGENT = 'bulwark-check (a security check, run by whoever is responsible for this site)';
const MOST_HEADER_BYTES = 65_536;
/** Error codes that name what is wrong; all others are shown as they are. */
const REASONS: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'nothing listens there',
  ENOTFOUND: 'the name is unknown',
  ECONNRESET: 'the connection was cut',
  HPE_HEADER_OVERFLOW: `its headers are longer than ${MOST_HEADER_BYTES} bytes`,
};

function noAnswer(what: string, code: string): NotSeen {
  const Kind = code === 'ECONNREFUSED' ? NothingListens : NoAnswer;
  return new Kind(`${what}: no answer (${REASONS[code] ?? code})`);
}

/** Sends requests to one site. */
export class Client {
  readonly #main: Face;
  readonly #plain: Face | undefined;
  readonly #limits: Limits;
  readonly #ca: string | Buffer | undefined;
  readonly #target: string;
  readonly #waiting: (() => void)[] = [];
  #running = 0;
  #sent = 0;
  #limited = 0;
  readonly #began = performance.now();
  #next = 0;

  constructor(
    faces: { readonly main: Face; readonly plain: Face | undefined },
    target: string,
    limits: Limits,
    ca?: string | Buffer,
  ) {
    this.#main = faces.main;
    this.#plain = faces.plain;
    this.#target = target;
    this.#limits = limits;
    this.#ca = ca;
  }

  /** Requests so far. */
  get sent(): number {
    return this.#sent;
  }

  /** How many of them were refused since too much was asked, and ended a rule by that. */
  get limited(): number {
    return this.#limited;
  }

  /**
   * Sends one request.
   *
   * @throws NotSeen where no answer came, a limit was met, or there is no plain http to ask
   */
  async send(probe: Probe, cookie?: string): Promise<Answer> {
    const face = probe.plain === true ? this.#plain : this.#main;
    if (face === undefined) {
      throw new NotSeen('no address over plain http is known: hand it over (plain)');
    }
    if (this.#sent >= this.#limits.requests) {
      throw new NotSeen(`${this.#limits.requests} requests were sent, which is the bound of a run`);
    }
    if (performance.now() - this.#began > this.#limits.totalMs) {
      throw new NotSeen(`${this.#limits.totalMs / 1000} seconds are over, which is the bound of a run`);
    }
    this.#sent += 1;
    await this.#turn();
    try {
      await this.#pace();
      const answer = await this.#exchange(face, probe, cookie);
      if (!isLimited(answer) || probe.limited === true) return answer;
      this.#limited += 1;
      throw new NotSeen(
        `the site answered ${answer.status}, since too much was asked of it: run it again later, or from an address that is let through`,
      );
    } finally {
      this.#running -= 1;
      this.#waiting.shift()?.();
    }
  }

  /** One handshake with the main address. Counts as a request. */
  async handshake(offer: HandshakeOffer): Promise<Handshake> {
    if (this.#sent >= this.#limits.requests) throw new NotSeen('the bound of a run was met');
    this.#sent += 1;
    await this.#turn();
    try {
      await this.#pace();
      return await shakeHands(this.#main, offer, this.#limits.timeoutMs, this.#ca);
    } finally {
      this.#running -= 1;
      this.#waiting.shift()?.();
    }
  }

  async #pace(): Promise<void> {
    const now = performance.now();
    const at = Math.max(now, this.#next);
    this.#next = at + 1000 / this.#limits.perSecond;
    if (at - now >= 1) await sleep(at - now);
  }

  async #turn(): Promise<void> {
    while (this.#running >= this.#limits.parallel) {
      await new Promise<void>((resolve) => {
        this.#waiting.push(resolve);
      });
    }
    this.#running += 1;
  }

  #exchange(face: Face, probe: Probe, cookie: string | undefined): Promise<Answer> {
    const { method = 'GET', target = this.#target, body } = probe;
    const url = `${face.origin.origin}${target}`;
    const { promise, resolve, reject } = Promise.withResolvers<Answer>();
    const failed = (code: string): void => reject(noAnswer(`${method} ${url}`, code));
    const send = face.origin.protocol === 'https:' ? requestHttps : requestHttp;
    let sending: ReturnType<typeof send>;
    try {
      const address = this.#addressOf(face);
      sending = send({
        ...(probe.preface === undefined ? address : behind(probe.preface, address, send === requestHttps)),
        method,
        path: target,
        headers: headersOf(face, probe, cookie),
      });
    } catch (error) {
      // A target or header that Node.js does not send.
      failed(codeOf(error));
      return promise;
    }
    const timer = setTimeout(() => {
      failed(`not within ${this.#limits.timeoutMs} ms`);
      sending.destroy();
    }, this.#limits.timeoutMs);
    let early = false;
    const done = (response: IncomingMessage, bytes: Buffer): void => {
      const { statusCode = 0, rawHeaders } = response;
      const text = unpack(bytes, response.headers['content-encoding'], this.#limits.bodyBytes);
      resolve({ method, url, status: statusCode, rawHeaders, body: text, ...(early && { early }) });
      sending.destroy();
    };
    sending.on('error', (error) => failed(codeOf(error)));
    sending.on('upgrade', (response, socket) => {
      socket.destroy();
      done(response, Buffer.alloc(0));
    });
    sending.on('response', (response) => {
      early = !sending.writableFinished;
      this.#read(response, done, failed);
    });
    sending.end(body);
    return promise.finally(() => clearTimeout(timer));
  }

  #read(
    response: IncomingMessage,
    done: (response: IncomingMessage, bytes: Buffer) => void,
    failed: (code: string) => void,
  ): void {
    const chunks: Buffer[] = [];
    let length = 0;
    const whole = (): void => done(response, Buffer.concat(chunks).subarray(0, this.#limits.bodyBytes));
    response.on('data', (chunk: Buffer) => {
      chunks.push(chunk);
      length += chunk.length;
      if (length >= this.#limits.bodyBytes) whole();
    });
    response.on('end', whole);
    // A body that breaks off has shown its head all the same.
    response.on('error', (error) => (length > 0 ? whole() : failed(codeOf(error))));
    response.on('aborted', whole);
  }

  #addressOf({ origin, connectTo }: Face): RequestOptions & { servername?: string; ca?: string | Buffer } {
    const secure = origin.protocol === 'https:';
    const hostname = origin.hostname.replace(/^\[|\]$/g, '');
    return {
      host: connectTo?.host ?? hostname,
      port: connectTo?.port ?? (origin.port === '' ? (secure ? 443 : 80) : Number(origin.port)),
      agent: false,
      setHost: false,
      maxHeaderSize: MOST_HEADER_BYTES,
      // An address is no name that a server can be told of (RFC 6066 3).
      ...(secure && !/^[\d.]+$|:/.test(hostname) && { servername: hostname }),
      ...(secure && this.#ca !== undefined && { ca: this.#ca }),
    };
  }
}

/** Being asked to come back later says nothing of what a rule is about, and must not pass for a refusal of it. */
function isLimited(answer: Answer): boolean {
  return answer.status === 429 || (answer.status === 503 && headerOf(answer, 'retry-after') !== undefined);
}

function headersOf(face: Face, probe: Probe, cookie: string | undefined): Record<string, string> {
  const headers: Record<string, string> = {
    host: face.origin.host,
    'user-agent': USER_AGENT,
    ...PAGE_HEADERS,
    'accept-encoding': 'identity',
    connection: 'close',
  };
  if (cookie !== undefined && cookie !== '') headers['cookie'] = cookie;
  // A body in chunks does not say how long it is: both at once would be a request that two readers read differently.
  if (probe.body !== undefined && probe.headers?.['transfer-encoding'] === undefined) {
    headers['content-length'] = String(Buffer.byteLength(probe.body));
  }
  return { ...headers, ...probe.headers };
}

function codeOf(error: unknown): string {
  const { code, message } = error as { code?: string; message?: string };
  return code ?? message ?? String(error);
}
