/** Strongroom as an Express application: the layer first, then the pages of accounts and the routes, then the pages for what went wrong. */
import { BulwarkError } from 'bulwark';
import { accountPages } from 'bulwark/account-pages';
import { Accounts } from 'bulwark/accounts';
import { consolePages } from 'bulwark/console';
import { bulwark, type Protector } from 'bulwark/express';
import { Uploads } from 'bulwark/uploads';
import express, { type ErrorRequestHandler, type Express } from 'express';
import type { NotesStore } from './notes-store.ts';
import { type Message, type Pages, PUBLIC } from './pages.ts';
import { filesRoutes } from './routes/files.ts';
import { healthRoutes } from './routes/health.ts';
import { homeRoutes } from './routes/home.ts';
import { meRoutes } from './routes/me.ts';
import { notesRoutes } from './routes/notes.ts';
import { sharesRoutes } from './routes/shares.ts';

/** What the application is made of, beside the layer. */
export interface Rooms {
  readonly notes: NotesStore;
  readonly pages: Pages;
}

/** What routes are made of. */
export interface Strongroom extends Rooms {
  readonly accounts: Accounts;
  readonly uploads: Uploads;
}

const YEAR_MS = 365 * 24 * 60 * 60 * 1000;

const NOT_FOUND: Message = {
  status: 404,
  title: 'There is no such page',
  text: 'It may have been deleted, or the address has a slip in it.',
  link: { href: '/', text: 'Go to the start page' },
};
const UNAVAILABLE: Message = {
  status: 503,
  title: 'Back in a moment',
  text: 'What you asked for is in our records, and they do not answer right now. Nothing is lost. Try again in a few seconds.',
  link: { href: '/', text: 'Go to the start page' },
};
const SESSION_OVER: Message = {
  status: 401,
  title: 'You are signed out',
  text: 'Your session ended while you were at it. Sign in again, and repeat what you did.',
  link: { href: '/login', text: 'Sign in again' },
};
const UNREADABLE: Message = {
  status: 400,
  title: 'We could not read that',
  text: 'What your browser sent did not arrive in a form we understand. Go back and send it again.',
  link: { href: '/', text: 'Go to the start page' },
};
const FAILED: Message = {
  status: 500,
  title: 'Something went wrong here',
  text: 'It is not your doing, and it has been noted. Try again in a moment.',
  link: { href: '/', text: 'Go to the start page' },
};

/** Puts the application together. It listens nowhere yet. */
export function makeApp(layer: Protector, policy: { readonly console: unknown }, rooms: Rooms): Express {
  const strongroom: Strongroom = {
    ...rooms,
    accounts: Accounts.of(layer),
    uploads: Uploads.of(layer),
  };
  const app = express();
  app.disable('etag');
  app.set('query parser', 'simple');

  // Before everything, so that static files and pages that do not exist are under the policy too.
  app.use(layer);
  app.use(
    '/static',
    express.static(PUBLIC, { maxAge: YEAR_MS, immutable: true, index: false, redirect: false }),
  );
  app.use(accountPages(layer, { layout: strongroom.pages.frame }));
  if (policy.console !== undefined) app.use(consolePages(layer));
  app.use(express.urlencoded({ extended: false, limit: '64kb', parameterLimit: 20 }));

  app.use(healthRoutes());
  app.use(homeRoutes(strongroom));
  app.use(notesRoutes(strongroom));
  app.use(filesRoutes(strongroom));
  app.use(sharesRoutes(strongroom));
  app.use(meRoutes(strongroom));

  app.use(async (req, res) => {
    await strongroom.pages.say(req, res, NOT_FOUND);
  });
  app.use(showFailure(strongroom.pages));
  return app;
}

function showFailure(pages: Pages): ErrorRequestHandler {
  return async (error: unknown, req, res, next) => {
    if (res.headersSent) {
      next(error);
      return;
    }
    // The client left the queue, or the building: nobody waits for an answer.
    if (res.closed) return;
    const message = messageFor(error);
    if (message === UNAVAILABLE) res.set('Retry-After', '5');
    if (message === UNAVAILABLE) bulwark.of(req).audit('sys_store_unavailable', { error });
    if (message === FAILED) bulwark.of(req).audit('sys_crash', { error });
    await pages.say(req, res, message);
  };
}

function messageFor(error: unknown): Message {
  if (error instanceof BulwarkError) {
    if (error.code === 'ERR_BULWARK_SESSION_OVER') return SESSION_OVER;
    if (error.code === 'ERR_BULWARK_STORE_DOWN') return UNAVAILABLE;
    if (error.code === 'ERR_BULWARK_BODY_TOO_LARGE') return { ...UNREADABLE, status: 413 };
  }
  // A body parser says by `status` what was wrong with the request; everything else is ours.
  const status: unknown = error instanceof Error && 'status' in error ? error.status : undefined;
  return typeof status === 'number' && status >= 400 && status < 500 ? { ...UNREADABLE, status } : FAILED;
}
