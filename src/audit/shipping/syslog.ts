/**
 * Syslog (RFC 5424) over TCP or TLS (RFC 6587, RFC 5425) with octet counting: a line break in a record can then begin no other.
 * Syslog has no receipt. A batch is a connection of its own, which is closed at its end: a receiver that closes its side in
 * turn has read all of it; one that is gone meanwhile resets it, and the batch is sent again. What one has read and not yet
 * kept when it is killed it loses, so that what went out just before a failure is sent again too: its ids tell.
 */
import { readFileSync } from 'node:fs';
import { connect, isIP, type Socket } from 'node:net';
import { hostname } from 'node:os';
import { connect as connectTls, type TLSSocket } from 'node:tls';
import type { AuditEvent } from '../audit-event.ts';
import { toCef } from './cef.ts';
import type { LogSink, ShippedRecord } from './log-sink.ts';
import { SHIPPING_CALLS } from './shipping.calls.ts';

/** A receiver of syslog. */
export interface SyslogOptions {
  /** Its name, which its certificate has to be for, or its address. */
  host: string;
  /** Default 6514, that of syslog over TLS. */
  port?: number;
  /** Default `tls`. `tcp` in clear is for a receiver on this machine, or in a network that is trusted as much. */
  transport?: 'tls' | 'tcp';
  /** Certificates that are trusted in place of the usual ones: a file in PEM. */
  ca?: string;
  /** A certificate and its key by which this side shows who it is: files in PEM. */
  cert?: string;
  /** The key of `cert`. */
  key?: string;
  /** RFC 5424 facility. Default 13, the log audit. */
  facility?: number;
  /** What a record says: the line as JSON (default), or CEF. */
  format?: 'json' | 'cef';
  /** Default `bulwark`. */
  appName?: string;
  /** Names its spool. Default `syslog`. */
  name?: string;
}

const SEVERITY = { info: 6, warn: 4, critical: 2 } as const;
/** Without anything to be heard. */
const TIMEOUT_MS = 10_000;
/** For a whole batch: a receiver that sends a byte now and then is never idle. */
const WHOLE_TIMEOUT_MS = 60_000;
/** rsyslog splits a message over 8,096 bytes, and what is left becomes records of nobody; syslog-ng ends over 64 KB. */
const MOST_BYTES = 8000;
const CUT = ' [cut]';
// RFC 5424 6: printable ASCII; a private enterprise number is not needed for a name without an at sign that is ours alone.
const NOT_IN_HEADER = /[^\x21-\x7e]/g;
const SD_ID = 'bulwark@32473';

/** Sends records as syslog. */
export function syslog(options: SyslogOptions): LogSink {
  SHIPPING_CALLS.syslog(options);
  const {
    host,
    port = 6514,
    transport = 'tls',
    facility = 13,
    format = 'json',
    appName = 'bulwark',
  } = options;
  const files = [options.ca, options.cert, options.key].map((path) =>
    path === undefined ? undefined : readFileSync(path),
  );
  const [ca, cert, key] = files;
  const secure = {
    host,
    port,
    // An address is no server name (RFC 6066 3); the certificate is held against it in any case.
    ...(isIP(host) === 0 && { servername: host }),
    ...(ca && { ca }),
    ...(cert && { cert }),
    ...(key && { key }),
  };
  const from = { facility, format, host: headerWord(hostname(), 255), appName: headerWord(appName, 48) };
  const recent = new Recent();
  return {
    name: options.name ?? 'syslog',
    send: async (records) => {
      const bytes = Buffer.concat(records.map((record) => frame(record, from)));
      try {
        const socket = transport === 'tls' ? connectTls(secure) : connect({ host, port });
        await deliver(socket, Buffer.concat([...recent.doubtful, bytes]));
      } catch (error) {
        recent.doubt();
        throw error;
      }
      recent.add(bytes);
    },
  };
}

const DOUBTFUL_MS = 5000;
const MOST_DOUBTFUL_BYTES = 4_194_304;

/** What was sent a moment ago. */
class Recent {
  /** What is sent again, since the receiver failed soon after it. */
  doubtful: readonly Buffer[] = [];
  #sent: { readonly at: number; readonly bytes: Buffer }[] = [];

  add(bytes: Buffer): void {
    this.doubtful = [];
    this.#sent.push({ at: performance.now(), bytes });
    let size = this.#sent.reduce((sum, one) => sum + one.bytes.byteLength, 0);
    while (size > MOST_DOUBTFUL_BYTES) size -= this.#sent.shift()?.bytes.byteLength ?? size;
  }

  doubt(): void {
    const since = performance.now() - DOUBTFUL_MS;
    const again = this.#sent.filter(({ at }) => at > since).map(({ bytes }) => bytes);
    if (this.#sent.length > 0) this.doubtful = [...this.doubtful, ...again];
    this.#sent = [];
  }
}

interface Origin {
  readonly facility: number;
  readonly format: 'json' | 'cef';
  readonly host: string;
  readonly appName: string;
}

/** A record with its length in front. */
export function frame({ id, line, event }: ShippedRecord, from: Origin): Buffer {
  const text = messageOf(id, line, event, from);
  return Buffer.concat([Buffer.from(`${text.byteLength} `), text]);
}

function messageOf(
  id: string,
  line: string,
  event: AuditEvent,
  { facility, format, host, appName }: Origin,
): Buffer {
  const priority = facility * 8 + SEVERITY[event.level];
  const time = /^\d{4}-\d\d-\d\dT[\d:.]{8,15}Z$/.test(event.time) ? event.time : '-';
  const data = `[${SD_ID} id="${sdValue(id)}" event="${sdValue(event.event)}"]`;
  const head = `<${priority}>1 ${time} ${host} ${appName} ${process.pid} ${headerWord(event.event, 32)} ${data} `;
  const body = Buffer.from(format === 'cef' ? toCef(id, event) : line);
  const room = MOST_BYTES - Buffer.byteLength(head);
  if (body.byteLength <= room) return Buffer.concat([Buffer.from(head), body]);
  // In whole characters: half of one is no UTF-8, which receivers mend each in its own way.
  let end = room - CUT.length;
  while (((body[end] ?? 0) & 0xc0) === 0x80) end -= 1;
  return Buffer.concat([Buffer.from(head), body.subarray(0, end), Buffer.from(CUT)]);
}

function headerWord(text: string, most: number): string {
  return text.replaceAll(NOT_IN_HEADER, '_').slice(0, most) || '-';
}

function sdValue(text: string): string {
  return text
    .replaceAll(/[^\x20-\x7e]/g, '_')
    .replaceAll(/["\\\]]/g, '\\$&')
    .slice(0, 200);
}

/** Writes everything, closes this side, and waits for the other to close its. */
async function deliver(socket: Socket | TLSSocket, bytes: Buffer): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  let hasEnded = false;
  const late = setTimeout(() => socket.destroy(new Error('ETIMEDOUT')), WHOLE_TIMEOUT_MS);
  socket.setTimeout(TIMEOUT_MS, () => socket.destroy(new Error('ETIMEDOUT')));
  socket.once(socket instanceof Object && 'encrypted' in socket ? 'secureConnect' : 'connect', () => {
    socket.end(bytes);
  });
  socket.on('data', () => undefined);
  socket.once('end', () => {
    hasEnded = socket.writableFinished;
  });
  socket.once('error', reject);
  socket.once('close', () => {
    clearTimeout(late);
    if (hasEnded) resolve();
    else reject(Object.assign(new Error('the receiver closed before it had all'), { code: 'ECONNRESET' }));
  });
  await promise;
}
