/**
 * Requests that two programs in a row may read differently: each difference of the parsers of Node.js, gunicorn, uwsgi, waitress,
 * uvicorn, hypercorn, granian, Werkzeug and Django, in the spellings that are left to try. They are made by rule, so that a new
 * name or sign comes in every place it can stand in. None of them does anything but be odd.
 */
import { once } from 'node:events';
import { connect } from 'node:net';
import { chunks, codings, expectations, lengths } from './bodies.ts';
import { hopByHop, hosts, names, repeated, values } from './heads.ts';
import { lineEnds, requestLines, targets, upgrades } from './lines.ts';
import type { OddRequest } from './writing.ts';

/** All of them, by what is odd. */
export function oddRequests(): Readonly<Record<string, readonly OddRequest[]>> {
  return {
    'names of headers': names(),
    'values of headers': values(),
    'headers that stand twice': repeated(),
    hosts: hosts(),
    lengths: lengths(),
    codings: codings(),
    'chunked bodies': chunks(),
    targets: targets(),
    'request lines': requestLines(),
    'line ends': lineEnds(),
    'what Connection names': hopByHop(),
    upgrades: upgrades(),
    expectations: expectations(),
  };
}

/**
 * Ends whatever is left open by what stands before it: a head, a body, a connection that would wait for another request. Not behind
 * a request that ends its connection, where Node.js takes no more, and drops what it has.
 */
const FENCE =
  'GET /fence HTTP/1.1\r\nHost: example.com\r\nX-Forwarded-Proto: https\r\nConnection: close\r\n\r\n';

const CLOSES = /\r\nconnection:(?:[^\r\n]*,)?[ \t]*close[ \t]*[,\r]|^\S+ \S+ (?:HTTP|RTSP)\/1\.0\r\n/i;

/** Sends bytes, and answers with all that comes back until the gateway closes. */
export async function say(port: number, bytes: string): Promise<string> {
  const socket = connect(port, '127.0.0.1');
  let answer = '';
  socket.on('data', (piece) => (answer += piece.toString('latin1')));
  socket.on('error', () => socket.destroy());
  socket.write(bytes + (CLOSES.test(bytes) ? '' : FENCE), 'latin1');
  await once(socket, 'close');
  return answer;
}
