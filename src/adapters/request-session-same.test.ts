/** `req.session` by the layer: the same program answers the same as by express-session. */
import assert from 'node:assert/strict';
import { Readable } from 'node:stream';
import { describe, test } from 'node:test';
import type { RequestHandler } from 'express';
import session from 'express-session';
import { type Act, sessionOf, site, type Visitor } from '../../test/support/request-session-site.ts';
import { requestSession } from './request-session.ts';

/** What Node.js said to changes of a head that has left. */
let refused: unknown[] = [];

/** As it is said of each. */
function tryAll(...changes: readonly (() => unknown)[]): void {
  refused = changes.map((change) => {
    try {
      change();
      return 'none';
    } catch (error) {
      return (error as { code?: unknown }).code;
    }
  });
}

/** Programs, and what is asked of each in turn. */
const SAME: Readonly<Record<string, { acts: Record<string, Act>; asked: readonly string[] }>> = {
  'what was changed where it lies': {
    acts: {
      add: (kept, response) => {
        ((kept['cart'] ??= []) as number[]).push(1);
        response.redirect('/show');
      },
      show: (kept, response) => response.json(kept['cart'] ?? 'none'),
    },
    asked: ['/show', '/add', '/add', '/show'],
  },
  'a change behind the call that sends, in the same turn': {
    acts: {
      late: (kept, response) => {
        kept['a'] = { n: 1 };
        response.json(kept['a']);
      },
      show: (kept, response) => response.json(kept),
      drop: (kept, response) => {
        delete kept['a'];
        response.end('dropped');
      },
    },
    asked: ['/late', '/show', '/drop', '/show'],
  },
  'an answer in pieces, and what changed before the last one': {
    acts: {
      pieces: (kept, response) => {
        kept['a'] = 1;
        response.writeHead(200, { 'Content-Type': 'text/plain' });
        response.write('one ');
        setImmediate(() => {
          kept['a'] = 2;
          response.write('two ');
          response.end('three');
        });
      },
      show: (kept, response) => response.json(kept),
    },
    asked: ['/pieces', '/show', '/pieces', '/show'],
  },
  'regenerate, which empties, and save': {
    acts: {
      keep: (kept, response) => {
        kept['cart'] = 'x';
        response.end('kept');
      },
      in: (kept, response, request) => {
        kept.regenerate((error) => {
          const anew = sessionOf(request);
          anew['user'] = 'ann';
          anew.save((failed) =>
            response.json([error ?? null, failed ?? null, Object.keys(kept), anew['user']]),
          );
        });
      },
      show: (kept, response) => response.json(kept),
    },
    asked: ['/keep', '/in', '/show'],
  },
  'destroy, with a callback and without, and what is left': {
    acts: {
      keep: (kept, response) => {
        kept['a'] = 1;
        response.end('kept');
      },
      out: (_kept, response, request) => {
        const own = sessionOf(request);
        own.destroy();
        response.json([own['a'] ?? null, sessionOf(request) === undefined]);
      },
      gone: (kept, response) => {
        kept.destroy((error) => response.json([error ?? null]));
      },
      show: (kept, response) => response.json(kept),
    },
    asked: ['/keep', '/out', '/show', '/keep', '/gone', '/show'],
  },
  'who looks whether it was sent, and a stream, behind a change': {
    acts: {
      twice: (kept, response) => {
        kept['a'] = 1;
        response.write('first');
        response.end(response.headersSent ? ' and sent' : '');
      },
      piped: (kept, response) => {
        kept['a'] = 2;
        Readable.from(['one ', 'two ', 'three'], { objectMode: false }).pipe(response);
      },
      show: (kept, response) => response.json(kept),
    },
    asked: ['/twice', '/show', '/piped', '/show'],
  },
  'a second answer behind the first, and what changes a head': {
    acts: {
      guard: (kept, response) => {
        kept['returnTo'] = '/guard';
        response.redirect('/login');
        tryAll(() => response.send('a page that only members see '.repeat(20)));
      },
      head: (kept, response) => {
        kept['a'] = 1;
        response.status(403).send('no');
        response.status(200);
        response.statusMessage = 'Yes';
        tryAll(
          () => response.setHeader('Location', '/x'),
          () => response.setHeaders(new Map([['Location', '/x']])),
          () => response.appendHeader('Location', '/x'),
          () => {
            response.removeHeader('Content-Length');
          },
          () => response.writeHead(200),
          () => response.cookie('late', '1'),
        );
      },
      refused: (_kept, response) => response.json(refused),
    },
    asked: ['/head', '/refused', '/guard', '/refused'],
  },
  'a stream to a visitor whose first value comes behind the head': {
    acts: {
      stream: (kept, response) => {
        response.write('one ');
        setImmediate(() => {
          kept['seen'] = 1;
          response.end('two');
        });
      },
      events: (kept, response) => {
        response.writeHead(200, { 'Content-Type': 'text/event-stream' });
        response.write('data: 1\n\n');
        setImmediate(() => {
          kept['seen'] = 1;
          response.write('data: 2\n\n');
          response.end();
        });
      },
      show: (kept, response) => response.json(kept),
    },
    asked: ['/stream', '/show', '/events', '/show'],
  },
  'regenerate, which ends the old one wherever its answer is': {
    acts: {
      in: (kept, response) => {
        kept['user'] = 'ann';
        response.end('in');
      },
      sent: (kept, response) => {
        response.end('bye');
        kept.regenerate(() => undefined);
      },
      none: (kept, response, request) => {
        kept.regenerate(() => {
          Object.assign(request, { session: null });
          response.end('none');
        });
      },
      never: (kept, _response, request) => {
        kept.regenerate(() => request.socket.destroy());
      },
      refused: (kept, response) => {
        kept.regenerate(() => response.status(400).end('refused'));
      },
      show: (kept, response) => response.json(kept),
    },
    asked: ['sent', 'none', 'never', 'refused'].flatMap((name) => ['new /in', `old /${name}`, '/show']),
  },
  'regenerate, and what another request wrote under the old id meanwhile': {
    acts: {
      keep: (kept, response) => {
        kept['cart'] = 'x';
        response.end('kept');
      },
      in: async (kept, response, request) => {
        // As another tab, while this one looked up a password.
        const { port } = request.socket.address() as { readonly port: number };
        const headers = { cookie: request.headers.cookie ?? '' };
        await (await fetch(`http://127.0.0.1:${port}/plant`, { headers })).text();
        kept.regenerate(() => {
          sessionOf(request)['user'] = 'ann';
          response.end('in');
        });
      },
      plant: (kept, response) => {
        kept['pending'] = 'mallory';
        response.end('planted');
      },
      show: (kept, response) => response.json(kept),
    },
    asked: ['/keep', '/in', '/show'],
  },
  'values as they come back: a Date is a text': {
    acts: {
      keep: (kept, response) => {
        kept['at'] = new Date(0);
        kept['none'] = undefined;
        response.end();
      },
      show: (kept, response) => response.json([typeof kept['at'], Object.keys(kept).includes('none')]),
    },
    asked: ['/keep', '/show'],
  },
};

/** `old /out`: whoever has the cookie keeps it, whatever the answer says. `new /in`: nobody has one. */
async function askAs(visitor: Visitor, asked: string): Promise<string> {
  const [path = '', who] = asked.split(' ').toReversed();
  if (who === 'new') visitor.cookie = '';
  const { cookie } = visitor;
  const answer = await visitor.get(path).catch(() => 'no answer');
  if (who === 'old') visitor.cookie = cookie;
  return answer;
}

describe('answers as by express-session', () => {
  for (const [name, { acts, asked }] of Object.entries(SAME))
    test(name, async (t) => {
      const said: string[][] = [];
      const theirs = session({ secret: 'made up for this test', resave: false, saveUninitialized: false });
      for (const middleware of [theirs, requestSession() as RequestHandler]) {
        const visitor = (await site(t, acts, { middleware })).visitor();
        const own: string[] = [];
        for (const path of asked)
          own.push((await askAs(visitor, path)).replace(/"cookie":\{[^}]*\},?|"cookie",?/g, ''));
        said.push(own);
      }
      assert.deepEqual(said[1], said[0]);
    });
});
