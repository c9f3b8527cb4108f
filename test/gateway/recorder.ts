/** What stands behind the gateway and keeps every byte that it is sent, and the one reading that those bytes may have. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import type { TestContext } from 'node:test';
import type { AuditEvent } from '../../src/audit/audit-event.ts';
import type { Exchange } from '../../src/core/exchange.ts';
import { createGateway, type Gateway } from '../../src/gateway/gateway.ts';
import type { GatewayOptions } from '../../src/gateway/options/gateway.options.ts';
import type { PolicyOptions } from '../../src/policy/policy.ts';
import { testPolicy } from '../hosts/hosts.ts';

/** A gateway in this process, and what it judged. */
export interface WatchedGateway {
  readonly port: number;
  readonly gateway: Gateway;
  readonly events: readonly AuditEvent[];
  /** The requests that every guard let pass, as the guards saw them. */
  readonly judged: Exchange[];
}

/** A gateway before something on a port, which is stopped with the test. */
export async function watchedGateway(
  t: TestContext,
  upstreamPort: number,
  options: Omit<GatewayOptions, 'upstream'> = {},
  policy: PolicyOptions = {},
): Promise<WatchedGateway> {
  const events: AuditEvent[] = [];
  const judged: Exchange[] = [];
  const watch = (exchange: Exchange): undefined => {
    judged.push(exchange);
  };
  const gateway = createGateway(
    testPolicy(events, {
      rateLimit: { perClient: '100000/minute' },
      guards: [{ after: 'body', guard: { name: 'watch', mode: 'enforce', onRequest: watch } }],
      ...policy,
    }),
    { upstream: `http://127.0.0.1:${upstreamPort}`, ...options },
  );
  gateway.server.listen(0, '127.0.0.1');
  await once(gateway.server, 'listening');
  t.after(async () => {
    gateway.server.closeAllConnections();
    gateway.server.close();
    await gateway.close();
  });
  return { port: (gateway.server.address() as AddressInfo).port, gateway, events, judged };
}

/** A server that keeps what comes, one text for each connection. */
export interface Recorder {
  readonly port: number;
  readonly connections: string[];
}

/** Answers each connection in the same way, once a request with all that it declares has come. */
export async function record(
  t: TestContext,
  answer = 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\nok',
): Promise<Recorder> {
  const connections: string[] = [];
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    const number = connections.push('') - 1;
    let isAnswered = false;
    socket.on('error', () => socket.destroy());
    socket.on('data', (bytes) => {
      const all = (connections[number] ?? '') + bytes.toString('latin1');
      connections[number] = all;
      if (isAnswered || !isWhole(all)) return;
      isAnswered = true;
      socket.end(answer, 'latin1');
    });
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.after(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  return { port: (server.address() as AddressInfo).port, connections };
}

function isWhole(text: string): boolean {
  const end = text.indexOf('\r\n\r\n');
  if (end === -1) return false;
  const length = /\r\ncontent-length: (\d+)\r\n/i.exec(text)?.[1];
  return text.length >= end + 4 + Number(length ?? 0);
}

/** A request in the one form that all servers read alike. */
export interface OneReading {
  readonly method: string;
  readonly target: string;
  /** By lower-case name. No name stands twice. */
  readonly headers: ReadonlyMap<string, string>;
  readonly body: string;
}

const REQUEST_LINE = /^([A-Z][A-Z-]*) (\/[^"<>\\^`{}\s\u0000-\u0020\u007f-\u00ff]*|\*) HTTP\/1\.1$/;
/** No space before the colon, one behind it, none at the end, no control character, no fold. */
const FIELD_LINE = /^([A-Za-z\d-]+): (|[!-~\u0080-\u00ff](?:[\t !-~\u0080-\u00ff]*[!-~\u0080-\u00ff])?)$/;
/** What belongs to one connection, or says a second time where a body ends. */
const NEVER_FORWARDED = [
  'transfer-encoding',
  'te',
  'trailer',
  'expect',
  'keep-alive',
  'proxy-connection',
  'proxy-authorization',
  'http2-settings',
  'proxy',
];

/** Reads what came on a connection, and fails where any reader could take it for something else. */
export function readOnce(bytes: string): OneReading {
  const shown = JSON.stringify(bytes.slice(0, 2_000));
  const end = bytes.indexOf('\r\n\r\n');
  assert.notEqual(end, -1, `a head without an end: ${shown}`);
  const [requestLine = '', ...lines] = bytes.slice(0, end).split('\r\n');
  const [, method = '', target = ''] =
    REQUEST_LINE.exec(requestLine) ?? assert.fail(`request line: ${shown}`);
  const headers = new Map<string, string>();
  for (const line of lines) {
    const [, name = '', value = ''] =
      FIELD_LINE.exec(line) ?? assert.fail(`field line: ${JSON.stringify(line)}`);
    const lower = name.toLowerCase();
    assert.ok(!headers.has(lower), `${lower} stands twice: ${shown}`);
    headers.set(lower, value);
  }
  for (const name of NEVER_FORWARDED) assert.ok(!headers.has(name), `${name}: ${shown}`);
  assert.ok(headers.has('host'), `no Host: ${shown}`);
  assertOnePath(target);
  const body = bytes.slice(end + 4);
  assert.equal(body.length, Number(headers.get('content-length') ?? 0), `the length of the body: ${shown}`);
  if (headers.has('upgrade')) assert.equal(headers.get('upgrade'), 'websocket');
  return { method, target, headers, body };
}

/** No dot segment, no second slash, no separator or control in disguise, and no letter that is written in two ways. */
function assertOnePath(target: string): void {
  const path = target.split('?')[0] ?? '';
  assert.ok(!/\/\/|\\|#/.test(path), target);
  assert.ok(!/%(?:2f|5c|[01].|7f)/i.test(path), target);
  assert.ok(!/%(?:2[de]|5f|7e|3\d|4[1-9a-f]|5[\da]|6[1-9a-f]|7[\da])/i.test(path), target);
  assert.ok(!path.split('/').some((segment) => /^\.{1,2}$/.test(decodeURIComponent(segment))), target);
}
