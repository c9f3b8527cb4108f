/** A site under Bulwark with a log-in that hashes passwords: in a bounded queue, and as it would be without one. */
import { bulwark } from 'bulwark/node';
import { BulwarkError } from 'bulwark';
import { Passwords } from 'bulwark/passwords';
import { renderPage } from './application.ts';
import { benchPolicy } from './bulwark.ts';
import { listening } from './listening.ts';
import type { Stack } from './stack.ts';

/** As it comes. */
export const queuedLogIns: Stack = logInsOf('log-ins-queued', () => Passwords.of({}));

/** What happens without: everything that comes is hashed at once, as far as Node.js has threads. */
export const unqueuedLogIns: Stack = logInsOf('log-ins-unqueued', () =>
  Passwords.of({ concurrency: 128, waiting: 10_000 }),
);

const PASSWORD = 'correct horse battery staple';

function logInsOf(name: string, makePasswords: () => Passwords): Stack {
  return {
    name,
    framework: 'node:http',
    kind: 'bulwark',
    parts: 'bulwark/node, bulwark/passwords',
    stores: ['memory'],
    start: async (options) => {
      const passwords = makePasswords();
      const stored = await passwords.hash(PASSWORD);
      const [policy, ...cleanups] = await benchPolicy(options);
      const layer = bulwark(policy);
      const listener = layer.handler(async (request, response) => {
        if (request.method !== 'POST') {
          const { nonce, csrfToken } = bulwark.of(request);
          response.setHeader('Content-Type', 'text/html; charset=utf-8');
          response.end(renderPage({ account: undefined, nonce, token: csrfToken }));
          return;
        }
        try {
          const { ok } = await passwords.verify(stored, PASSWORD);
          response.statusCode = ok ? 200 : 401;
        } catch (error) {
          if (!(error instanceof BulwarkError && error.code === 'ERR_BULWARK_QUEUE_FULL')) throw error;
          response.writeHead(503, { 'Retry-After': '2' });
        }
        response.end();
      });
      return listening(layer.createServer(listener), () => layer.close(), ...cleanups);
    },
  };
}
