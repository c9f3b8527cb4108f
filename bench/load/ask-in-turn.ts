/** Load that ends after so many answers, where wrk ends after a time: what is counted has to be the same work each time. */
import { connect } from 'node:net';
import { NAVIGATION_HEADERS, proxyHeaders } from '../checks/browser.ts';

const CONNECTIONS = 16;

/**
 * Asks for a page so many times, over connections that each ask again as soon as they are answered.
 *
 * @throws Error where an answer is none with status 200, or breaks off
 */
export async function askInTurn(port: number, cookie: string, times: number): Promise<void> {
  const headers = { ...proxyHeaders(), ...NAVIGATION_HEADERS, Cookie: cookie };
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`);
  const head = `GET / HTTP/1.1\r\n${lines.join('')}\r\n`;
  let left = times;
  const take = (): boolean => {
    left -= 1;
    return left >= 0;
  };
  await Promise.all(Array.from({ length: CONNECTIONS }, () => askAll(port, head, take)));
}

/** A server that stands still for seconds, as one that is counted does, takes a connection for idle whose request has come. */
const MOST_CONNECTIONS = 20;

async function askAll(port: number, head: string, take: () => boolean): Promise<void> {
  let isOpen = take();
  for (let times = 0; isOpen && times < MOST_CONNECTIONS; times += 1)
    isOpen = await askOver(port, head, take);
  if (isOpen) throw new Error(`${MOST_CONNECTIONS} connections were closed before an answer`);
}

/** @returns whether it ended with a request that was not answered */
function askOver(port: number, head: string, take: () => boolean): Promise<boolean> {
  const { promise, resolve, reject } = Promise.withResolvers<boolean>();
  const socket = connect(port, '127.0.0.1');
  let came = '';
  let done = false;
  const ask = (): void => {
    came = '';
    done = !take();
    if (done) socket.destroy();
    else socket.write(head);
  };
  socket.setEncoding('latin1');
  socket.on('connect', () => socket.write(head));
  socket.on('data', (chunk: string) => {
    came += chunk;
    if (!'HTTP/1.1 200'.startsWith(came.slice(0, 12)))
      socket.destroy(new Error(`answered with ${came.split('\r\n')[0] ?? ''}`));
    else if (isWhole(came)) ask();
  });
  let failure: Error | undefined;
  socket.on('error', (error) => {
    failure = error;
  });
  socket.on('close', () => {
    if (done || came === '') resolve(!done);
    else reject(failure ?? new Error(`no whole answer: ${came.slice(0, 200)}`));
  });
  return promise;
}

function isWhole(answer: string): boolean {
  const end = answer.indexOf('\r\n\r\n');
  if (end < 0) return false;
  const length = /^content-length: (\d+)$/im.exec(answer.slice(0, end))?.[1];
  return length === undefined ? answer.endsWith('\r\n0\r\n\r\n') : answer.length >= end + 4 + Number(length);
}
