/** `bulwark/express`: the layer on Express 5. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Policy, PolicyOptions } from '../config/policy.ts';
import { CREATE_SERVER, protect, type Protector } from '../host/protector.ts';
import { type View, viewOf } from '../host/view.ts';

export type { Protector } from '../host/protector.ts';
export type { RequestListener, TlsOptions } from '../host/server.ts';
export type { View } from '../host/view.ts';

/** {@link bulwark}, with {@link View} of a request at `bulwark.of`. */
export interface ExpressBulwark {
  (policy?: PolicyOptions | Policy): Protector;
  /** What the layer knows of a request. */
  of(request: IncomingMessage): View;
}

const FIX = 'mount it before every route, with app.use(layer)';

interface WithLocals extends ServerResponse {
  locals?: Record<string, unknown>;
}

/**
 * Makes the layer for Express. Mount it first. Templates find the view of their request as `bulwark`
 * (`res.locals.bulwark`): `bulwark.nonce`, `bulwark.csrfToken`, `bulwark.principal`.
 *
 * @example
 * ```ts
 * const layer = bulwark(policy);
 * const app = express();
 * app.use(layer);
 * layer.createServer(app).listen(3000);
 * ```
 * @throws PolicyError with every problem of the policy
 */
export const bulwark: ExpressBulwark = Object.assign(
  (policy: PolicyOptions | Policy = {}): Protector => {
    // A parameter of path-to-regexp has one character at least.
    const protector = protect(policy, CREATE_SERVER, { emptyParameters: false });
    const middleware = (
      request: IncomingMessage,
      response: WithLocals,
      next: (error?: unknown) => void,
    ): void => {
      protector(request, response, () => {
        if (response.locals !== undefined) response.locals['bulwark'] = viewOf(request, FIX);
        next();
      });
    };
    return Object.assign(middleware, protector);
  },
  { of: (request: IncomingMessage): View => viewOf(request, FIX) },
);
