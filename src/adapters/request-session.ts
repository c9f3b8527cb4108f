/** `bulwark/request-session`: the layer's session as `req.session`, for packages that look for one there. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { BulwarkError } from '../core/errors.ts';
import { ToldOnce } from '../core/told-once.ts';
import { holdAnswer } from '../node/held-answer.ts';
import { goesOnWithout } from '../node/late-session.ts';
import { SessionOfRequest } from '../node/session-of-request.ts';

export type { RequestSession, SessionCallback } from '../node/session-of-request.ts';

/** Middleware of Express. */
export type RequestSessionMiddleware = (
  request: IncomingMessage,
  response: ServerResponse,
  next: (error?: unknown) => void,
) => void;

/**
 * The session of the layer as `req.session`, as express-session has it: for passport, connect-flash and code that keeps its
 * values there. Mount it where `session({ ... })` was, behind the layer. Who signs in by passport is signed in by the
 * layer, under a new id: `bulwark.of(req).principal` is the account that `serializeUser` handed over, a text, a number, or the
 * `id` of an object that has nothing else. Whoever `deserializeUser` finds no more is signed out.
 *
 * A session is looked at when it is asked for, and an answer waits for what changed. A session that begins once the head has
 * left is not stored, and the log says so once for each route. There is no `req.sessionID` and no
 * `req.session.cookie`: whoever reads one gets an error that says what to use.
 *
 * @example
 * ```ts
 * const app = express();
 * app.use(layer);
 * app.use(requestSession());
 * app.use(passport.session());
 * ```
 */
export function requestSession(): RequestSessionMiddleware {
  const told = new ToldOnce();
  return (request, response, next) => {
    const own = new SessionOfRequest(request);
    const property = { configurable: true, enumerable: true };
    Object.defineProperty(request, 'session', {
      ...property,
      get: () => own.current(),
      set: (value: unknown) => {
        own.replace(value);
      },
    });
    for (const name of ['sessionID', 'sessionStore'])
      Object.defineProperty(request, name, { configurable: true, get: () => noSuch(`req.${name}`) });
    holdAnswer(response, {
      before: () => own.settle(),
      failed: next,
      goesOn: (error) => goesOnWithout(request, error, told),
    });
    next();
  };
}

/** An id that others know is one that opens the session, and a store that others know is one that lists all of them. */
function noSuch(name: string): never {
  throw new BulwarkError(
    'ERR_BULWARK_INVALID_ARGUMENT',
    `${name}: no handler has it. bulwark.of(req).requestId is for a log, and a value of your own for whoever else asks for an id.`,
  );
}
