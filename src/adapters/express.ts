/** `bulwark/express`: the layer on Express 5. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Policy, PolicyOptions } from '../policy/policy.ts';
import { protect, type Protector } from '../node/protector.ts';
import { type View, viewOf } from '../layer/view.ts';
import { agreeOnClient } from '../node/agreed-client.ts';
import { watchErrors } from '../node/express-errors.ts';

export type { Protector } from '../node/protector.ts';
export type { RequestListener, TlsOptions } from '../node/server.ts';
export type { View } from '../layer/view.ts';

/** {@link bulwark}, with {@link View} of a request at `bulwark.of`. */
export interface ExpressBulwark {
  (policy?: PolicyOptions | Policy): Protector;
  /** What the layer knows of a request. */
  of(request: IncomingMessage): View;
}

const HARDENED =
  'layer.createServer(app), or where something else makes the server, layer.secure(server) before it listens (NestJS: layer.secure(app.getHttpServer()))';
const FIX = 'mount it before every route, with app.use(layer)';

interface WithLocals extends ServerResponse {
  locals?: Record<string, unknown>;
}

/**
 * Makes the layer for Express. `layer.createServer(app)` judges a request before the application hears of it, and so does
 * `app.listen()` where the layer was mounted before. Mount it first all the same: what stands above it in the application
 * is judged, but finds no view in `res.locals`. Templates find the view of their request as `bulwark`
 * (`res.locals.bulwark`): `bulwark.nonce`, `bulwark.csrfToken`, `bulwark.principal`. `req.ip`, `req.ips` (the
 * client, where a proxy named it), `req.protocol` and `req.secure` say what the layer found, by the policy's `proxy` and not by the
 * application's `trust proxy`; `req.host` and
 * `req.hostname` are of the `Host` line. So they are in every application of the same copy of Express that the request
 * enters on its way.
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
    const protector = protect(policy, {
      hardened: HARDENED,
      // A parameter of path-to-regexp has one character at least.
      router: { emptyParameters: false },
      leadsHere: (listener) => {
        if (!isMountedIn(listener, middleware, protector)) return false;
        // What stands above the layer is asked before it is called.
        agree(listener as Application);
        return true;
      },
    });
    let agreed: object | undefined;
    const agree = (application: Application | undefined): void => {
      if (application === undefined || application === agreed) return;
      agreed = application;
      const { request } = application;
      if (typeof request === 'object' && request !== null) agreeOnAll(request);
    };
    const middleware = (
      request: IncomingMessage & { readonly app?: Application },
      response: WithLocals,
      next: (error?: unknown) => void,
    ): void => {
      agree(request.app);
      protector(request, response, () => {
        if (response.locals !== undefined) response.locals['bulwark'] = viewOf(request, FIX);
        watchErrors(request);
        next();
      });
    };
    return Object.assign(middleware, protector);
  },
  { of: (request: IncomingMessage): View => viewOf(request, FIX) },
);

/**
 * A request inherits from the application that it is in. One that a Router mounts, or that is called by hand (a virtual
 * host), has no tie to the one with the layer, and where it passes on, its kind of request stays: what all applications of
 * this copy of Express inherit from has to agree too. Elsewhere, no request has a view, and nothing changes.
 */
function agreeOnAll(own: object): void {
  for (
    let at: object | null = own;
    at !== null && 'ip' in at;
    at = Object.getPrototypeOf(at) as object | null
  )
    agreeOnClient(at, (one) => one);
}

/** An Express application: what its requests inherit from. */
interface Application {
  readonly request?: unknown;
}

/** An Express application, as far as it tells what is mounted in it. */
interface Mounting {
  readonly router?: { readonly stack?: readonly Mounted[] };
  /** Express 4, where reading `router` throws. */
  readonly _router?: { readonly stack?: readonly Mounted[] };
}

interface Mounted {
  readonly handle?: unknown;
  /** Set by `app.use(handle)`, which is at every path. */
  readonly slash?: boolean;
  readonly regexp?: { readonly fast_slash?: boolean };
}

/** Whether an Express application has this middleware at its top, at every path. */
function isMountedIn(listener: unknown, middleware: unknown, protector: Protector): boolean {
  if (typeof listener !== 'function') return false;
  const application = listener as Mounting;
  const router =
    '_router' in application || 'lazyrouter' in application ? application._router : application.router;
  return (
    router?.stack?.some(
      ({ handle, slash, regexp }) =>
        (handle === middleware || isWrapped(handle, protector)) &&
        (slash === true || regexp?.fast_slash === true),
    ) ?? false
  );
}

/**
 * Tracers (OpenTelemetry, and what builds on it) put a function of their own in the place of each handle that is
 * mounted. They hand on what hangs on it, which is of one layer alone.
 */
function isWrapped(handle: unknown, { counts }: Protector): boolean {
  return typeof handle === 'function' && (handle as Partial<Protector>).counts === counts;
}
