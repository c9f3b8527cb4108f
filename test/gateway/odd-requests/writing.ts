/** How odd requests are written. */

/** One of them, byte by byte (latin1). */
export interface OddRequest {
  readonly about: string;
  readonly bytes: string;
  /** Whether the gateway may pass it on at all, in the one form that all read alike. */
  readonly mayPass: boolean;
}

/** What every request here says beside what is odd about it: nothing but its form is to speak against it. */
const COMMON = ['X-Forwarded-For: 192.0.2.1', 'X-Forwarded-Proto: https', 'Sec-Fetch-Site: same-origin'];
export const HOST = 'Host: example.com';

/** What is odd about it. */
export interface Parts {
  readonly line?: string;
  readonly host?: readonly string[];
  readonly lines?: readonly string[];
  readonly body?: string;
}

/** Its bytes. */
export function write({ line = 'GET /a HTTP/1.1', host = [HOST], lines = [], body = '' }: Parts): string {
  return [line, ...host, ...COMMON, ...lines, '', body].join('\r\n');
}

/** One that must not pass. */
export function refused(about: string, parts: Parts | string): OddRequest {
  return { about, bytes: typeof parts === 'string' ? parts : write(parts), mayPass: false };
}

/** One that may pass, told in one form. */
export function passable(about: string, parts: Parts | string): OddRequest {
  return { about, bytes: typeof parts === 'string' ? parts : write(parts), mayPass: true };
}

/** A request line with a method that brings a body. */
export const POST = 'POST /a HTTP/1.1';
/** `hi`, in chunks. */
export const CHUNKS = '2\r\nhi\r\n0\r\n\r\n';
